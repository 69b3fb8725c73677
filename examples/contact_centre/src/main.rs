//! `cargo run -p contact-centre`: starts the service, and says where it is.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

use contact_centre::bank::Records;
use contact_centre::keys::random_text;
use contact_centre::service::{Options, start};
use contact_centre::{Fault, script, vault};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
A contact centre to look at: the customer's phone, the agent's desktop, and what is kept of both.

  contact-centre [OPTIONS]

  --port PORT         of the page (8787)
  --vault-port PORT   of the vault (8788)
  --issuer-port PORT  of the bank that issued the card, which asks its customer (8789)
  --data FOLDER       keeps keys and records there; without it, in a temporary folder that is deleted at the end
  --redis URL         the bank's records in Redis or Valkey (needs the feature `servers`)
  --postgres URL      the bank's records in PostgreSQL (needs the feature `servers`)
  --check             plays all stories once, prints what happened, and ends
";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some("vault") => vault::run().await,
        Some("--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        _ => run(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("contact-centre: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// What was asked for on the command line.
struct Asked {
    options: Options,
    check: bool,
    /// To be deleted at the end.
    temporary: Option<PathBuf>,
}

fn asked(arguments: Vec<String>) -> Result<Asked, Fault> {
    let name = format!("contact-centre-{}", random_text::<12>()?);
    let folder = std::env::temp_dir().join(name);
    let mut asked = Asked {
        options: Options {
            port: 8787,
            vault_port: 8788,
            issuer_port: 8789,
            folder: folder.clone(),
            records: Records::Embedded,
            program: std::env::current_exe()?,
            visits: 60,
        },
        check: false,
        temporary: Some(folder),
    };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--check" => {
                asked.check = true;
                (asked.options.port, asked.options.vault_port) = (0, 0);
                asked.options.issuer_port = 0;
            }
            "--port" => asked.options.port = value()?.parse()?,
            "--vault-port" => asked.options.vault_port = value()?.parse()?,
            "--issuer-port" => asked.options.issuer_port = value()?.parse()?,
            "--visits" => asked.options.visits = value()?.parse()?,
            "--data" => {
                asked.options.folder = value()?.into();
                asked.temporary = None;
            }
            #[cfg(feature = "servers")]
            "--redis" => asked.options.records = Records::Redis(value()?),
            #[cfg(feature = "servers")]
            "--postgres" => asked.options.records = Records::Postgres(value()?),
            #[cfg(not(feature = "servers"))]
            "--redis" | "--postgres" => {
                return Err("run it with --features servers for that".into());
            }
            _ => return Err(format!("{argument} is not known; --help says what is").into()),
        }
    }
    Ok(asked)
}

async fn run(arguments: Vec<String>) -> Result<(), Fault> {
    let asked = asked(arguments)?;
    if let Some(folder) = &asked.temporary {
        // New, and its owner's alone: others may write to the folder around it.
        std::fs::DirBuilder::new().mode(0o700).create(folder)?;
    }
    let done = serve(&asked).await;
    if let Some(folder) = asked.temporary {
        let _ = std::fs::remove_dir_all(folder);
    }
    done
}

async fn serve(asked: &Asked) -> Result<(), Fault> {
    let running = start(&asked.options).await?;
    if asked.check {
        return script::check(&running.host, &running.vault).await;
    }
    let end = if asked.temporary.is_some() { "; nothing is left behind" } else { "" };
    // Whoever started it may not read on.
    let _ = writeln!(
        std::io::stdout(),
        "Open   http://{}\n\
         Vault  http://{}\n\
         Click  \u{201c}Book a callback\u{201d} on the phone: the guide says what comes next, and why.\n\
         Stop   Ctrl-C{end}",
        running.host,
        running.vault,
    );
    let mut asked_to_end = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = asked_to_end.recv() => Ok(()),
    }
}

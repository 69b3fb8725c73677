//! The command-line examples, built for the tests of them.

use std::path::PathBuf;
use std::process::Command;

/// The example `name`, built beside this test. Which ways of running tests build it as a program
/// differs, and one that is there may be out of date, so it is built here; when that has been done
/// already it takes a moment.
pub(crate) fn example(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let directory = here.parent().and_then(|deps| deps.parent()).unwrap();
    let profile = match directory.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        other => other,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name, "--profile", profile, "--target-dir"])
        .arg(directory.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    directory.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

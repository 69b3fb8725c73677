//! What the server has in its books: its own lists, read past the vault and its adapter.

use std::io::Write;
use std::net::TcpStream;

use serde_json::Value;

use crate::Outcome;
use crate::proxy::message;

/// The server's books.
pub(crate) struct Books(u16);

/// What the server has of one payment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Charges that took money, or hold some.
    pub(crate) charges: usize,
    /// Charges that were made and undone again, before anybody was told of them.
    pub(crate) undone: usize,
    /// Charges that were declined: a scheme does not want to be asked again for nothing.
    pub(crate) declined: usize,
    /// Money taken, and not given back.
    pub(crate) kept: u64,
    /// Money held.
    pub(crate) held: u64,
    /// Refunds by the name of an act that stands beside them.
    pub(crate) refunds: usize,
}

impl Books {
    pub(crate) const fn new(port: u16) -> Self {
        Self(port)
    }

    /// Asks the server itself.
    pub(crate) fn ask(&self, method: &str, path: &str, form: &str) -> Outcome<Value> {
        let mut to = TcpStream::connect(("127.0.0.1", self.0))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk_test_12345\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{form}",
            form.len()
        );
        to.write_all(head.as_bytes())?;
        let answer = message(&mut to).ok_or("the server did not answer")?;
        let body = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no answer")?;
        Ok(serde_json::from_slice(&answer[body + 4..]).unwrap_or_default())
    }

    fn list(&self, name: &str) -> Outcome<Vec<Value>> {
        let list = self.ask("GET", &format!("/v1/{name}?limit=1000000"), "")?;
        list["data"].as_array().cloned().ok_or_else(|| "no list".into())
    }

    /// What stands there of the payment of this amount: each payment here has its own.
    pub(crate) fn of(&self, amount: u64) -> Outcome<Account> {
        let mut account = Account::default();
        for charge in self.list("charges")?.iter().filter(|charge| charge["amount"] == amount) {
            let refunds = charge["refunds"]["data"].as_array().map_or(0, Vec::len);
            let back = charge["amount_refunded"].as_u64().unwrap_or_default();
            let undone = !charge["metadata"]["reversed"].is_null();
            match (charge["status"].as_str(), charge["captured"] == true) {
                (Some("failed"), _) => account.declined += 1,
                _ if undone => {
                    if back != amount {
                        return Err(format!("undone, and {back} of {amount} given back").into());
                    }
                    account.undone += 1;
                }
                (Some("succeeded"), true) => {
                    account.charges += 1;
                    // What was given back beyond what was taken would be missing here.
                    account.kept += amount.checked_sub(back).ok_or("more given back than taken")?;
                    account.refunds += refunds;
                }
                _ if back < amount => {
                    account.charges += 1;
                    account.held += amount;
                }
                _ => account.refunds += refunds,
            }
        }
        Ok(account)
    }

    /// Checks what must hold over all of them: no act stands there twice.
    pub(crate) fn all(&self) -> Outcome<()> {
        let mut acts = std::collections::BTreeSet::new();
        for refund in self.list("refunds")? {
            let act = (refund["metadata"]["act"].to_string(), refund["charge"].to_string());
            if act.0 != "null" && !acts.insert(act) {
                return Err(format!("done twice: {refund}").into());
            }
        }
        Ok(())
    }
}

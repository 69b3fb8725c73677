//! A code on its way to the customer's number, and the message around it.

use zeroize::Zeroizing;

use crate::otp::Code;
use crate::values::transaction::{Transaction, TransactionKind};

/// A code for the host to send to the customer's number. Not for agents.
///
/// ```compile_fail,E0277
/// fn send_to_desktop<T: countersign::AgentSafe>(value: &T) {}
///
/// fn desktop(delivery: &countersign::step_up::Delivery) {
///     send_to_desktop(delivery);
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Behind a pointer: futures that hold it are moved and dropped without a wipe.
    pub(crate) code: Box<Code>,
    pub(crate) transaction: Transaction,
}

impl Delivery {
    /// The whole text of the message: it names amount and payee (PSD2 RTS Art. 5).
    #[must_use]
    pub fn message(&self) -> Zeroizing<String> {
        let what = self.transaction.to_string();
        // Of its full size at once: a text that grows leaves its beginning behind, which is the code.
        let parts = [
            self.code.expose(),
            " approves: ",
            &what,
            ". Enter it in the app only. We never ask you to tell us a code.",
        ];
        Zeroizing::new(parts.concat())
    }

    /// What the code approves, for the host to choose its text by.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// The host's own text in any language, written for transactions of this `kind`, so that no payee or reference
    /// can pass off one kind as another: `template` with `{code}`, `{amount}`, `{payee}` and `{reference}`
    /// filled in, of which it must name the first three (PSD2 RTS Art. 5). The code may stand twice, so that
    /// the last line can be the one that browsers read (WebOTP):
    ///
    /// ```no_run
    /// use countersign::transaction::TransactionKind;
    ///
    /// # fn example(delivery: &countersign::step_up::Delivery) -> Result<(), Box<dyn std::error::Error>> {
    /// let text = delivery.fill(
    ///     TransactionKind::Transfer,
    ///     "{code} bestätigt {amount} an {payee}. Nennen Sie den Code niemandem.\n\n@bank.example #{code}",
    /// )?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TemplateError`].
    pub fn fill(
        &self,
        kind: TransactionKind,
        template: &str,
    ) -> Result<Zeroizing<String>, TemplateError> {
        if kind != self.transaction.kind {
            return Err(TemplateError::AnotherKind);
        }
        let (amount, payee) = (self.transaction.amount_text(), self.transaction.payee.as_str());
        let (mut parts, mut named) = (Vec::new(), [false; 3]);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(TemplateError::UnknownName)?;
            let value = match name {
                "code" => self.code.expose(),
                "amount" => amount.as_str(),
                "payee" => payee,
                "reference" => self.transaction.reference.as_str(),
                _ => return Err(TemplateError::UnknownName),
            };
            let required = ["code", "amount", "payee"];
            for (seen, _) in named.iter_mut().zip(required).filter(|(_, one)| *one == name) {
                *seen = true;
            }
            if before.contains('}') {
                return Err(TemplateError::UnknownName);
            }
            parts.extend([before, value]);
            rest = after;
        }
        if rest.contains('}') {
            return Err(TemplateError::UnknownName);
        }
        parts.push(rest);
        if named != [true; 3] {
            return Err(TemplateError::NotNamed);
        }
        // Of its full size at once, as above.
        Ok(Zeroizing::new(parts.concat()))
    }
}

/// Why a template cannot be filled. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// There is no such name, or a brace is open.
    #[error(
        "a template has the names {{code}}, {{amount}}, {{payee}} and {{reference}}, and no other braces"
    )]
    UnknownName,
    /// The template is written for another kind of transaction.
    #[error("the template is for another kind of transaction")]
    AnotherKind,
    /// It must say what the code is for.
    #[error("a template must name {{code}}, {{amount}} and {{payee}}")]
    NotNamed,
}

//! A code on its way to the customer's number, and the message around it.

use zeroize::Zeroizing;

use crate::otp::Code;
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::action::name::ActionKind;
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
    pub(crate) what: Approvable,
    /// The same as the customer reads it.
    pub(crate) in_words: String,
}

impl Delivery {
    /// The whole text of the message: it names amount and payee (PSD2 RTS Art. 5), or all fields of the action.
    #[must_use]
    pub fn message(&self) -> Zeroizing<String> {
        // Of its full size at once: a text that grows leaves its beginning behind, which is the code.
        let parts = [
            self.code.expose(),
            " approves: ",
            &self.in_words,
            ". Enter it in the app only. We never ask you to tell us a code.",
        ];
        Zeroizing::new(parts.concat())
    }

    /// What the code approves, for the host to choose its text by; `None` if it is an action.
    #[must_use]
    pub const fn transaction(&self) -> Option<&Transaction> {
        self.what.transaction()
    }

    /// The action that the code approves; `None` if it is a transaction.
    #[must_use]
    pub const fn action(&self) -> Option<&ActionDetails> {
        self.what.action()
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
        let transaction = self.what.transaction().filter(|of| of.kind == kind);
        let transaction = transaction.ok_or(TemplateError::AnotherKind)?;
        let (payee, reference) = (transaction.payee.as_str(), transaction.reference.as_str());
        let amount = transaction.amount_text();
        let names = [
            ("amount", amount.as_str(), true),
            ("payee", payee, true),
            ("reference", reference, false),
        ];
        self.filled(template, &names)
    }

    /// The same for an action of this `kind`: `template` with `{code}` and the names of its fields, of which it must
    /// name all but digests, and digests too if it has nothing else.
    ///
    /// # Errors
    ///
    /// [`TemplateError`].
    pub fn fill_action(
        &self,
        kind: &ActionKind,
        template: &str,
    ) -> Result<Zeroizing<String>, TemplateError> {
        let action = self.what.action().filter(|of| of.kind() == kind);
        let action = action.ok_or(TemplateError::AnotherKind)?;
        // A message must say what the code is for.
        let readable = action.fields().iter().any(|field| field.value.to_read().is_some());
        let shown: Vec<_> = action
            .fields()
            .iter()
            .map(|field| {
                let must = !readable || field.value.to_read().is_some();
                (field.name.as_str(), field.value.to_string(), must)
            })
            .collect();
        let names: Vec<_> =
            shown.iter().map(|(name, value, must)| (*name, value.as_str(), *must)).collect();
        self.filled(template, &names)
    }

    /// `template` with the code and what stands under these names, of which some must be named.
    fn filled(
        &self,
        template: &str,
        names: &[(&str, &str, bool)],
    ) -> Result<Zeroizing<String>, TemplateError> {
        let (mut parts, mut named) = (Vec::new(), vec!["code"; 0]);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(TemplateError::UnknownName)?;
            let value = match names.iter().find(|(known, ..)| *known == name) {
                _ if name == "code" => self.code.expose(),
                Some((_, value, _)) => value,
                None => return Err(TemplateError::UnknownName),
            };
            named.push(name);
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
        let must = names.iter().filter(|(.., must)| *must).map(|(name, ..)| *name);
        if !must.chain(["code"]).all(|name| named.contains(&name)) {
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
        "a template has the names {{code}}, {{amount}}, {{payee}} and {{reference}}, or {{code}} and those of the action's fields, and no other braces"
    )]
    UnknownName,
    /// The template is written for another kind of transaction.
    #[error("the template is for another kind of transaction")]
    AnotherKind,
    /// It must say what the code is for.
    #[error("a template must name {{code}}, {{amount}} and {{payee}}, or {{code}} and all fields")]
    NotNamed,
}

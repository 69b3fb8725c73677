//! A card under a payment request: opened, handed to the acquirer once, and what came of it.

use core::time::Duration;
use std::sync::OnceLock;

use crate::card::{Card, CardToken, OpeningKey, SealedCard, StoredCard};
use crate::codec::cbor as body;
use crate::crypto::pae;
use crate::engine::{RecordRef, Stored};
use crate::error::{Error, Reason, Refused};
use crate::history::ceremony::CeremonyHistory;
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::reference::Reference;
use crate::payment::request::Receipt;
use crate::payment::token::{MAX_RECEIPT_LIFETIME, PaymentRequestData};
use crate::store::Place;
use crate::token::{Claims, Leeway, TokenId, UntrustedToken};
use crate::values::id::{CustomerId, IdempotencyKey, PaymentId};
use crate::values::time::Timestamp;
use crate::vault::acquirer::Said;
use crate::vault::charge::rules::{Begin, Begun, Conclude};
use crate::vault::charge::state::{ChargeState, Terms};
use crate::vault::{Acquirer, AcquirerAnswer, Authorisation, Binding, Found, Sought, Vault};

/// The acquirer is asked within this part of
/// [`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within) after a payment was
/// noted, or not at all.
const ASKED_WITHIN: u64 = 12;

/// What came of a payment.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paid {
    /// For the enterprise, which settles the payment with it, and for whoever may see it.
    pub receipt: Receipt,
    /// What stands for the card from now on, if the payment was authorised: for the enterprise's back end
    /// alone. (If the card itself could not be kept, because the process that charged it died and the
    /// device never repeated its call, there is none.)
    pub card_token: Option<CardToken>,
}

/// A genuine payment request.
pub(super) struct Request {
    claims: Claims<PaymentRequestData>,
    customer: CustomerId,
}

impl Request {
    fn payment(&self) -> PaymentId {
        self.claims.data().payment
    }
}

impl Vault {
    /// The customer's device pays: with the payment request as it got it, and the card that it sealed for
    /// it.
    ///
    /// The request is verified, the payment noted, the acquirer asked, the outcome noted, and the card
    /// kept under its token. Repeating the call with the very same sealed card gives the first result
    /// again, or finds out what became of it; the card is charged at most once. What is not known to have
    /// ended well or ill is [`ChargeOutcome::Unresolved`]: repeat the call, or
    /// [`reconcile`](Self::reconcile).
    ///
    /// Run it to its end: a web server that drops the handler when the phone hangs up throws away the
    /// acquirer's answer, so give it a task of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine or has expired, the card was sealed for another
    /// request or key, or another card was given for this request. [`Error::Busy`] while another call is
    /// asking the acquirer: repeat it a little later. [`Error::Store`], [`Error::Record`],
    /// [`Error::Clock`] and [`Error::Random`] decide nothing: repeating the call finds out.
    pub async fn pay<A: Acquirer>(
        &self,
        request: &str,
        sealed: &SealedCard,
        acquirer: &A,
    ) -> Result<Paid, Error> {
        let engine = &self.0.engine;
        let (text, request) = (request, self.request(request)?);
        let of = self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
        let key = self.opening_key(&request).await?;
        let card_token = CardToken::generate(&*engine.random)?;
        // Opened once at most, and only if it is needed: what has ended needs no verification code.
        let opened = OnceLock::new();
        let open = || {
            let card = || key.as_ref()?.open(sealed, text).ok();
            opened.get_or_init(card).as_ref().ok_or(Reason::CannotOpen)
        };
        let made = || open().map(|card| self.charge(&request, sealed, card, card_token.copy()));
        let begin = Begin { request: request.claims.id(), digest: sealed.digest(), made: &made };
        let (begun, charge) = engine.run(&of, &begin).await?;
        let kept = || open().ok().map(StoredCard::of);
        if begun == Begun::Ended {
            return self.paid(&of, charge, true, kept).await;
        }
        // The store took so long that another call may soon find nothing and charge.
        let late = matches!(begun, Begun::First | Begun::Again) && self.is_late(&charge)?;
        let card = opened.get().and_then(Option::as_ref);
        let outcome = match (begun, card) {
            (Begun::Ended | Begun::Busy, _) => return Err(Error::Busy),
            (Begun::First, _) if late && self.is_lost(&of, &charge, acquirer).await? => {
                // Nobody will be able to find out that the acquirer was never asked.
                ChargeOutcome::Declined(DeclineReason::NotCharged)
            }
            _ if late => return Err(Error::Busy),
            (Begun::First, Some(card)) => self.authorise(&of, &charge, card, acquirer).await,
            (Begun::Again, Some(card)) => match self.find(&of, &charge, acquirer).await {
                Found::Answered(answer) => shown(answer, &charge),
                Found::Unknown if !A::HONOURS_KEYS => ChargeOutcome::Unresolved,
                // So did the acquirer, before it said so.
                Found::Nothing | Found::Unknown if self.is_late(&charge)? => {
                    return Err(Error::Busy);
                }
                Found::Nothing | Found::Unknown => {
                    self.authorise(&of, &charge, card, acquirer).await
                }
            },
            (Begun::InDoubt { certain }, _) => self.found(&of, &charge, certain, acquirer).await,
            // Neither is decided without a card in hand.
            (Begun::First | Begun::Again, None) => return Err(Refused.into()),
        };
        // The authorisation has ended, one way or the other: from here on there is no verification code.
        let card = opened.into_inner().flatten().map(|card| StoredCard::of(&card));
        let charge = engine.run(&of, &Conclude { asked: &charge, outcome }).await?;
        self.paid(&of, charge, false, || card).await
    }

    /// The receipt for a payment request as things stand, for an enterprise that got none: `None` if the
    /// vault has not taken a card under it. Once the request has expired, none will be.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine; [`Error::Store`], [`Error::Record`],
    /// [`Error::Clock`].
    pub async fn receipt(&self, request: &str) -> Result<Option<Receipt>, Error> {
        let request = self.request(request)?;
        let of = self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
        let noted = self.noted(&of, &request).await?;
        noted.map(|loaded| self.signed(&of, &loaded.body.state)).transpose()
    }

    /// The card token of an authorised payment, for an enterprise to which [`Paid`] was lost: `None` if the payment was
    /// not authorised, or there is no record of the card. The token may have been used up or revoked since, as
    /// [`with_card`](Self::with_card) will say. For the enterprise's back end alone.
    ///
    /// # Errors
    ///
    /// As [`receipt`](Self::receipt).
    pub async fn card_token(&self, request: &str) -> Result<Option<CardToken>, Error> {
        let request = self.request(request)?;
        let of = self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
        let Some(loaded) = self.noted(&of, &request).await? else { return Ok(None) };
        let charge = loaded.body.state;
        if !matches!(charge.outcome, Some(ChargeOutcome::Authorised { .. })) {
            return Ok(None);
        }
        let terms = charge.terms;
        let binding = Binding::new(terms.customer, terms.merchant);
        let kept = self.is_kept(&terms.card_token, &binding).await?;
        Ok(kept.then_some(terms.card_token))
    }

    /// What happened to a payment in this vault.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine, or no card was taken under it; otherwise as
    /// [`receipt`](Self::receipt).
    pub async fn payment_history(&self, request: &str) -> Result<CeremonyHistory, Error> {
        let request = self.request(request)?;
        let of = self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
        let loaded = self.noted(&of, &request).await?.ok_or(Refused)?;
        Ok(loaded.body.history.read(crate::history::event::Subject::Charge(request.payment()))?)
    }

    /// What is noted under this very request. If the enterprise lost its row and asked anew, another request's
    /// payment stands in the same place.
    async fn noted(
        &self,
        of: &RecordRef<'_, ChargeState>,
        request: &Request,
    ) -> Result<Option<Stored<ChargeState>>, Error> {
        let found = self.0.engine.read(of).await?.map(|(loaded, _)| loaded);
        Ok(found.filter(|loaded| loaded.body.state.terms.request == request.claims.id()))
    }

    /// What a request says that the enterprise has signed, whether it is still valid or not.
    fn request(&self, token: &str) -> Result<Request, Error> {
        let now = self.0.engine.clock.now()?;
        let leeway = Leeway::new(self.0.engine.policy.leeway).unwrap_or(Leeway::NONE);
        let claims: Claims<PaymentRequestData> = UntrustedToken::parse(token)
            .map_err(|_| Refused)?
            .check_even_expired(&self.0.enterprise, None, now, leeway)
            .map_err(|_| Refused)?;
        let customer = CustomerId::new(claims.audience().as_str()).map_err(|_| Refused)?;
        Ok(Request { claims, customer })
    }

    /// Where a payment stands: among those that were asked for in the same hour, so that the unresolved
    /// ones can be found again.
    pub(super) fn charge_of<'a>(
        &self,
        customer: &'a CustomerId,
        payment: PaymentId,
        requested_at: Timestamp,
    ) -> RecordRef<'a, ChargeState> {
        let owner = self.charges_of(requested_at.unix() / 3600);
        RecordRef::at(Some(customer), Place { owner, id: payment.0 })
    }

    pub(super) fn charges_of(&self, hour: u64) -> [u8; 16] {
        let engine = &self.0.engine;
        engine.keyring.locate(&[
            b"countersign charges v1",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            &hour.to_be_bytes(),
        ])
    }

    /// The key that this request names, if it exists.
    async fn opening_key(&self, request: &Request) -> Result<Option<OpeningKey>, Error> {
        let engine = &self.0.engine;
        let named = request.claims.data().sealing_key.id();
        let clock = engine.clock.now()?;
        let Some((loaded, _)) = engine.read(&self.opening_keys()).await? else {
            return Ok(None);
        };
        let key = loaded.body.state.find(named, &engine.policy, clock);
        Ok(key.and_then(OpeningKey::copy))
    }

    /// What is noted of a payment before the acquirer is asked.
    fn charge(
        &self,
        request: &Request,
        sealed: &SealedCard,
        card: &Card,
        card_token: CardToken,
    ) -> ChargeState {
        let (claims, engine) = (&request.claims, &self.0.engine);
        let data = claims.data();
        let (issued, once) = (claims.issued_at(), data.keep_card_until.is_none());
        let most = engine.policy.payments.card_kept_for;
        let terms = Terms {
            customer: request.customer.clone(),
            merchant: data.merchant.clone(),
            transaction: data.transaction.clone(),
            request: claims.id(),
            requested_at: issued,
            until: claims.expires_at(),
            digest: sealed.digest(),
            brand: card.pan().brand(),
            last_four: card.pan().last_four(),
            card_token,
            token_until: match data.keep_card_until {
                Some(until) => until.min(issued.after(most)),
                None => issued.after(engine.policy.payments.single_use_for),
            },
            once,
        };
        let (since, ended) = (issued, issued);
        let (acknowledged, follow_ups) = (false, Vec::new());
        ChargeState { terms, attempt: 1, since, outcome: None, ended, acknowledged, follow_ups }
    }

    /// Asks the acquirer to authorise; if it does not answer, asks it once what it knows.
    async fn authorise<A: Acquirer>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        card: &Card,
        acquirer: &A,
    ) -> ChargeOutcome {
        let authorisation = Authorisation { payment: self.sought(of, charge), card };
        match acquirer.authorise(&authorisation).await {
            Ok(answer) => shown(answer, charge),
            // It may still be on its way: what is not found now is not known to be uncharged.
            Err(_) => self.found(of, charge, false, acquirer).await,
        }
    }

    /// What the acquirer knows; `certain`: what it does not find was not charged.
    pub(super) async fn found<A: Acquirer>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        certain: bool,
        acquirer: &A,
    ) -> ChargeOutcome {
        match self.find(of, charge, acquirer).await {
            Found::Answered(answer) => shown(answer, charge),
            Found::Nothing if certain => ChargeOutcome::Declined(DeclineReason::NotCharged),
            Found::Nothing | Found::Unknown => ChargeOutcome::Unresolved,
        }
    }

    async fn find<A: Acquirer>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        acquirer: &A,
    ) -> Found {
        acquirer.find(&self.sought(of, charge)).await.unwrap_or(Found::Unknown)
    }

    /// Whether it is too late to ask the acquirer to authorise: its time would go on after another call takes it for
    /// over.
    fn is_late(&self, charge: &ChargeState) -> Result<bool, Error> {
        let engine = &self.0.engine;
        let asked_within = engine.policy.payments.authorise_within.as_secs() / ASKED_WITHIN;
        Ok(charge.since.after(Duration::from_secs(asked_within)) < engine.clock.now()?)
    }

    /// Whether no later call will find out that the acquirer was not asked: it can neither be asked again nor tell,
    /// or nobody may ask it any more.
    async fn is_lost<A: Acquirer>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        acquirer: &A,
    ) -> Result<bool, Error> {
        let over = charge.terms.until <= self.0.engine.clock.now()?;
        let blind = over || !A::HONOURS_KEYS;
        Ok(blind && self.find(of, charge, acquirer).await == Found::Unknown)
    }

    pub(super) fn sought<'a>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &'a ChargeState,
    ) -> Sought<'a> {
        let terms = &charge.terms;
        Sought {
            // The request with it: if the enterprise lost its row, another request has the same id.
            key: self.acquirer_key(&[&of.place.id, terms.request.as_bytes()]),
            customer: &terms.customer,
            merchant: &terms.merchant,
            transaction: &terms.transaction,
        }
    }

    pub(super) fn acquirer_key(&self, of: &[&[u8]]) -> IdempotencyKey {
        let engine = &self.0.engine;
        let named: [&[u8]; 3] = [
            b"countersign idempotency key v1",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
        ];
        IdempotencyKey(engine.keyring.locate(&[&named, of].concat()))
    }

    /// The receipt, and the token if the card is kept or can be kept now. `again`: it may be kept already,
    /// so that it need not be opened.
    async fn paid(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        again: bool,
        card: impl FnOnce() -> Option<StoredCard>,
    ) -> Result<Paid, Error> {
        let receipt = self.signed(of, &charge)?;
        let card_token = match &charge.outcome {
            Some(ChargeOutcome::Authorised { .. }) => self.keep(charge.terms, again, card).await?,
            _ => None,
        };
        Ok(Paid { receipt, card_token })
    }

    async fn keep(
        &self,
        terms: Terms,
        again: bool,
        card: impl FnOnce() -> Option<StoredCard>,
    ) -> Result<Option<CardToken>, Error> {
        let binding = Binding::new(terms.customer, terms.merchant);
        let (token, once, until) = (terms.card_token, terms.once, terms.token_until);
        if again && self.is_kept(&token, &binding).await? {
            return Ok(Some(token));
        }
        let Some(card) = card() else {
            return Ok(self.is_kept(&token, &binding).await?.then_some(token));
        };
        let kept = self.keep_card(&token, &binding, &card, once, until).await?;
        Ok(kept.then_some(token))
    }

    /// The receipt for what is known now: the same as long as that is the same.
    pub(super) fn signed(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
    ) -> Result<Receipt, Error> {
        let engine = &self.0.engine;
        let said = charge.said(PaymentId(of.place.id));
        let id = pae::sha256(&[
            b"countersign receipt id v1",
            charge.terms.request.as_bytes(),
            &charge.ended.unix().to_be_bytes(),
            &body::to_vec(&said.outcome),
        ]);
        // Not much later than it can have ended, though this machine's clock was ahead for a moment: the
        // enterprise takes no receipt from the future.
        let latest = charge.terms.until.after(engine.policy.payments.authorise_within);
        let (id, from) = (TokenId::from_bytes(pae::first(&id)), charge.ended.min(latest));
        let valid_for = engine.policy.retention.min(MAX_RECEIPT_LIFETIME);
        let customer = &charge.terms.customer;
        let token =
            engine.sign(&self.0.signing_key, customer, id, from, valid_for, said.clone())?;
        Ok(Receipt { said, token })
    }
}

/// What of the acquirer's answer may be kept and shown.
fn shown(answer: AcquirerAnswer, charge: &ChargeState) -> ChargeOutcome {
    let card = (charge.terms.brand, charge.terms.last_four);
    match answer.0 {
        Said::Approved { authorisation_code, transaction_id } => ChargeOutcome::Authorised {
            authorisation_code: Reference::of(&authorisation_code, card),
            transaction_id: Reference::of(&transaction_id, card),
        },
        Said::Declined(reason) => ChargeOutcome::Declined(reason),
    }
}

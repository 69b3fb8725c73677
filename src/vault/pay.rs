//! A card under a payment request: opened, handed to the acquirer once, and what came of it.

use serde::{Deserialize, Serialize};

use crate::card::{Attempt, CannotOpen, Card, CardToken, OpeningKey, SealedCard, StoredCard};
use crate::codec::cbor as body;
use crate::crypto::pae;
use crate::engine::trace::call;
use crate::engine::{RecordRef, Stored};
use crate::error::{Error, Invalid, Refused};
use crate::history::ceremony::CeremonyHistory;
use crate::payment::request::Receipt;
use crate::payment::token::{MAX_RECEIPT_LIFETIME, PaymentRequestData};
use crate::store::Place;
use crate::token::{Claims, Leeway, TokenId, UntrustedToken};
use crate::values::card_number::BrandTable;
use crate::values::id::{CustomerId, PaymentId};
use crate::values::now::WallClock;
use crate::values::secret::silent_serde;
use crate::values::time::Timestamp;
use crate::vault::acquirer::{Acquirer, AuthenticationChallenge, KeysHonoured};
use crate::vault::asking::{Asking, Known};
use crate::vault::charge::rules::{Begin, Begun, CameIn};
use crate::vault::charge::state::{ChargeState, Terms};
use crate::vault::charge::under_way::UnderWay;
use crate::vault::reconcile::{CHARGE_GROUPS, HOUR};
use crate::vault::stored_card::Serves;
use crate::vault::{Binding, Vault};

/// What came of a payment.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paid {
    /// For the enterprise, which [applies](crate::payment::Payments::apply_receipt) it, and for whoever may see it.
    pub receipt: Receipt,
    /// What stands for the card from now on, if the payment was authorised: for the enterprise's back end
    /// alone. (If the card itself could not be kept, because the process that charged it died and the
    /// device never repeated its call, there is none.)
    pub card_token: Option<CardToken>,
    /// What the customer's device is to do next, if anything: for that device alone.
    pub next: Option<Next>,
}

/// What the customer's device is to do before a payment can be charged.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Next {
    /// Have the customer authenticate, and then call [`Vault::resume`] with the same sealed card.
    Authenticate(AuthenticationChallenge),
    /// The card was declined, and the customer may try once more, or give up: have them type the code again, seal the same
    /// card as the attempt of this number, and call [`Vault::pay`] with that. Drop the card that was sealed before.
    SealAgain {
        /// The number, for [`VerifiedPayment::seal_again`](crate::device::VerifiedPayment::seal_again).
        attempt: Attempt,
    },
}

silent_serde!(Next: "what a device is to do next");

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

/// What the customer's device sent, and the key that it is to be opened with, if it exists.
struct Given<'a> {
    text: &'a str,
    request: &'a Request,
    sealed: &'a SealedCard,
    key: Option<OpeningKey>,
    ranges: &'a BrandTable,
}

impl Given<'_> {
    fn came_in(&self, lost: Option<Timestamp>, honoured: KeysHonoured) -> CameIn {
        let (request, attempt) = (self.request.claims.id(), self.sealed.attempt());
        CameIn { request, attempt, digest: self.sealed.digest(), lost, honoured, sought: None }
    }

    fn open(&self) -> Result<Card, CannotOpen> {
        // The enterprise's key may sign what it likes; nothing is charged with it then.
        self.request.claims.data().transaction.payable().map_err(|_| CannotOpen)?;
        let key = self.key.as_ref().ok_or(CannotOpen)?;
        let card = key.open_by(self.sealed, self.text, self.ranges)?;
        // What the customer was not shown they have not agreed to.
        let kept = self.request.claims.data().keep_card_until.is_some();
        Ok(if kept { card } else { card.without_stored_credential() })
    }
}

/// What the device says that the customer did since, if it says so.
enum Word<'a> {
    Pays,
    Resumes(Option<&'a str>),
}

impl Vault {
    /// The customer's device pays: with the payment request as it got it, and the card that it sealed for
    /// it. `customer` is who the device's session belongs to.
    ///
    /// The request is verified, the payment noted, the acquirer asked, the outcome noted, and the card
    /// kept under its token. Repeating the call with the very same sealed card gives the first result
    /// again, or finds out what became of it; the card is charged at most once. What is not known to have
    /// ended well or ill is [`ChargeOutcome::Unresolved`](crate::payment::ChargeOutcome::Unresolved): repeat the call, or
    /// [`reconcile`](Self::reconcile). What the device is to do next is in [`Paid::next`].
    ///
    /// Run it to its end: a web server that drops the handler when the phone hangs up throws away the
    /// acquirer's answer, so give it a task of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine, is another customer's, or has expired before a card was given under
    /// it, the card was sealed for another request or key, or another card was given for this request. (A repeated call is
    /// answered after the request's time as well.) [`Error::Busy`] while another call is
    /// asking the acquirer: repeat it a little later. [`Error::Store`], [`Error::Record`],
    /// [`Error::Clock`], [`Error::Random`] and [`Error::Signer`] decide nothing: repeating the call finds out.
    pub async fn pay<A: Acquirer>(
        &self,
        customer: &CustomerId,
        request: &str,
        sealed: &SealedCard,
        acquirer: &A,
    ) -> Result<Paid, Error> {
        call!("vault.pay", self.take(customer, request, sealed, Word::Pays, acquirer))
    }

    /// The customer has done what [`Next::Authenticate`] asked of them: the device gives the same request and sealed card
    /// once more, and perhaps what came back to it (`hint`, such as a challenge response). The hint proves nothing; the
    /// vault asks the acquirer, and has it authorise if the customer authenticated. In between the vault has kept neither
    /// the card's number nor its code.
    ///
    /// It can be repeated as [`pay`](Self::pay) can be. If the customer has not finished, [`Paid::next`] says so once more.
    ///
    /// # Errors
    ///
    /// As [`pay`](Self::pay); [`Error::Acquirer`] if the acquirer does not say whether they authenticated: repeat the call.
    pub async fn resume<A: Acquirer>(
        &self,
        customer: &CustomerId,
        request: &str,
        sealed: &SealedCard,
        hint: Option<&str>,
        acquirer: &A,
    ) -> Result<Paid, Error> {
        call!("vault.resume", self.take(customer, request, sealed, Word::Resumes(hint), acquirer))
    }

    async fn take<A: Acquirer>(
        &self,
        customer: &CustomerId,
        text: &str,
        sealed: &SealedCard,
        word: Word<'_>,
        acquirer: &A,
    ) -> Result<Paid, Error> {
        let request = self.request(text)?;
        if request.customer != *customer {
            return Err(Refused::new().into());
        }
        let of = self.charge_of(customer, request.payment(), request.claims.issued_at());
        let key = self.opening_key(&request).await?;
        let lost = self.lost_until(&request);
        let ranges = &self.0.card_ranges;
        let given = Given { text, request: &request, sealed, key, ranges };
        let asking = Asking { vault: self, of: &of, acquirer, lost };
        let mut came_in = given.came_in(lost, acquirer.honours_keys());
        let (mut begun, mut charge, mut card) = self.begin(&of, &given, came_in).await?;
        let mut known = None;
        if begun == Begun::Sought {
            let found = asking.find(&charge, came_in.attempt, card.as_ref().ok()).await?;
            came_in.sought = Some(found.searched());
            known = Some(found);
            (begun, charge, card) = self.begin(&of, &given, came_in).await?;
        }
        let charge = match (begun, card.as_ref().ok(), known) {
            (Begun::Ended, ..) => {
                let opened = card.ok().map(|card| StoredCard::of(&card));
                return self.paid_before(&of, charge, &given, opened).await;
            }
            (_, _, Some(Known::Heard(heard))) => asking.conclude(&charge, heard).await?,
            (Begun::First | Begun::Anew, Some(card), _) => {
                let heard = asking.authorise_first(&charge, card).await?;
                asking.conclude(&charge, heard).await?
            }
            (Begun::Again, Some(card), _) => {
                let heard = asking.authorise_again(&charge, card).await?;
                asking.conclude(&charge, heard).await?
            }
            (Begun::InDoubt, card, known) => {
                let known = match known {
                    Some(known) => known,
                    None => asking.find(&charge, charge.attempt, card).await?,
                };
                asking.conclude_found(charge, known).await?
            }
            // The process that asked may have died, and the acquirer may know already.
            (Begun::Busy, card, None) => match asking.find(&charge, charge.attempt, card).await? {
                Known::Heard(heard) => asking.conclude(&charge, heard).await?,
                Known::NothingUntil(_) | Known::Unknown => return Err(Error::Busy),
            },
            (Begun::Busy | Begun::Sought, ..) => return Err(Error::Busy),
            (Begun::Authenticating, ..) => match word {
                Word::Pays => charge,
                Word::Resumes(hint) => {
                    card = given.open();
                    asking.resume(charge, card.as_ref().ok(), hint).await?
                }
            },
            (Begun::Abandoned, ..) => asking.abandon(charge).await?,
            (Begun::Undoing, ..) => asking.undo(charge).await?,
            // Neither is decided without a card in hand.
            (Begun::First | Begun::Anew | Begun::Again, None, _) => return Err(Error::Internal),
        };
        // The authorisation has ended, one way or the other: from here on there is no verification code.
        match card.ok().map(|card| StoredCard::of(&card)) {
            Some(card) => self.paid(&of, charge, Some(card)).await,
            // It was not opened, and may be still to be kept.
            None => self.paid_before(&of, charge, &given, None).await,
        }
    }

    /// Until when what was noted of a request may be lost, if the store was restored since.
    fn lost_until(&self, request: &Request) -> Option<Timestamp> {
        let claims = &request.claims;
        self.lost_of(claims.issued_at(), claims.expires_at(), claims.data().authenticate_until)
    }

    /// The same of a request that was issued at `issued`, and under which a card may be given until `until`, and be charged
    /// as late as the customer may authenticate.
    pub(super) fn lost_of(
        &self,
        issued: Timestamp,
        until: Timestamp,
        authenticate_until: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let engine = &self.0.engine;
        let ends = authenticate_until.map_or(until, |late| late.max(until));
        let ends = ends.after(engine.policy.leeway);
        let lost = engine
            .lost
            .filter(|lost| issued < lost.until().after(engine.policy.leeway) && lost.from() < ends);
        lost.map(|lost| lost.until())
    }

    /// Notes that the card has come in, and says what is to be done. The card is opened once at most, before the rule is
    /// asked, and only if it is needed.
    async fn begin(
        &self,
        of: &RecordRef<'_, ChargeState>,
        given: &Given<'_>,
        came_in: CameIn,
    ) -> Result<(Begun, ChargeState, Result<Card, CannotOpen>), Error> {
        let engine = &self.0.engine;
        let card_token = CardToken::generate(&*engine.random)?;
        let mut sealer = engine.sealer(of);
        let seen = engine.look(of, &mut sealer).await?;
        let needed = match &seen.found {
            Some(found) => {
                let cx = engine.context(found, of.place.id, seen.clock);
                came_in.needs_card(Some(&found.body.state), &cx)
            }
            None => true,
        };
        let card = if needed { given.open() } else { Err(CannotOpen) };
        let made = card.as_ref().map_err(|error| *error);
        let made = made.map(|card| self.charge(given.request, given.sealed, card, card_token));
        let (begun, charge) =
            engine.run_on(of, &mut sealer, seen, &Begin { came_in, made }).await?;
        Ok((begun, charge, card))
    }

    /// The receipt for a payment request as things stand, for an enterprise that got none: `None` if the
    /// vault has not taken a card under it. Once the request has expired, none will be.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine; [`Invalid::NotReconciled`] if nothing is noted, and what was
    /// noted may be lost ([`restored_from`](crate::vault::VaultBuilder::restored_from)): ask the acquirer; [`Error::Store`], [`Error::Record`],
    /// [`Error::Clock`], [`Error::Signer`].
    pub async fn receipt(&self, request: &str) -> Result<Option<Receipt>, Error> {
        call!("vault.receipt", async {
            let request = self.request(request)?;
            let of =
                self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
            let noted = self.noted(&of, &request).await?;
            match noted {
                Some(loaded) => Ok(Some(self.signed(&of, &loaded.body.state).await?)),
                // It may have been paid, and that be lost.
                None if self.lost_until(&request).is_some() => Err(Invalid::NotReconciled.into()),
                None => Ok(None),
            }
        })
    }

    /// The card token of an authorised payment, for an enterprise to which [`Paid`] was lost: `None` if the payment was
    /// not authorised, or there is no record of the card. The token may have been used up or revoked since, as
    /// [`with_card`](Self::with_card) will say. For the enterprise's back end alone.
    ///
    /// # Errors
    ///
    /// As [`receipt`](Self::receipt).
    pub async fn card_token(&self, request: &str) -> Result<Option<CardToken>, Error> {
        call!("vault.card_token", async {
            let Some(charge) = self.charge_under(request).await? else { return Ok(None) };
            if !charge.is_authorised() {
                return Ok(None);
            }
            let terms = charge.terms;
            let binding = Binding::new(terms.customer, terms.merchant);
            let kept = self.is_kept(&terms.card_token, &binding).await?;
            Ok(kept.then_some(terms.card_token))
        })
    }

    /// What happened to a payment in this vault.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine, or no card was taken under it; otherwise as
    /// [`receipt`](Self::receipt).
    pub async fn payment_history(&self, request: &str) -> Result<CeremonyHistory, Error> {
        call!("vault.payment_history", async {
            let request = self.request(request)?;
            let of =
                self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
            let loaded = self.noted(&of, &request).await?.ok_or(Refused::new())?;
            Ok(loaded
                .body
                .history
                .read(crate::history::event::Subject::Charge(request.payment()))?)
        })
    }

    /// The payment that is noted under a request.
    pub(super) async fn charge_under(&self, request: &str) -> Result<Option<ChargeState>, Error> {
        let request = self.request(request)?;
        let of = self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
        Ok(self.noted(&of, &request).await?.map(|loaded| loaded.body.state))
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
            .map_err(|_| Refused::new())?
            .check_even_expired(&self.0.enterprise, None, now, leeway)
            .map_err(|_| Refused::new())?;
        let customer = CustomerId::new(claims.audience().as_str()).map_err(|_| Refused::new())?;
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
        let group = self.0.engine.lane(customer) % CHARGE_GROUPS;
        let (lane, owner) = self.charges_of(requested_at.unix() / HOUR, group);
        RecordRef::at(Some(customer), Place { lane, owner, id: payment.0 })
    }

    /// What names the hour of a payment in the ids of its acts, wherever it stands.
    pub(super) fn named_by(&self, requested_at: Timestamp) -> [u8; 16] {
        let engine = &self.0.engine;
        engine.keyring.locate(&[
            b"countersign charges v1",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            &requested_at.unix().div_euclid(HOUR).to_be_bytes(),
        ])
    }

    /// Under which owner, in which lane, the payments of an hour stand, in a few groups: so they are spread
    /// over the lanes, and found with few calls. A payment's own news stay in one lane.
    pub(super) fn charges_of(&self, hour: u64, group: u8) -> (u8, [u8; 16]) {
        let engine = &self.0.engine;
        let owner = engine.keyring.locate(&[
            b"countersign charges v2",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            &hour.to_be_bytes(),
            &[group],
        ]);
        let [lane, ..] = owner;
        (lane, owner)
    }

    /// The key that this request names, if it exists.
    async fn opening_key(&self, request: &Request) -> Result<Option<OpeningKey>, Error> {
        let engine = &self.0.engine;
        let named = request.claims.data().opening_key.key().id();
        let clock = WallClock::shows(engine.clock.now()?);
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
        let issued = claims.issued_at();
        let most = engine.policy.payments.card_kept_for;
        // Both must want it: the enterprise that asks, and the customer who says for what.
        let keep_until = data.keep_card_until.filter(|_| card.stored_credential().is_some());
        let terms = Terms {
            customer: request.customer.clone(),
            merchant: data.merchant.clone(),
            transaction: data.transaction.clone(),
            request: claims.id(),
            requested_at: issued,
            until: claims.expires_at(),
            authenticate_until: data.authenticate_until,
            digest: sealed.digest(),
            fingerprint: self.fingerprint_of(card.pan()),
            brand: card.brand(),
            last_four: card.pan().last_four(),
            card_token,
            token_until: match keep_until {
                Some(until) => until.min(issued.after(most)),
                None => issued.after(engine.policy.payments.single_use_for),
            },
            serves: match keep_until {
                Some(_) => Serves::Again,
                None => Serves::Once,
            },
        };
        ChargeState::new(terms, sealed.attempt())
    }

    /// The token if the card is kept or can be kept now, and the receipt. In this order: what signs may fail, and
    /// this may be the last time that there is a card to keep.
    async fn paid(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        card: Option<StoredCard>,
    ) -> Result<Paid, Error> {
        let kept = charge.is_authorised() && self.keep(&charge.terms, card).await?;
        self.given(of, charge, kept).await
    }

    async fn given(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        kept: bool,
    ) -> Result<Paid, Error> {
        let receipt = self.signed(of, &charge).await?;
        let engine = &self.0.engine;
        let again = charge.takes_another_attempt(&engine.policy, engine.clock.now()?);
        let next = match charge.under_way {
            Some(UnderWay::Authenticating { challenge, .. }) => Some(Next::Authenticate(challenge)),
            _ if again => charge.attempt.next().map(|attempt| Next::SealAgain { attempt }),
            _ => None,
        };
        Ok(Paid { receipt, card_token: kept.then_some(charge.terms.card_token), next })
    }

    /// The same for one that had ended before: the card is opened only if it was not kept then.
    async fn paid_before(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        given: &Given<'_>,
        opened: Option<StoredCard>,
    ) -> Result<Paid, Error> {
        let terms = &charge.terms;
        let binding = Binding::new(terms.customer.clone(), terms.merchant.clone());
        let kept = if !charge.is_authorised() {
            false
        } else if self.is_kept(&terms.card_token, &binding).await? {
            true
        } else {
            let card = opened.or_else(|| given.open().ok().map(|card| StoredCard::of(&card)));
            self.keep(terms, card).await?
        };
        self.given(of, charge, kept).await
    }

    /// Whether the card is kept, now or already.
    async fn keep(&self, terms: &Terms, card: Option<StoredCard>) -> Result<bool, Error> {
        let binding = Binding::new(terms.customer.clone(), terms.merchant.clone());
        let (token, serves, until) = (&terms.card_token, terms.serves, terms.token_until);
        match card {
            Some(card) => self.keep_card(token, &binding, &card, serves, until).await,
            None => self.is_kept(token, &binding).await,
        }
    }

    /// The receipt for what is known now: the same as long as that is the same.
    pub(super) async fn signed(
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
            &said.count.to_be_bytes(),
            &body::to_vec(&said.outcome),
            &body::to_vec(&said.totals),
        ]);
        // Not much later than it can have ended, though this machine's clock was ahead for a moment: the
        // enterprise takes no receipt from the future.
        let latest = charge.terms.until.after(engine.policy.payments.authorise_within);
        let (id, from) = (TokenId::from_bytes(pae::first(&id)), charge.ended.min(latest));
        let valid_for = engine.policy.retention.min(MAX_RECEIPT_LIFETIME);
        let customer = &charge.terms.customer;
        let signing = &self.0.signing;
        let token = engine.sign(signing, customer, id, from, valid_for, said.clone()).await?;
        Ok(Receipt { said, token })
    }
}

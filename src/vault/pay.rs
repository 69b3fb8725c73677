//! A card under a payment request: opened, and handed to the acquirer once.

use crate::card::{CannotOpen, Card, CardToken, OpeningKey, SealedCard, StoredCard};
use crate::engine::RecordRef;
use crate::engine::trace::call;
use crate::error::{Error, Refused};
use crate::values::id::CustomerId;
use crate::values::now::WallClock;
use crate::vault::Vault;
use crate::vault::acquirer::Acquirer;
use crate::vault::asking::{Asking, Known};
use crate::vault::charge::coming_in::{Begin, Begun, CameIn};
use crate::vault::charge::state::{ChargeState, Terms};
use crate::vault::given::{Given, Request};
use crate::vault::paid::Paid;
use crate::vault::stored_card::Serves;

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

    /// The customer has done what [`Next::Authenticate`](crate::vault::Next::Authenticate) asked of them: the device gives the same request and sealed card
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
            // It has ended meanwhile; but money that is held is held.
            (Begun::Ended, _, Some(known)) if known.holds() => {
                asking.conclude_found(charge, known).await?
            }
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
                known @ (Known::Heard(_) | Known::Another(..)) => {
                    asking.conclude_found(charge, known).await?
                }
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

    /// The key that this request names, if it exists.
    async fn opening_key(&self, request: &Request) -> Result<Option<OpeningKey>, Error> {
        let engine = &self.0.engine;
        let named = request.claims.data().opening_key.key().id();
        let clock = WallClock::shows(engine.clock.now()?);
        let Some((loaded, _)) = engine.read(&self.opening_keys()).await? else {
            return Ok(None);
        };
        let key = loaded.body.state.find(named, &engine.policy, clock);
        Ok(key.map(OpeningKey::copy))
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
}

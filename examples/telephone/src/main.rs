//! Real calls: one that the bank makes while others show its number, one with a ticket in a SIP header, one with a ticket
//! in DTMF. It fails unless the app's answer is the right one each time.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use countersign::contact::{Arrived, CallVerdict, NoTicket, PhoneNumber, Telephony};
use countersign::credential::EnrolmentRequest;
use countersign::id::{FeedId, TrunkId};
use countersign::token::SigningKey;
use countersign::{
    CredentialId, CustomerId, InteractionId, Issuer, Keyring, OsRandom, Policy, RequestId, Verifier,
};
use telephone::Failure;
use telephone::events::{CallEvent, What, Whose};
use telephone::line::{Line, Told};
use telephone::pbx::Pbx;
use telephone::phone::{Phone, shown};
use telephone::servers::{Network, Server, Trunk};

const BEAT: Duration = Duration::from_millis(200);
const SOON: Duration = Duration::from_secs(8);

struct Play {
    told: Receiver<Told>,
    pbx: Pbx,
    /// What happened at the customers' telephones, and when.
    seen: Vec<(Whose, CallEvent, Instant)>,
    beat: Instant,
}

fn check(right: bool, what: &str) -> Result<(), Failure> {
    if right { Ok(()) } else { Err(format!("wrong: {what}").into()) }
}

impl Play {
    /// Handles what is told until `done`, with heartbeats in between.
    fn until(
        &mut self,
        what: &str,
        most: Duration,
        mut done: impl FnMut(&Self) -> bool,
    ) -> Result<(), Failure> {
        let deadline = Instant::now() + most;
        loop {
            match self.told.recv_timeout(Duration::from_millis(20)) {
                Ok(Told::Telephone(Whose::Bank, event)) => self.pbx.happened(&event)?,
                Ok(Told::Telephone(whose, event)) => self.seen.push((whose, event, Instant::now())),
                Ok(Told::Edge(call)) => self.pbx.arrives(call)?,
                Err(RecvTimeoutError::Timeout) => {
                    if self.beat.elapsed() >= BEAT {
                        self.pbx.heartbeat()?;
                        self.beat = Instant::now();
                    }
                    if done(self) {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err("everybody is gone".into()),
            }
            if Instant::now() > deadline {
                return Err(format!("in vain: {what}").into());
            }
        }
    }

    fn pass(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        self.until("time passes", time + SOON, |_| Instant::now() >= end)
    }

    /// The call that begins to ring at `whose` telephone, beside those that were `seen` before.
    fn rings(&mut self, whose: Whose, before: usize) -> Result<(CallEvent, Instant), Failure> {
        let found = |play: &Self| {
            let new = play.seen.iter().skip(before);
            let mut ringing =
                new.filter(|(at, event, _)| *at == whose && event.what == What::Incoming);
            ringing.next().map(|(_, event, since)| (event.clone(), *since))
        };
        self.until("a call rings", SOON, |play| found(play).is_some())?;
        found(self).ok_or_else(|| "no call".into())
    }

    /// The call that stands at the bank last, once it does.
    fn stands(&mut self) -> Result<InteractionId, Failure> {
        self.until("a call stands", SOON, |play| !play.pbx.standing.is_empty())?;
        self.pbx.standing.last().cloned().ok_or_else(|| "no call".into())
    }

    fn says(&self, phone: &Phone, wanted: &str) -> Result<(), Failure> {
        let (said, name) = phone.status(&self.pbx)?;
        println!("   the app of {} shows: {said}", phone.customer);
        check(said == wanted, &format!("{said} in place of {wanted}"))?;
        let named = matches!(said, "calling" | "someone_is_talking_as_you");
        check(!named || name.as_deref() == Some("Bob from Example Bank"), "the agent's name")
    }

    fn brought(&self, call: &InteractionId) -> Result<Arrived, Failure> {
        self.pbx.brought.get(call).cloned().ok_or_else(|| "nothing was looked up".into())
    }
}

fn ended_well(mut caller: Server) -> Result<(), Failure> {
    check(caller.ended_well(SOON)?, "the caller's scenario")
}

/// Everybody who has a telephone.
struct People {
    network: Network,
    bank: Line,
    alice: (Phone, Line, PhoneNumber),
    carol: (Phone, Line, PhoneNumber),
    _telephones: [Server; 3],
}

/// The bank rings Alice; at the same time others ring Alice and Carol and show the bank's number.
fn outbound(play: &mut Play, people: &mut People) -> Result<(), Failure> {
    let People { network, bank, alice, carol, .. } = people;
    let number = play.pbx.number.clone();
    println!("== the bank rings Alice, and impostors ring Alice and Carol with the bank's number");
    play.pbx.announce(&alice.0.customer)?;
    bank.dial(&alice.2)?;
    let (genuine, since) = play.rings(Whose::Alice, 0)?;
    check(genuine.number.as_ref() == Some(&number), "the number that is shown")?;
    let verdict = alice.0.verdict(&number, since.elapsed(), false, &play.pbx)?;
    println!("   Alice's phone rings: {}", shown(verdict));
    check(verdict == CallVerdict::Legitimate, "the bank's own call")?;

    let before = play.seen.len();
    let spoofs = [
        network.caller(Trunk::Public, &number, &alice.2, None)?,
        network.caller(Trunk::Public, &number, &carol.2, None)?,
    ];
    let (spoofed, since) = play.rings(Whose::Alice, before)?;
    check(spoofed.number.as_ref() == Some(&number), "what the impostor shows")?;
    let verdict = alice.0.verdict(&number, since.elapsed(), true, &play.pbx)?;
    println!("   another call rings on it: {}", shown(verdict));
    check(verdict == CallVerdict::Undetermined, "a second call with the same number")?;
    alice.1.hang_up(&spoofed.call)?;

    let (spoofed, since) = play.rings(Whose::Carol, before)?;
    let mut verdicts = Vec::new();
    while verdicts.last() != Some(&CallVerdict::NotLegitimate) {
        play.pass(Duration::from_millis(300))?;
        verdicts.push(carol.0.verdict(&number, since.elapsed(), false, &play.pbx)?);
        check(since.elapsed() < SOON, "the impostor's call to Carol is never told")?;
    }
    let (last, earlier) = verdicts.split_last().ok_or("no verdict")?;
    check(earlier.iter().all(|one| *one == CallVerdict::Undetermined), "before all was reported")?;
    println!("   Carol's phone rings: {}", shown(*last));
    carol.1.hang_up(&spoofed.call)?;
    for spoof in spoofs {
        ended_well(spoof)?;
    }

    // The number on the card: the device knows by itself that it calls nobody.
    let before = play.seen.len();
    let on_the_card: PhoneNumber = "+448001234567".parse()?;
    check(!carol.0.would_ask(&on_the_card)?, "nobody is asked about it")?;
    let spoof = network.caller(Trunk::Public, &on_the_card, &carol.2, None)?;
    let (spoofed, since) = play.rings(Whose::Carol, before)?;
    let verdict = carol.0.verdict(&on_the_card, since.elapsed(), false, &play.pbx)?;
    println!("   and again, with the number on her card: {}", shown(verdict));
    check(verdict == CallVerdict::NotLegitimate, "a number that never calls")?;
    carol.1.hang_up(&spoofed.call)?;
    ended_well(spoof)?;

    alice.1.answer(&genuine.call)?;
    let call = play.stands()?;
    play.says(&alice.0, "calling")?;
    bank.hang_up(&call)?;
    play.until("the call ends", SOON, |play| play.pbx.standing.is_empty())?;
    play.pass(Duration::from_millis(1500))?;
    play.says(&alice.0, "not_us")?;
    play.says(&carol.0, "not_us")
}

/// Alice's app calls the bank over its own trunk, with a ticket in a header.
fn with_a_header(play: &mut Play, people: &mut People) -> Result<(), Failure> {
    let People { network, bank, alice, .. } = people;
    let number = play.pbx.number.clone();
    println!("== Alice's app calls the bank, with a ticket in a header");
    let ticket = play.pbx.wait(play.pbx.bank().contact().header_ticket(&alice.0.customer))?;
    let over = [
        // Somebody has the ticket, and not the app's trunk: it is not used up.
        (Trunk::Public, "not_us", Some(NoTicket::WrongTrunk)),
        (Trunk::App, "someone_is_talking_as_you", None),
        (Trunk::App, "not_us", Some(NoTicket::Used)),
    ];
    for (trunk, status, refused) in over {
        let caller = network.caller(trunk, &alice.2, &number, Some(ticket.expose()))?;
        let call = play.stands()?;
        play.until("it is looked up", SOON, |play| play.pbx.brought.contains_key(&call))?;
        let brought = play.brought(&call)?;
        println!("   over {trunk:?}: {}", said_of(&brought));
        match (&brought, refused) {
            (Arrived::Asked(asked), None) => {
                check(asked.customer == alice.0.customer, "whose ticket it is")?;
            }
            (Arrived::Unknown(why), Some(wanted)) => check(*why == wanted, "why it is refused")?,
            _ => return Err("wrong: the ticket".into()),
        }
        play.says(&alice.0, status)?;
        bank.hang_up(&call)?;
        play.until("the call ends", SOON, |play| play.pbx.standing.is_empty())?;
        ended_well(caller)?;
        play.pass(Duration::from_millis(1500))?;
        play.says(&alice.0, "not_us")?;
    }
    Ok(())
}

fn said_of(brought: &Arrived) -> String {
    match brought {
        Arrived::Asked(asked) => format!("the app of {} asked to call", asked.customer),
        Arrived::Unknown(why) => format!("no ticket that counts ({why:?}); the call goes on"),
        _ => "something new".to_owned(),
    }
}

/// Alice dials from the app, which presses the ticket's keys; Carol's telephone guesses.
fn with_keys(play: &mut Play, people: &mut People) -> Result<(), Failure> {
    let People { alice, carol, .. } = people;
    let number = play.pbx.number.clone();
    println!("== Alice dials, and her app presses the ticket's keys; Carol guesses");
    let ticket = play.pbx.wait(play.pbx.bank().contact().dial_ticket(&alice.0.customer))?;
    carol.1.dial(&number)?;
    let guessing = play.stands()?;
    carol.1.press("1234567890123456#")?;
    alice.1.dial(&number)?;
    play.until("both stand", SOON, |play| play.pbx.standing.len() == 2)?;
    let genuine = play.pbx.standing.last().cloned().ok_or("no call")?;
    play.says(&alice.0, "not_us")?;
    alice.1.press(ticket.expose())?;
    alice.1.press("#")?;
    play.until("the keys are looked up", SOON * 2, |play| {
        let asked = |call| matches!(play.pbx.brought.get(call), Some(Arrived::Asked(_)));
        asked(&genuine)
    })?;
    println!("   Alice's call: {}", said_of(&play.brought(&genuine)?));
    play.says(&alice.0, "someone_is_talking_as_you")?;
    let guessed = play.brought(&guessing)?;
    println!("   Carol's call: {}", said_of(&guessed));
    check(guessed == Arrived::Unknown(NoTicket::None), "a guess")?;
    play.says(&carol.0, "not_us")?;
    alice.1.hang_up(&genuine)?;
    carol.1.hang_up(&guessing)?;
    play.until("the calls end", SOON, |play| play.pbx.standing.is_empty())?;
    play.pass(Duration::from_millis(1500))?;
    play.says(&alice.0, "not_us")
}

fn verifier(number: &PhoneNumber, feed: &FeedId) -> Result<Verifier, Failure> {
    let random = OsRandom::new();
    let mut policy = Policy::default();
    policy.presence.lag = Duration::from_secs(1);
    let telephony = Telephony::new()
        .shows(number.clone(), [feed.clone()])
        .never_calls("+448001234567".parse()?)
        .app_trunk(TrunkId::new("app")?);
    let keyring = Keyring::generate(&random)?;
    let builder = Verifier::builder(Issuer::new("bank.example")?, keyring).policy(policy);
    Ok(builder.telephony(telephony).signing_key(SigningKey::generate(&random)?).build()?)
}

/// The credential of a customer's app.
fn credential(pbx: &Pbx, customer: &CustomerId) -> Result<CredentialId, Failure> {
    let enrolment = EnrolmentRequest::ocra(RequestId::new("app")?).vouched_for();
    let given = pbx.wait(pbx.bank().credentials().enrol(customer, &enrolment))?;
    Ok(given.credential.id)
}

fn main() -> Result<(), Failure> {
    let (to, told) = channel();
    let (number, feed) = ("+442071234567".parse::<PhoneNumber>()?, FeedId::new("pbx")?);
    let bank = verifier(&number, &feed)?;
    let mut play = Play {
        told,
        pbx: Pbx::new(bank, feed, number.clone())?,
        seen: Vec::new(),
        beat: Instant::now(),
    };
    let network = Network::start(to.clone())?;
    let (bank, bank_line) = network.telephone(Whose::Bank, &number, true, to.clone())?;
    let mut telephones = vec![bank];
    let mut customers = Vec::new();
    for (whose, name, number) in
        [(Whose::Alice, "alice", "+447700900001"), (Whose::Carol, "carol", "+447700900002")]
    {
        let (customer, number) = (CustomerId::new(name)?, number.parse::<PhoneNumber>()?);
        let (server, line) = network.telephone(whose, &number, false, to.clone())?;
        let app = Phone::of(customer.clone(), credential(&play.pbx, &customer)?, &play.pbx)?;
        telephones.push(server);
        customers.push((app, line, number));
    }
    let carol = customers.pop().ok_or("no Carol")?;
    let alice = customers.pop().ok_or("no Alice")?;
    let telephones = telephones.try_into().map_err(|_| "three telephones")?;
    let mut people = People { network, bank: bank_line, alice, carol, _telephones: telephones };
    // Until all is reported of before.
    play.pass(Duration::from_millis(1500))?;
    outbound(&mut play, &mut people)?;
    with_a_header(&mut play, &mut people)?;
    with_keys(&mut play, &mut people)?;
    println!("All answers were right.");
    Ok(())
}

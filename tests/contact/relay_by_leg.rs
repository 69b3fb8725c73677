//! The relay, tried by machine for each leg: every order of moves of an attacker who talks to the customer and to the
//! enterprise at once, with the policy that asks for that leg. What is found stands in the manual's page on relays.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use countersign::contact::{Arrival, Arrived, Forwarding, LineFacts, SimChange};
use countersign::id::TrunkId;
use countersign::interaction::{Leg, LegKind};
use countersign::policy::{Act, LegRule};
use countersign::{Direction, Error, Interaction, InteractionId, Policy, Timestamp};

use crate::lines::{app_trunk, bank_of, soon};
use crate::support::credentials::app;
use crate::support::depth::either;
use crate::support::step_ups::{asking, shown, transfer};
use crate::support::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Move {
    /// The attacker dials the enterprise as Alice.
    AttackerRings,
    /// Lured, Alice dials a number of the attacker's by hand.
    DialsABridge,
    /// She taps "call us". The call arrives where it should.
    CallsByTicket,
    /// She taps "call us", and the call lands at the attacker's answering machine.
    TicketAtFakeIvr,
    /// The attacker dials the enterprise and enters the ticket that was heard.
    AttackerEntersTicket,
    /// Her app calls over the enterprise's trunk. The header is known to the attacker, say.
    CallsByHeader,
    /// The attacker calls over a carrier's trunk with that header.
    AttackerSendsHeader,
    /// She calls in the app.
    CallsInApp,
    /// The attacker rings Alice with the enterprise's number.
    RingsSpoofed,
    /// The enterprise reads what the carrier says of Alice's number, and rings it.
    Check,
    EnterpriseRings,
    /// Alice's number is forwarded to the attacker, and no longer.
    Forward,
    TakeBack,
    /// Somebody on another phone tells Alice what to do.
    Coach,
    /// The agent asks for a step-up on the newest call.
    Ask,
}

use Move::*;

const MOVES: [Move; 15] = [
    AttackerRings,
    DialsABridge,
    CallsByTicket,
    TicketAtFakeIvr,
    AttackerEntersTicket,
    CallsByHeader,
    AttackerSendsHeader,
    CallsInApp,
    RingsSpoofed,
    Check,
    EnterpriseRings,
    Forward,
    TakeBack,
    Coach,
    Ask,
];

/// What succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// The customer dials a number of the attacker's, who dials the enterprise.
    Bridge,
    /// The ticket is entered at a fake answering machine, and again by the attacker.
    FakeIvr,
    /// The enterprise's call lands at the attacker: the number was forwarded.
    Forwarded,
    /// The same, forwarded after the check and taken back before the next.
    ForwardedBetween,
    /// The customer calls the enterprise too, at the same time, and the app cannot tell the two calls apart.
    TwoCalls,
    /// The customer does in a genuine call what somebody else tells them to.
    Coach,
}

/// On which line Alice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Genuine(Direction),
    Bridged,
    Spoofed,
}

#[derive(Debug, Clone)]
struct Talk {
    call: Interaction,
    attackers: bool,
    /// Whether the leg is read of the carrier again before each act.
    by_number: bool,
}

struct Play<'b> {
    bank: &'b Bank,
    number: usize,
    /// What the app knows of Alice's line.
    here: Option<LegKind>,
    line: Option<Line>,
    talk: Option<Talk>,
    ticket: Option<String>,
    header: Option<String>,
    heard: bool,
    forwarded: bool,
    facts: Option<LineFacts>,
    coached: bool,
    left: BTreeSet<Left>,
}

impl Play<'_> {
    fn now(&self) -> Timestamp {
        countersign::time::Clock::now(&self.bank.clock).unwrap()
    }

    fn id(&self, name: &str) -> InteractionId {
        InteractionId::new(format!("{name}-{}", self.number)).unwrap()
    }

    fn inbound(&self, name: &str) -> Interaction {
        Interaction::inbound(self.id(name), alice(), agent("carol"), countersign::Channel::Voice)
    }

    fn carrier(&self) -> LineFacts {
        let forwarding = if self.forwarded { Forwarding::Unconditional } else { Forwarding::None };
        LineFacts::new("carrier".parse().unwrap(), self.now())
            .forwarding(forwarding)
            .sim_change(SimChange::NotWithin(Duration::from_secs(30 * 24 * 3600)))
    }

    fn arrives(&self, arrival: &Arrival, call: Interaction) -> Interaction {
        match soon(self.bank.verifier.contact().arrive(arrival)).unwrap() {
            Arrived::Asked(asked) => {
                assert_eq!(asked.customer, alice());
                call.on_leg(asked.leg("ivr".parse().unwrap(), self.now()))
            }
            _ => call,
        }
    }

    fn can(&self, step: Move) -> bool {
        match step {
            AttackerEntersTicket => self.heard && self.ticket.is_some(),
            AttackerSendsHeader => self.header.is_some(),
            EnterpriseRings => self.facts.is_some(),
            TakeBack => self.forwarded,
            RingsSpoofed => self.line.is_none(),
            Coach => self.line.is_some_and(|line| matches!(line, Line::Genuine(_))),
            Ask => self.talk.is_some() && self.line.is_some(),
            _ => true,
        }
    }

    fn make(&mut self, step: Move) {
        let contact = self.bank.verifier.contact();
        let genuine = |call| Talk { call, attackers: false, by_number: false };
        let attackers = |call| Talk { call, attackers: true, by_number: false };
        match step {
            AttackerRings => {
                let leg = Leg::number("pbx".parse().unwrap(), self.now());
                self.talk = Some(attackers(self.inbound("attacker").on_leg(leg)));
            }
            DialsABridge => (self.line, self.here) = (Some(Line::Bridged), None),
            CallsByTicket | TicketAtFakeIvr => {
                let ticket = soon(contact.dial_ticket(&alice())).unwrap();
                self.here = Some(LegKind::DialledTicket);
                self.heard = step == TicketAtFakeIvr;
                self.ticket = Some(ticket.expose().to_owned());
                if self.heard {
                    self.line = Some(Line::Bridged);
                } else {
                    self.line = Some(Line::Genuine(Direction::Inbound));
                    let call = self.inbound("ticket");
                    let arrival = Arrival::dialled(call.id.clone(), ticket.expose());
                    self.talk = Some(genuine(self.arrives(&arrival, call)));
                }
            }
            AttackerEntersTicket => {
                let call = self.inbound("entered");
                let arrival = Arrival::dialled(call.id.clone(), self.ticket.as_ref().unwrap());
                self.talk = Some(attackers(self.arrives(&arrival, call)));
            }
            CallsByHeader => {
                let ticket = soon(contact.header_ticket(&alice())).unwrap();
                let call = self.inbound("header");
                let arrival = Arrival::with_header(call.id.clone(), app_trunk(), ticket.expose());
                self.talk = Some(genuine(self.arrives(&arrival, call)));
                self.header = Some(ticket.expose().to_owned());
                self.here = Some(LegKind::HeaderTicket);
                self.line = Some(Line::Genuine(Direction::Inbound));
            }
            AttackerSendsHeader => {
                let (call, carrier) = (self.inbound("sent"), TrunkId::new("carrier").unwrap());
                let header = self.header.as_ref().unwrap();
                let arrival = Arrival::with_header(call.id.clone(), carrier, header);
                self.talk = Some(attackers(self.arrives(&arrival, call)));
            }
            CallsInApp => {
                let leg = Leg::in_app("media".parse().unwrap(), self.now());
                self.talk = Some(genuine(self.inbound("app").on_leg(leg)));
                self.here = Some(LegKind::InApp);
                self.line = Some(Line::Genuine(Direction::Inbound));
            }
            RingsSpoofed => (self.line, self.here) = (Some(Line::Spoofed), None),
            Check => self.facts = Some(self.carrier()),
            EnterpriseRings => {
                let call = Interaction::outbound(
                    self.id("rings"),
                    alice(),
                    agent("bob"),
                    countersign::Channel::Voice,
                );
                let facts = self.facts.as_ref().unwrap();
                let call = call.on_leg(self.bank.verifier.policy().legs.leg_of(facts));
                self.talk = Some(Talk { call, attackers: self.forwarded, by_number: true });
                if !self.forwarded {
                    (self.line, self.here) = (Some(Line::Genuine(Direction::Outbound)), None);
                }
            }
            Forward => self.forwarded = true,
            TakeBack => self.forwarded = false,
            Coach => self.coached = true,
            Ask => self.ask(),
        }
    }

    /// The agent asks; Alice approves what fits the call that she is on.
    fn ask(&mut self) {
        let Talk { mut call, attackers, by_number } = self.talk.clone().unwrap();
        if by_number {
            // Read again before the act.
            call = call.on_leg(self.bank.verifier.policy().legs.leg_of(&self.carrier()));
        }
        let asking = asking(&format!("s-{}", self.number), transfer());
        let asked = match soon(self.bank.verifier.step_ups().request(&call, &asking)) {
            Ok(asked) => asked,
            Err(Error::Invalid(countersign::error::Invalid::Leg(_))) => return,
            Err(other) => panic!("{other:?}"),
        };
        let phone = crate::support::step_ups::phone();
        let shown = shown(phone.open_step_up(&asked.token, self.now()).unwrap());
        let shown = match self.here {
            Some(here) => shown.on_line(here),
            None => shown,
        };
        let seen = match self.line.unwrap() {
            Line::Genuine(direction) => direction,
            Line::Bridged => Direction::Inbound,
            Line::Spoofed => Direction::Outbound,
        };
        if shown.direction() != seen || !shown.fits_line() {
            return;
        }
        let left = match (attackers, self.line.unwrap()) {
            (false, Line::Genuine(_)) if self.coached => Left::Coach,
            (true, Line::Spoofed) if self.forwarded => Left::Forwarded,
            (true, Line::Spoofed) => Left::ForwardedBetween,
            (true, Line::Bridged) if self.here.is_some() => Left::FakeIvr,
            (true, Line::Bridged) => Left::Bridge,
            // She talks to the enterprise, on another call than the agent who asks.
            (true, Line::Genuine(_)) => Left::TwoCalls,
            (false, _) => return,
        };
        self.left.insert(left);
    }
}

/// A bank whose policy asks for this leg; in the app it may be always.
fn asking_for(required: LegKind) -> Bank {
    let mut policy = Policy::default();
    let allowed = match required {
        LegKind::Number => LegKind::ALL.to_vec(),
        kind => vec![kind, LegKind::InApp],
    };
    let both = [Direction::Inbound, Direction::Outbound];
    policy.legs.rules =
        both.map(|direction| LegRule::new(Act::StepUp, direction, allowed.clone())).to_vec();
    policy.step_ups.per_customer = 20;
    (policy.step_ups.prompts.per_interaction, policy.step_ups.prompts.per_day) = (20, 100);
    let bank = bank_of(policy);
    soon(async { app(&bank).await });
    bank
}

/// These moves, as far as they can be made.
fn play<'b>(bank: &'b Bank, number: usize, order: &[Move]) -> Play<'b> {
    bank.clock.advance(20 * MINUTE);
    let mut play = Play {
        bank,
        number,
        here: None,
        line: None,
        talk: None,
        ticket: None,
        header: None,
        heard: false,
        forwarded: false,
        facts: None,
        coached: false,
        left: BTreeSet::new(),
    };
    for step in order {
        assert!(play.can(*step), "{step:?}");
        play.make(*step);
    }
    play
}

/// Every order of so many moves, each made once at most, and what it leads to.
fn search(required: LegKind, depth: usize) -> (BTreeSet<Left>, usize) {
    let bank = asking_for(required);
    let (mut found, mut played) = (BTreeSet::new(), 0);
    let mut orders = vec![Vec::new()];
    while let Some(order) = orders.pop() {
        let play = play(&bank, played, &order);
        played += 1;
        found.extend(&play.left);
        // What was asked was the end of it.
        if order.len() < depth && order.last() != Some(&Ask) {
            let next = MOVES.into_iter().filter(|step| !order.contains(step) && play.can(*step));
            let last = order.len() + 1 == depth;
            orders.extend(next.filter(|step| !last || *step == Ask).map(|step| {
                let mut longer = order.clone();
                longer.push(step);
                longer
            }));
        }
    }
    (found, played)
}

/// The longest attacks, which a quick run does not find by itself.
const LONGEST: [&[Move]; 2] = [
    &[Check, Forward, RingsSpoofed, EnterpriseRings, Ask],
    &[Check, Forward, RingsSpoofed, EnterpriseRings, TakeBack, Ask],
];

/// Full: every order of six moves.
#[test]
fn what_each_leg_leaves() {
    let mut found = BTreeMap::new();
    let mut played = 0;
    for required in LegKind::ALL {
        let (mut left, tried) = search(required, either(4, 6));
        played += tried;
        let bank = asking_for(required);
        for (n, order) in LONGEST.into_iter().enumerate() {
            left.extend(play(&bank, n, order).left);
        }
        found.insert(required, left);
    }
    use Left::*;
    let wanted = BTreeMap::from([
        (
            LegKind::Number,
            BTreeSet::from([Bridge, FakeIvr, Forwarded, ForwardedBetween, TwoCalls, Left::Coach]),
        ),
        (LegKind::CheckedNumber, BTreeSet::from([ForwardedBetween, Left::Coach])),
        (LegKind::DialledTicket, BTreeSet::from([FakeIvr, Left::Coach])),
        (LegKind::HeaderTicket, BTreeSet::from([Left::Coach])),
        (LegKind::InApp, BTreeSet::from([Left::Coach])),
    ]);
    assert_eq!(found, wanted, "{played} orders");
    // As the manual has it.
    let manual = include_str!("../../src/manual/_43_relay.md");
    for (leg, left) in wanted {
        let named: Vec<_> = left
            .iter()
            .map(|one| match one {
                Bridge => "a dialled bridge",
                FakeIvr => "a ticket at a fake answering machine",
                Forwarded => "a forwarded number",
                ForwardedBetween => "forwarded after the check, taken back before the next",
                TwoCalls => "a second call of the customer's at the same time",
                Left::Coach => "a coach",
            })
            .collect();
        let row = format!("| `{leg}` | {} |", named.join("; "));
        assert!(manual.contains(&row), "the manual lacks: {row}");
    }
}

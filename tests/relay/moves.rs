//! What can happen next, and what it does, in the real code.

use std::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest, Slot, SpokenProof};
use countersign::challenge::{Channels, FoundOn};
use countersign::contact::Status;
use countersign::device::{CodeCheck, StatusQuestion, WhoRangCheck};
use countersign::random::SeededRandom;
use countersign::step_up::{DeclineReason, StepUpAnswer, StepUpOutcome, StepUpRequest, WhoRang};
use countersign::transaction::TransactionKind;
use countersign::{Assignee, Channel, Direction, Error, TeamId, Transaction, Window};

use crate::people::{Line, Peer, Talk, alice, mallory};
use crate::world::{Appointment, Booked, NOW, Prompt, World, now_or_never, request};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ceremony {
    SpokenCode,
    StepUp,
    /// A step-up that several approve.
    Joint,
}

/// Alice's app shows that she talks to the enterprise, and she does not: on which line she is, and to
/// whom the enterprise talks instead. She is on none if others approved it in her name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deceit {
    pub ceremony: Ceremony,
    pub line: Option<Line>,
    pub talk: Talk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Announced, answered, confirmed. The attacker can make the enterprise call back anybody.
    Arrange(Appointment),
    /// The enterprise puts another appointment in the place of Alice's first. Her phone is offline and keeps the
    /// old one, too.
    Reassign,
    /// The enterprise takes Alice's first challenge back. Her phone is offline.
    Revoke,
    /// The attacker takes over Alice's number.
    Forward,
    /// A call begins; whoever was on another one hangs up.
    Call(Talk),
    /// Alice comes to be on a line with the attacker.
    Deceive(Line),
    HangUp,
    /// The agent of this call says the code, if the library tells it.
    Present(Appointment, Talk),
    /// The attacker tells Alice a code, perhaps one that she has heard before, and her app waits for one.
    Say {
        code: Appointment,
        to: Appointment,
    },
    /// The agent of this call asks the customer for a step-up.
    Ask(Talk),
    /// The attacker tells Alice the digits that the agent of one call has said, for a step-up that waits.
    Tell {
        digits: Talk,
        to: Talk,
    },
    /// The agent of this call asks Alice and Carol together, and the attacker talks Carol into it.
    AskBoth(Talk),
    Persuade(Talk),
    /// Alice says of a step-up that waits: not me. And later she allows prompts again.
    NotMe(Talk),
    Resume,
}

impl World {
    /// Every move that can be made now and was not made before.
    pub fn moves(&self) -> Vec<Move> {
        if let Some(several) = self.rules.several {
            return self.moves_with_several(several);
        }
        let facts = &self.facts;
        let mut moves = Vec::new();
        let all = [Appointment::Alices(1), Appointment::Alices(2), Appointment::Mallorys];
        for one in all {
            let first =
                one != Appointment::Alices(2) || facts.arranged.contains(&Appointment::Alices(1));
            if first && !facts.arranged.contains(&one) {
                moves.push(Move::Arrange(one));
            }
        }
        if facts.arranged.contains(&Appointment::Alices(1)) && !facts.revoked {
            moves.push(Move::Revoke);
            if !facts.arranged.contains(&Appointment::AlicesFirstAnew) {
                moves.push(Move::Reassign);
            }
        }
        if !facts.forwarded {
            moves.push(Move::Forward);
        }
        for talk in [
            Talk::AliceHerself,
            Talk::AttackerAsAlice,
            Talk::AttackerAsMallory,
            Talk::OnMallorysLine,
            if facts.forwarded { Talk::OnAlicesForwardedLine } else { Talk::OnAlicesLine },
        ] {
            // Her line rings only if she is not on it.
            let busy = talk == Talk::OnAlicesLine && facts.line.is_some();
            if !busy && !self.talks().contains(&talk) {
                moves.push(Move::Call(talk));
            }
        }
        for line in [Line::Spoofed, Line::Bridged] {
            if facts.line != Some(line) {
                moves.push(Move::Deceive(line));
            }
        }
        if facts.line.is_some() {
            moves.push(Move::HangUp);
        }
        for talk in self.talks() {
            for &one in &facts.arranged {
                let whose = if one == Appointment::Mallorys { mallory() } else { alice() };
                // Of the first there is the one in force.
                if one == Appointment::Alices(1)
                    && facts.arranged.contains(&Appointment::AlicesFirstAnew)
                {
                    continue;
                }
                if talk.customer() == whose && !facts.presented.contains(&(one, talk)) {
                    moves.push(Move::Present(one, talk));
                }
            }
            if !facts.asked.contains(&talk) {
                moves.push(Move::Ask(talk));
            }
        }
        if matches!(facts.line, Some(Line::Spoofed | Line::Bridged)) {
            for &code in &facts.known {
                for &to in self.booked.keys() {
                    if facts.heard.get(&(code, to)).is_none_or(|times| *times < 2) {
                        moves.push(Move::Say { code, to });
                    }
                }
            }
        }
        let lured = matches!(facts.line, Some(Line::Spoofed | Line::Bridged));
        if lured && self.rules.digits_are_passed_on {
            let told = facts.asked.iter().filter(|talk| talk.peer() == Peer::Attacker);
            for &digits in told.filter(|talk| self.prompts.contains_key(talk)) {
                for &to in &facts.waiting {
                    if !facts.typed.contains(&(digits, to)) {
                        moves.push(Move::Tell { digits, to });
                    }
                }
            }
        }
        if !facts.held {
            moves.extend(facts.waiting.iter().map(|talk| Move::NotMe(*talk)));
        } else if !facts.resumed {
            moves.push(Move::Resume);
        }
        moves
    }

    pub fn talks(&self) -> Vec<Talk> {
        let alices = match self.facts.line {
            Some(Line::Genuine(talk)) => Some(talk),
            _ => None,
        };
        alices.into_iter().chain(self.facts.attackers).collect()
    }

    /// Makes a move, and says whether Alice is deceived by it.
    pub fn make(&mut self, step: Move) -> Option<Deceit> {
        let deceit = match step {
            Move::Arrange(one) => {
                self.arrange(one);
                None
            }
            Move::Reassign => {
                self.reassign();
                None
            }
            Move::Revoke => {
                self.facts.revoked = true;
                let (bank, id) = (self.bank(), self.ids[&Appointment::Alices(1)]);
                // Refused if it was recognised already.
                let _ = now_or_never(bank.challenges().revoke(&alice(), &id));
                None
            }
            Move::Forward => {
                self.facts.forwarded = true;
                None
            }
            Move::Call(talk) => {
                match talk.peer() {
                    Peer::Alice => self.facts.line = Some(Line::Genuine(talk)),
                    Peer::Attacker => self.facts.attackers = Some(talk),
                }
                None
            }
            Move::Deceive(line) => {
                self.facts.line = Some(line);
                None
            }
            Move::HangUp => {
                self.facts.line = None;
                None
            }
            Move::Present(one, talk) => self.present(one, talk),
            Move::Say { code, to } => {
                let said = self.codes[&code].clone();
                self.hear(code, to, &said)
            }
            Move::Ask(talk) => self.ask(talk),
            Move::Tell { digits, to } => {
                self.facts.typed.insert((digits, to));
                let said = self.prompts[&digits].digits.clone();
                self.consider(to, Some(&said))
            }
            Move::NotMe(talk) => {
                self.not_me(talk);
                None
            }
            Move::AskBoth(talk) => {
                let several = self.rules.several?;
                self.ask_both(talk, several)
            }
            Move::Persuade(talk) => self.persuade(talk),
            Move::Resume => {
                self.facts.resumed = true;
                let bank = self.bank();
                let (step_ups, alice) = (bank.step_ups(), alice());
                let shown = now_or_never(step_ups.prompts(&alice)).unwrap();
                now_or_never(step_ups.resume_prompts(&alice, shown.number)).unwrap();
                None
            }
        };
        if matches!(step, Move::Call(_)) {
            self.status();
        }
        deceit
    }

    fn arrange(&mut self, one: Appointment) {
        let (bank, whose) = (
            self.bank(),
            match one {
                Appointment::Mallorys => mallory(),
                _ => alice(),
            },
        );
        let channels = Channels::new(&[Channel::Voice, Channel::Chat]).unwrap();
        let purpose = one.purpose().parse().unwrap();
        let challenge = ChallengeRequest::new(request(format!("{one:?}")), purpose, channels);
        let challenges = bank.challenges();
        let issued = now_or_never(challenges.issue(&whose, &challenge)).unwrap();
        let id = issued.challenge.id;
        let answer = Answer::Accept(Acceptance::new(request("yes")));
        now_or_never(challenges.answer(&whose, &id, &answer)).unwrap();
        let confirmed =
            now_or_never(challenges.confirm(&whose, &id, &request("slot"), &slot())).unwrap();
        let device = &self.phone().device;
        let opened = device.open_appointment(&confirmed.token, NOW);
        if one == Appointment::Mallorys {
            // Forwarded to Alice, the attacker's own tokens are nothing.
            assert!(opened.is_err());
            let found = FoundOn::channel(Channel::Chat);
            assert!(device.open_challenge(&issued.token, &found, NOW).is_err());
        } else {
            assert_eq!(opened.unwrap().direction(), Direction::Outbound);
        }
        let booked = Booked { id, token: confirmed.token };
        self.facts.arranged.insert(one);
        if one != Appointment::Mallorys {
            self.booked.insert(one, booked);
        }
        self.ids.insert(one, id);
    }

    fn reassign(&mut self) {
        let (bank, id) = (self.bank(), self.ids[&Appointment::Alices(1)]);
        let (whose, name, slot) = (alice(), request("anew"), slot());
        let again = bank.challenges().reassign(&whose, &id, &name, &slot);
        // Refused if it was recognised already.
        let Ok(again) = now_or_never(again) else { return };
        let one = Appointment::AlicesFirstAnew;
        self.facts.arranged.insert(one);
        self.booked.insert(one, Booked { id, token: again.token });
        self.ids.insert(one, id);
    }

    fn present(&mut self, one: Appointment, talk: Talk) -> Option<Deceit> {
        self.facts.presented.insert((one, talk));
        let mut interaction = talk.interaction();
        if !self.rules.direction_is_covered {
            interaction.direction = Direction::Outbound;
        }
        let bank = self.bank();
        let said = match now_or_never(bank.challenges().present(&interaction, &self.ids[&one])) {
            Ok(SpokenProof::Code(code)) => code.digits().to_string(),
            Err(Error::Refused(_)) => return None,
            other => panic!("{other:?}"),
        };
        // Whoever listens in knows it too.
        self.codes.insert(one, said.clone());
        self.facts.known.insert(one);
        self.facts.said.insert((one, talk));
        match talk.peer() {
            Peer::Alice => self.hear(one, one, &said),
            Peer::Attacker => None,
        }
    }

    /// Alice tells her app what she heard, if the app says of the appointment what she knows of the call.
    fn hear(&mut self, code: Appointment, to: Appointment, said: &str) -> Option<Deceit> {
        *self.facts.heard.entry((code, to)).or_default() += 1;
        let line = self.facts.line?;
        let phone = self.phone();
        let booked = self.booked.get(&to)?;
        let shown = phone.device.open_appointment(&booked.token, NOW).unwrap();
        if self.rules.direction_is_covered && shown.direction() != line.direction() {
            return None;
        }
        let heard =
            shown.check_spoken_code(&phone.credential, said, &mut self.attempts, NOW).unwrap();
        let of = shown.id();
        let remembered = (self.attempts.attempts_left(of), self.attempts.was_genuine(of));
        self.facts.remembered.insert(to, remembered);
        assert!(
            heard != CodeCheck::Genuine || code == to,
            "another appointment's code was genuine"
        );
        if heard != CodeCheck::Genuine {
            return None;
        }
        let id = booked.id;
        let bank = self.bank();
        let (whose, verdict) = (alice(), Verdict::Recognised);
        let concluded = bank.challenges().conclude(&whose, &id, shown.id(), verdict);
        // What a phone that is offline takes for genuine the enterprise does not, and her app says so.
        let replaced = self.facts.arranged.contains(&Appointment::AlicesFirstAnew);
        let dead = (self.facts.revoked && to != Appointment::Alices(2))
            || (replaced && to == Appointment::Alices(1));
        let agreed = now_or_never(concluded).is_ok();
        assert_ne!(agreed, dead, "a genuine code was refused, or a dead one counted");
        if dead {
            self.facts.refused += 1;
            return None;
        }
        // Genuine means: it was said about this, on the line that Alice is on, in a contact that the enterprise
        // made.
        assert_eq!(shown.purpose().as_str(), code.purpose());
        let said_in = self.facts.said.iter().filter(|(one, _)| *one == to);
        let talks: Vec<Talk> = said_in.map(|(_, talk)| *talk).collect();
        assert!(!talks.is_empty(), "it was genuine although nobody was told it");
        let outbound = |talk: &Talk| talk.direction() == Direction::Outbound;
        assert!(!self.rules.direction_is_covered || talks.iter().all(outbound));
        if talks.iter().any(|talk| line == Line::Genuine(*talk)) {
            return None;
        }
        // To whom it was said instead, the attacker rather than Alice in another call.
        let to_attacker = talks.iter().find(|talk| talk.peer() == Peer::Attacker);
        let talk = *to_attacker.unwrap_or(&talks[0]);
        Some(Deceit { ceremony: Ceremony::SpokenCode, line: Some(line), talk })
    }

    fn ask(&mut self, talk: Talk) -> Option<Deceit> {
        self.facts.asked.insert(talk);
        let transaction = Transaction::new(
            TransactionKind::Transfer,
            900_000,
            "GBP".parse().unwrap(),
            "Somebody 20-00-00 55779911".parse().unwrap(),
            "Invoice 7".parse().unwrap(),
        );
        let name = talk.agent_name().parse().unwrap();
        let asking = StepUpRequest::new(request("step-up"), transaction, name);
        let (bank, call) = (self.bank(), talk.interaction());
        let asked = match now_or_never(bank.step_ups().request(&call, &asking)) {
            Ok(asked) => asked,
            Err(Error::Refused(_)) => {
                let held = self.facts.held && !self.facts.resumed && talk.customer() == alice();
                assert!(held, "no other prompt is refused");
                return None;
            }
            other => panic!("{other:?}"),
        };
        assert!(!self.facts.held || self.facts.resumed || talk.customer() == mallory());
        if talk.customer() == mallory() {
            let shown = self.phone().device.open_step_up(&asked.token, NOW);
            assert!(shown.is_err(), "the attacker's own request is nothing to Alice's phone");
            return None;
        }
        let Some(digits) = asked.digits else { panic!("a transfer needs digits") };
        let digits = digits.digits().replace(' ', "");
        assert!(!asked.token.contains(&digits));
        let prompt = Prompt { id: asked.step_up.id, token: asked.token, digits: digits.clone() };
        self.prompts.insert(talk, prompt);
        self.facts.waiting.insert(talk);
        // Her phone shows it at once. On a line with the enterprise she hears the digits of the agent there.
        match self.facts.line {
            Some(Line::Genuine(own)) if own == talk => self.consider(talk, Some(&digits)),
            _ => self.consider(talk, None),
        }
    }

    /// Alice looks at a step-up, on the line that she is on, and approves it if all fits and she was told digits.
    pub fn consider(&mut self, talk: Talk, heard: Option<&str>) -> Option<Deceit> {
        let (line, phone, prompt) = (self.facts.line?, self.phone(), self.prompts[&talk].clone());
        let bank = self.bank();
        // She says who rang whom as it was, and does not change her mind.
        let who = match line.direction() {
            Direction::Inbound => WhoRang::Customer,
            Direction::Outbound => WhoRang::Enterprise,
        };
        let mut opened = phone.device.open_step_up(&prompt.token, NOW).unwrap();
        let shown = loop {
            match opened.answer(who) {
                WhoRangCheck::Show(shown) => break *shown,
                WhoRangCheck::AskAgain(again) => opened = *again,
                WhoRangCheck::Decline(id, reason) => {
                    assert_ne!(talk.direction(), line.direction());
                    now_or_never(bank.step_ups().decline(&alice(), &id, reason)).unwrap();
                    self.facts.waiting.remove(&talk);
                    return None;
                }
            }
        };
        // She approves what fits the call that she is on: who contacted whom, and the agent's name. An
        // attacker goes by any name.
        assert!(!self.rules.direction_is_covered || shown.direction() == line.direction());
        let same_name = match line {
            Line::Genuine(own) => own.agent_name() == shown.agent_name().as_str(),
            Line::Spoofed | Line::Bridged => true,
        };
        let digits = heard?;
        if !same_name {
            return None;
        }
        let answer = phone.approve(&prompt, digits, shown);
        let submitted = now_or_never(bank.step_ups().submit(&alice(), &prompt.id, &answer));
        let right = digits == prompt.digits;
        assert_eq!(submitted.is_ok(), right, "the digits of another step-up approved");
        if !right {
            return None;
        }
        self.facts.waiting.remove(&talk);
        if self.rules.several.is_some() {
            self.facts.approved.insert(talk, line);
            return self.judge(talk);
        }
        let outcome = now_or_never(bank.step_ups().outcome(&talk.interaction(), &prompt.id));
        assert!(matches!(outcome.unwrap(), StepUpOutcome::Approved(_)));
        let deceived = talk.peer() == Peer::Attacker;
        deceived.then_some(Deceit { ceremony: Ceremony::StepUp, line: Some(line), talk })
    }

    /// Alice declines one that she knows nothing of.
    fn not_me(&mut self, talk: Talk) {
        let (bank, id) = (self.bank(), self.prompts[&talk].id);
        now_or_never(bank.step_ups().decline(&alice(), &id, DeclineReason::NotMe)).unwrap();
        for prompt in self.facts.waiting.iter().map(|talk| &self.prompts[talk]) {
            let answer = StepUpAnswer::by_code("00000000".parse().unwrap());
            let late = now_or_never(bank.step_ups().submit(&alice(), &prompt.id, &answer));
            assert!(matches!(late, Err(Error::Refused(_))), "it has ended");
        }
        self.facts.waiting.clear();
        self.facts.held = true;
    }

    /// Whenever somebody talks to the enterprise as Alice, her app says so if she asks.
    fn status(&self) {
        let inbound = self
            .talks()
            .into_iter()
            .find(|talk| talk.customer() == alice() && talk.direction() == Direction::Inbound);
        let Some(talk) = inbound else { return };
        let bank = self.copied().bank();
        now_or_never(bank.contact().open(&talk.interaction())).unwrap();
        let question = StatusQuestion::new(&SeededRandom::new(1), NOW).unwrap();
        let token = now_or_never(bank.contact().status(&alice(), question.nonce())).unwrap();
        let shown = self.phone().device.open_status(&token, &question, NOW).unwrap();
        assert!(matches!(
            shown.status(),
            Status::TalkingToYou { direction: Direction::Inbound, .. }
        ));
    }
}

/// Now, by whoever is there.
fn slot() -> Slot {
    let window = Window::new(NOW, NOW.after(Duration::from_secs(1800))).unwrap();
    let team = Assignee::Team(TeamId::new("everybody").unwrap());
    Slot::new(window, Channel::Voice, team, "The bank".parse().unwrap())
}

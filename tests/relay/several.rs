//! What several approve: Alice, in whose name it is asked and who may be on a line, and Carol, who holds the account with
//! her and is on none.

use countersign::Interaction;
use countersign::credential::{CredentialPublicKey, EnrolmentRequest, KeyPossession, Signature};
use countersign::device::WhoRangCheck;
use countersign::step_up::joint::{CoApprover, JointOutcome, JointStepUpRequest, Mandate};
use countersign::step_up::{SignedAnswer, WhoRang};
use countersign::transaction::TransactionKind;
use countersign::{CustomerId, Device, Transaction, Verifier};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::moves::{Ceremony, Deceit, Move};
use crate::people::{Line, Peer, Talk, alice, carol};
use crate::world::{NOW, Prompt, World, now_or_never, request};

/// How many of the two must approve, and whom the attacker reaches: to rings or lures Alice, to talk Carol into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Several {
    pub needed: u8,
    pub alice: bool,
    pub carol: bool,
}

/// Carol's phone: its key signs what it shows.
pub struct CarolsPhone {
    device: Device,
    key: Ed25519KeyPair,
}

impl CarolsPhone {
    /// Bound with the bank.
    pub fn new(device: Device, bank: &Verifier) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let phone = Self { device, key };
        let enrolment = EnrolmentRequest::device_key(request("phone"));
        let given = now_or_never(bank.credentials().enrol(&carol(), &enrolment)).unwrap();
        let (id, nonce) = (given.credential.id, given.key_nonce().unwrap());
        let message = phone.device.possession_message(id, nonce, &phone.public());
        let possession = KeyPossession::device_key(phone.public(), phone.sign(&message));
        let (whose, credentials) = (carol(), bank.credentials());
        now_or_never(credentials.confirm_key(&whose, &id, &possession, None)).unwrap();
        phone
    }

    fn public(&self) -> CredentialPublicKey {
        let head = b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".as_slice();
        let cose = [head, self.key.public_key().as_ref()].concat();
        CredentialPublicKey::from_cose(&cose).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_raw(self.key.sign(message).as_ref()).unwrap()
    }
}

fn holders() -> Vec<CoApprover> {
    let holder = |customer: CustomerId| CoApprover::new(customer, "holder".parse().unwrap());
    vec![holder(alice()), holder(carol())]
}

fn transfer() -> Transaction {
    let (pounds, payee) = ("GBP".parse().unwrap(), "Somebody 20-00-00 55779911".parse().unwrap());
    let reference = "Invoice 7".parse().unwrap();
    Transaction::new(TransactionKind::Transfer, 900_000, pounds, payee, reference)
}

impl World {
    /// Every move that can be made now and was not made before.
    pub fn moves_with_several(&self, several: Several) -> Vec<Move> {
        let facts = &self.facts;
        let mut moves = Vec::new();
        if !facts.forwarded {
            moves.push(Move::Forward);
        }
        let alices = if facts.forwarded { Talk::OnAlicesForwardedLine } else { Talk::OnAlicesLine };
        for talk in [Talk::AliceHerself, Talk::AttackerAsAlice, alices] {
            let busy = talk == Talk::OnAlicesLine && facts.line.is_some();
            if !busy && !self.talks().contains(&talk) {
                moves.push(Move::Call(talk));
            }
        }
        let lines = [Line::Spoofed, Line::Bridged].into_iter().filter(|_| several.alice);
        moves.extend(lines.filter(|line| facts.line != Some(*line)).map(Move::Deceive));
        if facts.line.is_some() {
            moves.push(Move::HangUp);
        }
        let new = self.talks().into_iter().filter(|talk| !facts.asked.contains(talk));
        moves.extend(new.map(Move::AskBoth));
        if matches!(facts.line, Some(Line::Spoofed | Line::Bridged)) {
            let told = facts.asked.iter().filter(|talk| talk.peer() == Peer::Attacker);
            for &digits in told {
                for &to in &facts.waiting {
                    if !facts.typed.contains(&(digits, to)) {
                        moves.push(Move::Tell { digits, to });
                    }
                }
            }
        }
        let open = facts.asked.iter().filter(|talk| !facts.persuaded.contains(talk));
        moves.extend(open.filter(|_| several.carol).map(|talk| Move::Persuade(*talk)));
        moves
    }

    /// The agent of this call asks both.
    pub fn ask_both(&mut self, talk: Talk, several: Several) -> Option<Deceit> {
        self.facts.asked.insert(talk);
        let asking = JointStepUpRequest::new(
            request("both"),
            transfer(),
            talk.agent_name().parse().unwrap(),
            "Alice Jones".parse().unwrap(),
            several.needed,
            holders(),
        );
        let (bank, call) = (self.bank(), talk.interaction());
        let asked = now_or_never(bank.joint_step_ups().request(&call, &asking)).unwrap();
        let token = |of: &CustomerId| asked.tokens.iter().find(|one| one.customer == *of).unwrap();
        let Some(digits) = asked.digits.as_ref() else { panic!("a transfer needs digits") };
        let digits = digits.digits().replace(' ', "");
        let hers = token(&alice());
        let prompt = Prompt { id: hers.step_up, token: hers.token.clone(), digits: digits.clone() };
        let carols = token(&carol());
        self.joint.insert(talk, (asked.step_up.id, carols.step_up, carols.token.clone()));
        self.prompts.insert(talk, prompt);
        self.facts.waiting.insert(talk);
        match self.facts.line {
            Some(Line::Genuine(own)) if own == talk => self.consider(talk, Some(&digits)),
            _ => self.consider(talk, None),
        }
    }

    /// The attacker talks Carol into it, on whatever line. Nothing that her app shows is wrong: she is on no line of
    /// Alice's, so she is asked neither who rang nor for digits.
    pub fn persuade(&mut self, talk: Talk) -> Option<Deceit> {
        self.facts.persuaded.insert(talk);
        let (_, id, token) = self.joint[&talk].clone();
        let (bank, phone) = (self.bank(), self.carols_phone());
        let opened = phone.device.open_step_up(&token, NOW).unwrap();
        assert!(!opened.asks_who_rang());
        let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Unknown) else { panic!("{talk:?}") };
        assert_eq!(shown.headline_id(), "another_asks");
        assert!(!shown.asks_digits());
        let Some(message) = shown.message_to_sign(&phone.public()) else { panic!("her own key") };
        let signed = SignedAnswer::by_device_key(phone.sign(&message));
        let answer = shown.answer_signed(signed);
        // Alice may have declined it.
        let submitted = now_or_never(bank.step_ups().submit(&carol(), &id, &answer));
        let ended = !self.facts.waiting.contains(&talk) && !self.facts.approved.contains_key(&talk);
        assert_eq!(submitted.is_err(), ended);
        self.judge(talk)
    }

    /// Whether as many as are needed have approved what an attacker asked for, and the bank acts on it.
    pub fn judge(&self, talk: Talk) -> Option<Deceit> {
        let several = self.rules.several?;
        let (id, ..) = self.joint[&talk];
        // On a copy: the bank acts once, and others may still answer.
        let (bank, call): (_, Interaction) = (self.copied().bank(), talk.interaction());
        let outcome = now_or_never(bank.joint_step_ups().outcome(&call, &id)).unwrap();
        let mandate = Mandate::new(several.needed, holders());
        let (joint, key) = (bank.joint_step_ups(), request("k"));
        let redeemed = now_or_never(joint.redeem(&call, &id, &transfer(), &mandate, &key));
        assert_eq!(redeemed.is_ok(), outcome == JointOutcome::Approved);
        let line = self.facts.approved.get(&talk).copied();
        let votes = u8::from(line.is_some()) + u8::from(self.facts.persuaded.contains(&talk));
        let declined = outcome == JointOutcome::Declined;
        assert!(declined || redeemed.is_ok() == (votes >= several.needed), "{votes} votes");
        let deceived = redeemed.is_ok() && talk.peer() == Peer::Attacker;
        deceived.then_some(Deceit { ceremony: Ceremony::Joint, line, talk })
    }
}

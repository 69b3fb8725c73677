//! What is done or tried in ceremonies: every kind of event that a history can tell of.

use serde::{Deserialize, Serialize};

use crate::codec::table::numbered;
use crate::codec::variant_name::variant_name;
use crate::values::secret::silent_serde;

numbered! {
    /// What was done or tried.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum Action {
        /// A callback was booked.
        Book = 1,
        /// A booking was amended.
        Amend = 2,
        /// A booking was cancelled.
        Cancel = 3,
        /// The secret was shown to an agent to read out.
        Reveal = 4,
        /// The customer recognised the caller.
        Recognise = 5,
        /// The customer did not recognise the caller.
        NotRecognise = 6,
        /// The customer reported a caller although nothing had been revealed to anyone, or after the end: an
        /// impostor.
        Report = 7,
        /// The agent gave up: nobody answered.
        Abandon = 8,
        /// The time ran out.
        Expire = 9,
        // From 31 on: credentials and step-ups.
        /// A credential was enrolled.
        Enrol = 31,
        /// A credential was imported by the back end.
        Import = 32,
        /// A credential was confirmed with its first code.
        Confirm = 33,
        /// A credential was revoked.
        Revoke = 34,
        /// A credential was unlocked by the back end.
        Unlock = 35,
        /// A code was checked.
        Verify = 36,
        /// Two codes were checked, to find an authenticator's clock or counter again.
        Resync = 37,
        /// A credential was locked for a while.
        Lock = 38,
        /// A few more failures in a row will disable the credential: alert the customer.
        WarnOfBlock = 39,
        /// A credential was disabled for good.
        Disable = 40,
        /// A passkey's counter did not go up: there may be two of its authenticator.
        WarnOfClone = 46,
        /// An agent asked for a step-up.
        RequestStepUp = 41,
        /// The customer approved a step-up.
        Approve = 42,
        /// The customer declined a step-up.
        Decline = 43,
        /// A grant was redeemed.
        Redeem = 44,
        /// A code was given to the host, to be sent to the customer's number.
        Deliver = 45,
        // From 51 on: challenges.
        /// A challenge was issued.
        IssueChallenge = 51,
        /// The customer accepted a challenge.
        AnswerChallenge = 52,
        /// The customer declined a challenge.
        DeclineChallenge = 53,
        /// The customer reported a challenge, or a caller who could not have been genuine, or any after the end.
        ReportChallenge = 54,
        /// The back end confirmed an appointment.
        ConfirmAppointment = 55,
        /// The back end replaced an appointment: another slot, channel or agent.
        Reassign = 56,
        /// The code or word of an appointment was shown to an agent to say.
        Present = 57,
        /// The back end took a challenge back.
        RevokeChallenge = 58,
        // From 71 on: open interactions.
        /// An interaction began, or went over to another agent.
        Open = 71,
        /// An interaction ended.
        Close = 72,
        /// Somebody may be talking to the enterprise in the customer's name: warn the agent on that
        /// interaction. See [`Contact::open`](crate::contact::Contact::open) and
        /// [`Contact::status`](crate::contact::Contact::status).
        WarnOfRelay = 73,
        /// A call was announced, before the dialler rings.
        AnnounceCall = 74,
        /// The customer's phone asked about a call that rings, and was told that the call is the enterprise's.
        VouchForCall = 75,
        /// The customer's app asked for a ticket to call the enterprise with.
        IssueTicket = 76,
        /// A call arrived with a ticket. Refused: the ticket was used, is over, or came another way than it was given for.
        UseTicket = 77,
        /// The customer's app asked what their key has to answer before past contacts are told.
        AskLastContact = 78,
        /// The customer's key has answered, and past contacts were told.
        TellLastContact = 79,
        // From 91 on: payments.
        /// An agent asked for a payment.
        RequestPayment = 91,
        /// The customer's card was handed to the acquirer.
        Pay = 92,
        /// The acquirer authorised a payment. At the enterprise also: a newer receipt of an authorised payment was
        /// applied, which tells of a capture, a refund or a chargeback.
        Authorise = 93,
        /// The acquirer declined a payment, or nothing was charged. The customer may be allowed to try once more.
        DeclinePayment = 94,
        /// It is not known whether a payment was charged.
        LeaveUnresolved = 95,
        /// A card token was given: the vault keeps the card, or the enterprise the token.
        KeepCard = 96,
        /// A card was used under its token.
        UseCard = 97,
        /// A card token was revoked.
        RevokeCard = 98,
        /// The enterprise has applied the vault's receipt of a payment.
        AcknowledgeReceipt = 99,
        /// The back end had the vault capture what was authorised, or a part of it.
        Capture = 100,
        /// The back end had the vault give up what was authorised and not captured.
        Void = 101,
        /// The back end had the vault give back what was captured, or a part of it.
        Refund = 102,
        /// The acquirer did what it was asked to do with a payment.
        ConfirmFollowUp = 103,
        /// The acquirer did not do what it was asked to do with a payment, and will not.
        RefuseFollowUp = 104,
        /// The customer's bank wants them to authenticate before a payment is charged (3-D Secure).
        AskToAuthenticate = 105,
        /// They have authenticated. Refused: they have not, or not in time.
        Authenticate = 106,
        /// What the acquirer may have authorised is given up: a part that the policy does not take, an answer that nobody
        /// understands, or an authentication that was left.
        UndoPayment = 107,
        /// The back end had the vault authorise more of a payment.
        Increment = 108,
        /// The acquirer told of a refund that was not made through the vault.
        RecordRefund = 109,
        /// The acquirer told that the card issuer took money back.
        RecordChargeback = 110,
        /// The acquirer told that it got such money again.
        RecordChargebackReversal = 111,
        /// The acquirer's id of a payment holds the card's number or code, and was not kept.
        WithholdTransactionId = 112,
        /// The vault told what became of the money of a payment since it was authorised: captured, given up, given back,
        /// taken back, or authorised for more.
        ChangeTotals = 113,
        // From 121 on: news that could not be delivered.
        /// A worker gave a piece of news back; it is tried again.
        RetryNews = 121,
        /// A piece of news failed too often: it waits with all later ones of the customer. Tell an operator.
        ParkNews = 122,
        /// The host has the customer's news delivered again.
        ResumeNews = 123,
        /// The host has dropped what waited of the customer's news.
        DiscardNews = 124,
        // From 131 on: customers as a whole.
        /// The back end has said that the customer's records are right as they stand.
        Reconcile = 131,
        /// An erasure began: nothing is begun in the customer's name any more.
        BeginErasure = 132,
        /// The customer's records were deleted.
        Erase = 133,
        /// The customer begins anew after an erasure. Refused: something was to be begun without that.
        Readmit = 134,
        /// The host has erasure wait.
        HoldErasure = 135,
        /// Erasure need not wait any longer.
        LiftHold = 136,
        /// The back end has lowered the floor: after a delay, and for a while, its own word binds a new authenticator. Tell
        /// every device of the customer.
        LowerFloor = 137,
        /// The floor is kept after all.
        KeepFloor = 138,
        // From 151 on: prompts.
        /// The customer typed other digits than the agent has, or did not type any.
        MistypeDigits = 151,
        /// So many wrong digits in a row that prompts stop in interactions that the customer's app did not open. Tell the
        /// customer.
        StopPrompts = 152,
        /// The customer said of a step-up: not me. All that waited has ended, and prompts are held off in interactions
        /// that the customer's app did not open.
        HoldPrompts = 153,
        /// The customer's session allows prompts again.
        ResumePrompts = 154,
        /// The customer was told by somebody to approve: somebody may be coaching them.
        WarnOfCoaching = 155,
        /// The customer declined because the details are wrong.
        DisputeDetails = 156,
        // From 161 on: notices.
        /// The back end issued a notice.
        IssueNotice = 161,
        /// The back end took a notice back.
        WithdrawNotice = 162,
        // From 171 on: reachable agents.
        /// The back end reported how agents can be reached.
        ReportReachability = 171,
        // From 181 on: transfers.
        /// The conversation went over to another agent, and with it what was asked for on it.
        HandOver = 181,
        // From 191 on: how the customer was reached.
        /// The enterprise had rung back before this was asked for, as its kind demands: within the app, or on a number that
        /// a source of the policy's vouched for.
        RingBack = 191,
    }
}

silent_serde! {
    Action: "an action of a history",
}

impl Action {
    /// Whether it ends something, so that less is allowed than before.
    pub(crate) const fn takes_authority(self) -> bool {
        matches!(
            self,
            Self::Cancel
                | Self::NotRecognise
                | Self::Report
                | Self::Abandon
                | Self::Expire
                | Self::Revoke
                | Self::Lock
                | Self::Disable
                | Self::Decline
                | Self::HoldPrompts
                | Self::StopPrompts
                | Self::DeclineChallenge
                | Self::ReportChallenge
                | Self::RevokeChallenge
                | Self::Close
                | Self::RevokeCard
                | Self::Void
                | Self::BeginErasure
                | Self::Erase
                | Self::WithdrawNotice
                | Self::HandOver
                | Self::KeepFloor
        )
    }

    /// The name in serde formats, for metrics and logs. It never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        variant_name(&self).unwrap_or_default()
    }
}

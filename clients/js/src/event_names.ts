// The numbers of actions and reasons in a history's events. They never change; later versions add some.

/** Names that have these numbers and the ones after them. */
function numbered(rows: readonly (readonly [number, string])[]): ReadonlyMap<number, string> {
  return new Map(
    rows.flatMap(([first, names]) =>
      names.trim().split(" ").map((name, at) => [first + at, name] as const),
    ),
  );
}

/** What was done or tried. */
export const ACTIONS: ReadonlyMap<number, string> = numbered([
  [
    1,
    "book amend cancel reveal recognise not_recognise report abandon expire ",
  ],
  [
    31,
    "enrol import confirm revoke unlock verify resync lock warn_of_block disable request_step_up approve " +
    "decline redeem deliver ",
  ],
  [
    51,
    "issue_challenge answer_challenge decline_challenge report_challenge confirm_appointment reassign present " +
    "revoke_challenge ",
  ],
  [
    71,
    "open close warn_of_relay ",
  ],
  [
    91,
    "request_payment pay authorise decline_payment leave_unresolved keep_card use_card revoke_card " +
    "acknowledge_receipt capture void refund confirm_follow_up refuse_follow_up ask_to_authenticate " +
    "authenticate undo_payment increment record_refund record_chargeback record_chargeback_reversal " +
    "withhold_transaction_id change_totals ",
  ],
  [
    121,
    "retry_news park_news resume_news discard_news ",
  ],
  [
    131,
    "reconcile begin_erasure erase readmit hold_erasure lift_hold ",
  ],
]);

/** Why something was refused. 0 stands for done. */
export const REASONS: ReadonlyMap<number, string> = numbered([
  [
    1,
    "unknown ended outside_window inbound wrong_channel channel_not_allowed not_assigned " +
    "too_many_interactions agent_changed nothing_revealed already_revealed ",
  ],
  [
    31,
    "wrong_code replayed locked disabled unconfirmed no_credential too_many_requests not_as_approved " +
    "not_genuine redeemed another_credential erased ",
  ],
  [
    51,
    "not_confirmed superseded not_answered already_answered already_confirmed ",
  ],
  [
    71,
    "too_many_open ",
  ],
  [
    91,
    "another_card cannot_open not_authorised used revoked amount_exceeded ",
  ],
]);

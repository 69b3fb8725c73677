// The customer's half of countersign: what an app uses.

export type { ActionForm, ActionForms, FieldType, FormField, ShownAction } from "./actions.js";
export { type Brand, type BrandRange, BRANDS } from "./brand_ranges.js";
export { BrandTable } from "./brands.js";
export { foldedSecret, readbackWords } from "./callbacks.js";
export {
  CALL_VERDICTS,
  type CallVerdict,
  isPhoneNumber,
  type KnownNumbers,
  type RingingCall,
  VERDICT_ASK_EVERY,
  VERDICT_BUDGET,
  VerdictQuestion,
} from "./calls.js";
export {
  Card,
  type CardFields,
  type CryptogramFields,
  type Expiry,
  expiryEnd,
  readExpiry,
  STORED_CREDENTIALS,
  type StoredCredential,
  type Wallet,
  WALLETS,
} from "./card.js";
export type { AddressFields } from "./card_lines.js";
export type {
  ChallengeCheck,
  ChallengeData,
  FoundOn,
  PostsFrom,
  VerifiedChallenge,
} from "./challenge.js";
export { APP_SUITE } from "./codes.js";
export { Device, type DeviceOptions } from "./device.js";
export type { DevicePublicKey } from "./device_key.js";
export { DeviceCredential, type Enrolment } from "./enrolment.js";
export {
  ActionFormError,
  CardError,
  CodeCheckError,
  CountersignError,
  CredentialError,
  FoundElsewhere,
  HistoryError,
  KeyError,
  NoticeError,
  NotVerified,
  PaymentError,
  PhoneNumberError,
  type Rejection,
  TicketError,
  TokenError,
} from "./errors.js";
export { type Act, ACTS, GroundRules, NEVER_ASKED, type NeverAsked, RULES } from "./ground_rules.js";
export {
  type AppointmentData,
  type Assignee,
  CODE_ATTEMPTS,
  CodeAttempts,
  type CodeCheck,
  type Proof,
  type VerifiedAppointment,
} from "./hearing.js";
export {
  type Actor,
  type CeremonyHistory,
  checkChain,
  type HistoryEvent,
  readHistories,
  readHistory,
  type Subject,
} from "./history.js";
export {
  type Channel,
  CHANNELS,
  type Direction,
  type Headline,
  type Transaction,
  type TransactionKind,
  transactionText,
} from "./interaction.js";
export type { JointData } from "./joint.js";
export { readKeySet } from "./key_set.js";
export { PublicKey, type Purpose, PURPOSES, TrustedKeys } from "./keys.js";
export {
  type LastContactAnswer,
  type LastContactQuestion,
  type LastContactShown,
  type PastContact,
  type ReportedSpan,
  type SignedLastContactAnswer,
} from "./last_contact.js";
export { amountText, exponentOf, isCurrency } from "./money.js";
export {
  KnownNotices,
  NOTICE_KINDS,
  type NoticeCheck,
  type NoticeData,
  type NoticeKind,
  type NoticeStanding,
  type VerifiedNotice,
} from "./notices.js";
export { type PaymentRequestData, VerifiedPayment } from "./payment.js";
export { readPin } from "./pins.js";
export {
  type Reach,
  type ReachableSkill,
  ReachableShown,
  ReachQuestion,
} from "./reachable.js";
export type { ChargeOutcome, DeclineReason, ErasureData, ReceiptData, Totals } from "./receipts.js";
export { codeGroups, codeWords, readSpokenCode } from "./spoken.js";
export { NOT_VERIFIED, type Status, StatusQuestion, StatusShown } from "./status.js";
export {
  DECLINE_REASONS,
  type DeclinedStepUp,
  type DeclineReason as StepUpDeclineReason,
  type SignedStepUpAnswer,
  type StepUpAnswer,
  type StepUpDecline,
  type UnansweredStepUp,
  type VerifiedStepUp,
  WHO_RANG,
  type WhoRang,
  type WhoRangCheck,
} from "./step_up.js";
export { MAX_TEXT_CHARS } from "./text.js";
export { DialTicket, HeaderTicket } from "./tickets.js";
export { currentSeconds, type UnixSeconds, writeTime } from "./time.js";

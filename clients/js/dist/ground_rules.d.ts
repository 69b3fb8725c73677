import { type Read } from "./data.js";
import { type Channel } from "./interaction.js";
import type { UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/** What a genuine agent never asks for, each with its sentence; the name is the sentence's id for other languages. */
export declare const NEVER_ASKED: {
    readonly pin: "We never ask for a PIN outside the app.";
    readonly password: "We never ask for a password.";
    readonly one_time_code: "We never ask you to tell us a code. Codes go into the app.";
    readonly callback_secret: "We tell you your secret. We never ask you for it.";
    readonly card_number: "We never ask for a card number outside the app.";
    readonly card_verification_code: "We never ask for the code on the back of a card outside the app.";
    readonly safe_account: "We never ask you to move money to a safe account.";
    readonly remote_access: "We never ask you to let us see or control your device.";
    readonly hand_over: "We never ask for cash, cards, devices or gift cards.";
    readonly secrecy: "We never ask you to keep a call or a payment secret.";
};
export type NeverAsked = keyof typeof NEVER_ASKED;
/** All of them, in their order. Without a statement an app shows these. */
export declare const RULES: readonly NeverAsked[];
/** Reads names of rules, without those of later versions. */
export declare const rules: Read<readonly NeverAsked[]>;
/** Something that the enterprise does on some channels. */
export declare const ACTS: readonly ["reveal", "challenge", "step_up", "payment"];
export type Act = (typeof ACTS)[number];
export interface GroundRulesData {
    readonly neverAsked: readonly NeverAsked[];
    readonly channels: Readonly<Record<Act, readonly Channel[]>>;
}
export declare const GROUND_RULES: Format<GroundRulesData>;
/** The enterprise's signed statement. */
export declare class GroundRules {
    #private;
    /** Made by `Device.openGroundRules` alone. */
    constructor(claims: Claims<GroundRulesData>);
    get neverAsked(): readonly NeverAsked[];
    /** Which rules somebody breaks who asks for these. One is enough: nobody genuine asks for any. */
    brokenBy(asked: readonly NeverAsked[]): readonly NeverAsked[];
    /** Whether the enterprise does this there. Whoever does it elsewhere is somebody else. */
    allows(act: Act, on: Channel): boolean;
    /** Until when it holds. Fetch the next one before. */
    get until(): UnixSeconds;
}

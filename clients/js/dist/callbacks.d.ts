import type { DeviceCredential } from "./enrolment.js";
import { type Channel } from "./interaction.js";
/**
 * The secret as it is compared (RFC 8266, Nickname); `undefined` if there is no such form, or if this platform does not
 * know a character of it: it would make other words of it than the enterprise.
 */
export declare function foldedSecret(secret: string): string | undefined;
/**
 * The words that a genuine agent says in a callback that was booked with derived words. Show them as "We call you and
 * say:", with a way to report whoever calls and does not say them. Throws a {@link CredentialError}.
 */
export declare function readbackWords(credential: DeviceCredential, callback: string, channel: Channel, secret: string): Promise<string>;

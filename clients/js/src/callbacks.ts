// A callback that the customer books: the secret that the agent says, and the words that stand for it.

import { crockford, exactly, pae } from "./bytes.js";
import { hmac } from "./crypto.js";
import type { DeviceCredential } from "./enrolment.js";
import { CredentialError } from "./errors.js";
import { type Channel, CHANNELS, DIRECTIONS, numberOf } from "./interaction.js";
import { wordsOf } from "./spoken.js";
import { isAssigned, isSpace } from "./unicode.js";

/** Spaces to U+0020, none at the ends, one between words; with `fold` in lower case, character by character; NFKC. */
function once(text: string, fold: boolean): string {
  const words: string[] = [""];
  for (const c of text) {
    if (isSpace(c)) words.push("");
    else words.push((words.pop() ?? "") + (fold ? c.toLowerCase() : c));
  }
  return words.filter((word) => word !== "").join(" ").normalize("NFKC");
}

function settled(text: string, fold: boolean): string | undefined {
  let now = once(text, fold);
  for (let more = 0; more < 3; more += 1) {
    const next = once(now, fold);
    if (next === now) return now;
    now = next;
  }
  return undefined;
}

/**
 * The secret as it is compared (RFC 8266, Nickname); `undefined` if there is no such form, or if this platform does not
 * know a character of it: it would make other words of it than the enterprise.
 */
export function foldedSecret(secret: string): string | undefined {
  if (![...secret].every(isAssigned)) return undefined;
  const kept = settled(secret, false);
  return kept === undefined ? undefined : settled(kept, true);
}

/**
 * The words that a genuine agent says in a callback that was booked with derived words. Show them as "We call you and
 * say:", with a way to report whoever calls and does not say them. Throws a {@link CredentialError}.
 */
export async function readbackWords(
  credential: DeviceCredential,
  callback: string,
  channel: Channel,
  secret: string,
): Promise<string> {
  const [id, folded] = [exactly(crockford, 16, callback), foldedSecret(secret)];
  if (id === undefined || folded === undefined || folded === "") {
    throw new CredentialError("secret", "no words can be made of this secret here");
  }
  const message = pae(
    "countersign derived words v1",
    id,
    numberOf(DIRECTIONS, "outbound"),
    numberOf(CHANNELS, channel),
    folded,
  );
  return wordsOf((await hmac("SHA-256", credential.wordsKey(), message)).slice(0, 4));
}

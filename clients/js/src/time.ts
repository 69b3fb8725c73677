// Times: whole seconds since 1970 in UTC, as numbers.

/** Seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number;

/** The last second that this format knows. */
export const LAST_SECOND: UnixSeconds = 253_402_207_200;

/** What this device's clock says. */
export const currentSeconds = (): UnixSeconds => Math.floor(Date.now() / 1000);

/** A time that a caller gives. With one that is no number every comparison would be false, and nothing expired. */
export function checkNow(now: UnixSeconds): void {
  if (!Number.isSafeInteger(now) || now < 0) throw new RangeError("this is no time in whole seconds since 1970");
}

const WIRE = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:Z|\+00:00)$/;

/** Reads `2026-01-31T14:00:00Z`, or the same with `+00:00`. */
export function readTime(text: string): UnixSeconds | undefined {
  const found = WIRE.exec(text);
  if (found === null) return undefined;
  const numbers = found.slice(1).map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  if (y < 1970) return undefined;
  const at = new Date(Date.UTC(y, mo - 1, d, h, mi, s));
  const same =
    at.getUTCFullYear() === y &&
    at.getUTCMonth() === mo - 1 &&
    at.getUTCDate() === d &&
    at.getUTCHours() === h &&
    at.getUTCMinutes() === mi &&
    at.getUTCSeconds() === s;
  const seconds = at.getTime() / 1000;
  return same && seconds <= LAST_SECOND ? seconds : undefined;
}

/** `2026-01-31T14:00:00Z`. */
export function writeTime(at: UnixSeconds): string {
  return new Date(at * 1000).toISOString().replace(".000Z", "Z");
}

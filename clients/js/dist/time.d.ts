/** Seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number;
/** The last second that this format knows. */
export declare const LAST_SECOND: UnixSeconds;
/** What this device's clock says. */
export declare const currentSeconds: () => UnixSeconds;
/** A time that a caller gives. With one that is no number every comparison would be false, and nothing expired. */
export declare function checkNow(now: UnixSeconds): void;
/** Reads `2026-01-31T14:00:00Z`, or the same with `+00:00`. */
export declare function readTime(text: string): UnixSeconds | undefined;
/** `2026-01-31T14:00:00Z`. */
export declare function writeTime(at: UnixSeconds): string;

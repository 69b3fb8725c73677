/** Why a text is no such name; `undefined` if it is one. */
export declare function misnamed(text: string): "malformed" | "reserved" | undefined;

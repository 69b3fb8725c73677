/** An object is a map, so that no member's name means anything to JavaScript. */
export type Json = null | boolean | bigint | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;
/** What the text says; `undefined` if it is not strict JSON. */
export declare function readJson(text: string): Json | undefined;
/** A value as JSON without spaces. */
export declare function writeJson(value: Json): string;

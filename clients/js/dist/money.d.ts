/** Whether these three capital letters are a currency of ISO 4217. */
export declare const isCurrency: (code: string) => boolean;
/** How many decimal digits the minor unit has: 2 for GBP, 0 for JPY; `undefined` for metals, funds and test codes. */
export declare const exponentOf: (currency: string) => number | undefined;
/** Currency and amount, such as `GBP 5000.00`. The amount is in minor units. */
export declare function amountText(amount: bigint, currency: string): string;

// Amounts as people read them, by ISO 4217's own exponents. A platform's formatter has others for 19 currencies
// (CLDR's), and would show 100 or 1000 times the amount.
/** The currencies of ISO 4217 by how many digits their minor unit has. */
const BY_EXPONENT = [
    [
        0,
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ",
    ],
    [
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF " +
            "CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL " +
            "HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU " +
            "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG " +
            "SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES " +
            "WST XAD XCD XCG YER ZAR ZMW ZWG ZWL ",
    ],
    [
        3,
        "BHD IQD JOD KWD LYD OMR TND ",
    ],
    [
        4,
        "CLF UYW ",
    ],
    [
        undefined,
        "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX ",
    ],
];
const EXPONENTS = new Map(BY_EXPONENT.flatMap(([exponent, codes]) => codes.trim().split(" ").map((code) => [code, exponent])));
/** Whether these three capital letters are a currency of ISO 4217. */
export const isCurrency = (code) => EXPONENTS.has(code);
/** How many decimal digits the minor unit has: 2 for GBP, 0 for JPY; `undefined` for metals, funds and test codes. */
export const exponentOf = (currency) => EXPONENTS.get(currency);
/** Currency and amount, such as `GBP 5000.00`. The amount is in minor units. */
export function amountText(amount, currency) {
    const digits = exponentOf(currency) ?? 0;
    const text = amount.toString().padStart(digits + 1, "0");
    const whole = text.slice(0, text.length - digits);
    return digits === 0 ? `${currency} ${whole}` : `${currency} ${whole}.${text.slice(-digits)}`;
}

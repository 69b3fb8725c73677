/** The schemes, in the order of their numbers in a sealed card, from 1. */
export declare const BRANDS: readonly ["visa", "mastercard", "american_express", "discover", "diners_club", "jcb", "union_pay", "maestro", "rupay", "mir", "troy", "elo", "hipercard", "verve", "uatp", "mada", "dankort", "cartes_bancaires", "interac", "girocard", "private_label"];
export type Brand = (typeof BRANDS)[number];
/** First digits from and to, both included; the lengths issued under them; the schemes, the one first that is paid over. */
export interface BrandRange {
    readonly from: string;
    readonly to: string;
    readonly lengths: readonly number[];
    readonly brands: readonly Brand[];
}
export declare const PUBLISHED_RANGES: readonly BrandRange[];

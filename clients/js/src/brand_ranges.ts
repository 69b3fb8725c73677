// Which schemes issue numbers that begin so: the published ranges. Of those that have a number's length, the one given
// with the most digits counts.

/** The schemes, in the order of their numbers in a sealed card, from 1. */
export const BRANDS = [
  "visa",
  "mastercard",
  "american_express",
  "discover",
  "diners_club",
  "jcb",
  "union_pay",
  "maestro",
  "rupay",
  "mir",
  "troy",
  "elo",
  "hipercard",
  "verve",
  "uatp",
  "mada",
  "dankort",
  "cartes_bancaires",
  "interac",
  "girocard",
  "private_label",
] as const;
export type Brand = (typeof BRANDS)[number];

/** First digits from and to, both included; the lengths issued under them; the schemes, the one first that is paid over. */
export interface BrandRange {
  readonly from: string;
  readonly to: string;
  readonly lengths: readonly number[];
  readonly brands: readonly Brand[];
}

/** Lengths, schemes, and the ranges that have them. */
const PUBLISHED: readonly (readonly [string, string, string])[] = [
  [
    "13,16,19",
    "visa",
    "4",
  ],
  [
    "16",
    "mastercard",
    "2221-2720 51-55",
  ],
  [
    "15",
    "american_express",
    "34 37",
  ],
  [
    "16,17,18,19",
    "discover",
    "6011 644-659",
  ],
  [
    "14,15,16,17,18,19",
    "diners_club",
    "300-305 3095 36 38-39",
  ],
  [
    "16,17,18,19",
    "jcb",
    "3088-3094 3096-3102 3112-3120 3158-3159 3337-3349 3528-3589",
  ],
  [
    "16,17,18,19",
    "union_pay",
    "62 8100-8171",
  ],
  [
    "12,13,14,15,16,17,18,19",
    "maestro",
    "500-508 56-59 63 67",
  ],
  [
    "16",
    "rupay",
    "508227 5085-5089 603741 606985-607984 608001-608500 8172-8299",
  ],
  [
    "16",
    "rupay discover",
    "652150-653149",
  ],
  [
    "16",
    "jcb rupay",
    "353800",
  ],
  [
    "16,17,18,19",
    "mir",
    "2200-2204",
  ],
  [
    "16",
    "troy",
    "9792",
  ],
  [
    "16,19",
    "hipercard",
    "606282 384100 384140 384160",
  ],
  [
    "16",
    "hipercard",
    "637095 637568 637599 637609 637612",
  ],
  [
    "16,18,19",
    "verve",
    "506099-506198 507865-507964 650002-650027",
  ],
  [
    "15",
    "uatp",
    "1",
  ],
  [
    "16",
    "dankort",
    "5019",
  ],
  [
    "16",
    "visa dankort",
    "4571",
  ],
  [
    "16",
    "elo",
    "401178-401179 431274 438935 451416 457393 457631-457632 504175 506699-506778 509000-509999 627780 636297 " +
    "636368 650031-650033 650035-650051 650405-650439 650485-650538 650541-650598 650700-650718 650720-650727 " +
    "650901-650978 651652-651679 655000-655019 655021-655058",
  ],
  [
    "16",
    "mastercard mada",
    "22337902 22337986 22402030 513213 515079 516138 520058 521076 52166100 524130 524514 524940 529415 529741 " +
    "530060 531196 535825 535989 536023 537767 53973776 543085 543357 549760 554180 555610 558563",
  ],
  [
    "16",
    "visa mada",
    "403024 40545400 406136 406996 40719700 40739500 407520 409201 410621 410685 410834 412565 417633 419593 " +
    "420132 421141 422817-422819 428331 428671-428673 431361 432328 434107 439954 440533 440647 440795 442429 " +
    "442463 445564 446393 446404 446672 45488707 45501701 455036 455708 457865 457997 458456 462220 " +
    "468540-468543 474491 483010-483012 484783 486094-486096 489318-489319 49098000",
  ],
  [
    "16",
    "mada",
    "504300 588845 588848 588850 604906 636120 968201-968209 968211",
  ],
];

export const PUBLISHED_RANGES: readonly BrandRange[] = PUBLISHED.flatMap(([lengths, brands, ranges]) =>
  ranges.split(" ").map((range) => {
    const [from = "", to = from] = range.split("-");
    return { from, to, lengths: lengths.split(",").map(Number), brands: brands.split(" ") as Brand[] };
  }),
);

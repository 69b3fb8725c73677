/** What no text may hold: categories C*, Zl and Zp, less the two joiners. */
export declare const UNFIT: string;
/** Categories M*. */
export declare const MARKS: string;
/** Letters, marks and symbols that show nothing. */
export declare const INVISIBLE = "nj 2rz.1 18z.1 2d.2 1 35c 1ur 14ez.f b4 ae8.1 bs1 j90 h486.6n";
/** What nobody sees, wherever it stands. */
export declare const UNSEEN: string;
/** Category Pd. */
export declare const DASHES = "19 124 1f 2td sl 1l5.5 2rl 2 v.1 4 s ce j 33 14ls.1 11 a 4p 2u8 8u";
/** The zeros of each script's ten digits. */
export declare const ZEROS: string;
/** After which either joiner may stand. */
export declare const VIRAMAS: string;
/** Letters that join to the one after them. */
export declare const JOINS_NEXT: string;
/** Letters that join to the one before them. */
export declare const JOINS_PREVIOUS: string;
/** Marks through which letters join. */
export declare const TRANSPARENT: string;

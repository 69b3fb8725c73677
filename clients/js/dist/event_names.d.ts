/** What was done or tried. */
export declare const ACTIONS: ReadonlyMap<number, string>;
/** Why something was refused. 0 stands for done. */
export declare const REASONS: ReadonlyMap<number, string>;

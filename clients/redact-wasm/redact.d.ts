/** What is looked for, and what stays. */
export interface Options {
  /** Whether the last four digits of a card number stay; not by default. */
  keepLastFour?: boolean;
  /** Whether numbers in words are found; they are by default. */
  spoken?: boolean;
  /** Whether people or machines wrote the text; people by default. */
  mode?: "people" | "logs";
}

export interface Attach extends Options {
  /** The form that sends the field; its own by default. */
  form?: HTMLFormElement | null;
  /** Called whenever something was masked. */
  masked?: () => void;
}

export interface Show extends Options {
  /** Selectors of what the agent may see. What none of them matches is withheld. */
  show?: string[];
  /** Selectors of what is withheld within that. */
  hide?: string[];
}

export class Redactor {
  /** `text` with its card data masked: `*` for each digit. */
  maskText(text: string, options?: Options): string;
  /** The digits and number words of card data in `text`: pairs of places, as strings count. */
  find(text: string, options?: Options): [number, number][];
  /** Masks card data in a text field as it is typed, pasted and sent. Gives a function that lets go of the field. */
  attach(field: HTMLInputElement | HTMLTextAreaElement, how?: Attach): () => void;
  /** A copy of the page below `root` that an agent may see. */
  maskPage(root: Element, how?: Show): HTMLElement;
}

/** Loads the redactor: from a URL, a response, bytes or a compiled module; by default the file beside the script. */
export function load(source?: URL | string | Response | BufferSource | WebAssembly.Module): Promise<Redactor>;

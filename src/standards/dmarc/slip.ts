/** Defines the slips that keep a text from being the DMARC record that its owner meant. */

export type DmarcSlipKind =
  /** The value is a whole line of a zone file, or has a label such as `Value:` before it. */
  | 'zone-file-line'
  /** The value contains a byte order mark, a zero-width space, a no-break space or a control character. */
  | 'invisible-characters'
  /** A character only looks like the one that was meant: a full-width letter, a typographic dash. */
  | 'lookalike'
  /** The value contains a backslash, as in `\;`, or an HTML entity. */
  | 'escaped-semicolon'
  /** The value contains straight or typographic quotation marks, or parentheses. */
  | 'quotes'
  /** There is whitespace before the first tag. */
  | 'leading-space'
  /** A line break that is not folding whitespace (RFC 6376 §2.8). */
  | 'line-break'
  /** The version has the wrong case: `v=dmarc1`, `V=DMARC1`. */
  | 'version-case'
  /** The version is misspelt: `v=DMARC 1`, `v:DMARC1`, `v=DMARCl`. */
  | 'version-spelling'
  /** `v=DMARC1` is not the first tag. */
  | 'version-not-first'
  /** There is no version. */
  | 'no-version'
  /** Nothing, or only white space, separates `found` from the next tag. */
  | 'missing-semicolon'
  /** `found` separates two tags instead of a semicolon. */
  | 'wrong-separator'
  /** `found` stands where no tag is: `;;`, or a full stop at the end. */
  | 'stray'
  /** `found` stands for the equals sign after the tag `tag`. */
  | 'wrong-equals'
  /** The tag is misspelt, has the wrong case, or is written as a word. */
  | 'tag-name'
  /** A policy stands there without its tag. */
  | 'bare-policy'
  /** The value of `tag` is misspelt. */
  | 'value'
  /** The value of `tag` has no meaning, and receivers ignore it. It is left out. */
  | 'bad-value'
  /** The tag occurs several times. */
  | 'duplicate'
  /** `p=` is missing. Receivers assume `none` (RFC 9989 §4.10.1). */
  | 'no-policy'
  /** The list of addresses is empty, or has an empty item. */
  | 'empty-address'
  /** The address has no `mailto:`, or a misspelt one. */
  | 'mailto'
  /** The address has spaces, angle brackets or a comma for a dot inside. */
  | 'address-form'
  /** Something else than a comma separates two addresses. */
  | 'address-separator'
  /** The address has characters that a URI may not have: an internationalised name, an unencoded character. */
  | 'address-characters'
  /** The piece is no tag. It is left out. */
  | 'no-tag'
  /** Several records say what one record is to say. */
  | 'several-records';

/** One slip. */
export interface DmarcSlip {
  readonly kind: DmarcSlipKind;
  /** The tag that the slip is about. */
  readonly tag?: string;
  /** What is published. */
  readonly found?: string;
  /** What was meant. */
  readonly meant?: string;
}

/**
 * What the owner of a published text meant by it. Each standard reads its own records (`correct.ts` in its folder) and
 * gives the result in this form.
 */

/** The reading of one text, or of several texts that belong together. `S` are the slips that the standard knows. */
export type Meaning<S> =
  /** The text is right as it is published. */
  | { readonly kind: 'right' }
  /** It is plain what was meant. */
  | {
      readonly kind: 'corrected';
      /** The whole text that was meant. It follows the standard. */
      readonly text: string;
      /** The slips that were corrected, in the order of the text; at least one. */
      readonly slips: readonly [S, ...S[]];
      /** The pieces of the published text that the corrected one does not carry on. Each is named to the user. */
      readonly leftOut: readonly string[];
    }
  /** The text is meant as a record of this standard, but not all of it can be read. Nothing is proposed then. */
  | {
      readonly kind: 'unclear';
      readonly slips: readonly S[];
      /** The pieces that cannot be read. */
      readonly unread: readonly string[];
    }
  /** The text is something else: a token of a service, prose, a record of another standard. */
  | { readonly kind: 'unrelated' };

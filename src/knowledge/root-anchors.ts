/**
 * The trust anchors of the root zone that IANA publishes, as lines of a master file. A run without another anchor starts
 * from them. IANA announces a new key about two years before it signs, and removes an old one later.
 */

/** A key of the root zone, as IANA publishes its digest. */
export interface RootAnchor {
  readonly name: string;
  /** The day from which IANA calls the key valid, as `YYYY-MM-DD`. */
  readonly validFrom: string;
  /** The DS record as a line of a master file. */
  readonly line: string;
}

/** The list of data.iana.org/root-anchors/root-anchors.xml. */
export const ROOT_ANCHORS: readonly RootAnchor[] = [
  {
    name: 'KSK-2017',
    validFrom: '2017-02-02',
    line: '. IN DS 20326 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d',
  },
  {
    name: 'KSK-2024',
    validFrom: '2024-07-18',
    line: '. IN DS 38696 8 2 683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16',
  },
];

/** @returns the trust anchors as the text of a file with DS records. */
export function rootAnchorText(): string {
  return ROOT_ANCHORS.map(({ line }) => `${line}\n`).join('');
}

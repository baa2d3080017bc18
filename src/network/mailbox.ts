/** Mailboxes as users type them. */
import { parseDomain } from './domain.ts';

export interface Mailbox {
  /** As it was typed: only the host it is at may say whether case counts (RFC 5321 §2.4). */
  readonly localPart: string;
  /** In lower case and A-labels. */
  readonly domain: string;
}

/** RFC 5321 §4.5.3.1.1, in octets. */
const MAX_LOCAL_PART = 64;

/** `Dot-string = Atom *("." Atom)` (RFC 5321 §4.1.2), with the `atext` of RFC 5322 §3.2.3. */
const DOT_STRING = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * Parses `Mailbox = Local-part "@" Domain` (RFC 5321 §4.1.2), with or without the `<>` of a path around it. The local
 * part is a `Dot-string`. A `Quoted-string`, which few systems accept, and an address literal are left out: nobody types
 * them for a mailbox of their own, and every place that a mailbox is put to would have to quote them.
 *
 * @returns the mailbox, its domain in lower case and A-labels; `undefined` for anything else.
 */
export function parseMailbox(text: string): Mailbox | undefined {
  const [, path, bare] = /^(?:<([^<>]+)>|([^<>]+))$/.exec(text.trim()) ?? [];
  const address = path ?? bare ?? '';
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, Math.max(at, 0));
  const domain = parseDomain(address.slice(at + 1));
  if (domain === undefined || localPart.length > MAX_LOCAL_PART || !DOT_STRING.test(localPart)) return undefined;
  return { localPart, domain };
}

/** @returns `local-part@domain`. */
export function mailboxText({ localPart, domain }: Mailbox): string {
  return `${localPart}@${domain}`;
}

/**
 * @returns the `mailto` URI of a mailbox (RFC 6068 §2). All that could mean something in the URI, or in the record that
 *   holds it (`!` and `,` in RFC 9989, `;` in any tag list), is percent-encoded.
 */
export function mailtoUri({ localPart, domain }: Mailbox): string {
  const encoded = localPart.replace(
    /[^A-Za-z0-9._~+-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `mailto:${encoded}@${domain}`;
}

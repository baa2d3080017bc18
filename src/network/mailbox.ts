/** Mailboxes (`local-part@domain`) as users type them. */
import { parseDomain } from './domain.ts';

export interface Mailbox {
  /** The local part as typed. Only the domain's own mail server may ignore its case (RFC 5321 §2.4). */
  readonly localPart: string;
  /** The domain in lower case and A-labels. */
  readonly domain: string;
}

/** Longest local part in octets (RFC 5321 §4.5.3.1.1). */
const MAX_LOCAL_PART = 64;

/** `Dot-string = Atom *("." Atom)` (RFC 5321 §4.1.2), with the `atext` of RFC 5322 §3.2.3. */
const DOT_STRING = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * Parses `Mailbox = Local-part "@" Domain` (RFC 5321 §4.1.2), with or without the `<>` of a path around it. Accepts
 * only a `Dot-string` as local part. Rejects a `Quoted-string` and an address literal: few systems accept a
 * `Quoted-string`, and every record or command that holds the mailbox would have to quote it.
 *
 * @returns the mailbox with its domain in lower case and A-labels, or `undefined` when the text is not such a mailbox.
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

/** @returns the mailbox as `local-part@domain`. */
export function mailboxText({ localPart, domain }: Mailbox): string {
  return `${localPart}@${domain}`;
}

/**
 * Builds the `mailto` URI of a mailbox (RFC 6068 §2). Percent-encodes every character that has a meaning in the URI or
 * in a DNS record that contains it: `!` and `,` in DMARC (RFC 9989), `;` in every tag list.
 *
 * @returns the URI, such as `mailto:postmaster@example.com`.
 */
export function mailtoUri({ localPart, domain }: Mailbox): string {
  const encoded = localPart.replace(
    /[^A-Za-z0-9._~+-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `mailto:${encoded}@${domain}`;
}

/** Gives the answers of scripted mail servers to RCPT, after real ones. Pass one of these functions to `startSmtp`. */

export interface Envelope {
  /** The name in the last EHLO or HELO. */
  readonly hello: string;
  /** The text after `MAIL FROM:`, with brackets. */
  readonly sender: string;
  /** The text after `RCPT TO:`, with brackets. */
  readonly recipient: string;
  readonly secured: boolean;
}

/** @returns the reply, such as `250 2.1.5 Ok`. */
export type RcptPolicy = (envelope: Envelope) => string;

const OK = '250 2.1.5 Ok';
const UNKNOWN = '550 5.1.1 User unknown in virtual mailbox table';
export const RELAY_DENIED = '554 5.7.1 Relay access denied';

/** Accepts only its own mailboxes, as a correct server does. */
export function closed(domain = 'example.com', mailboxes: readonly string[] = ['postmaster']): RcptPolicy {
  return ({ recipient }) => {
    const { localPart, host } = parsePath(recipient);
    if (host !== null && host !== domain) return RELAY_DENIED;
    return mailboxes.includes(localPart) ? OK : UNKNOWN;
  };
}

/** Accepts every local part at the domain, and refuses foreign recipients. */
export function catchAll(domain = 'example.com'): RcptPolicy {
  return ({ recipient }) => {
    const { host } = parsePath(recipient);
    return host === null || host === domain ? OK : RELAY_DENIED;
  };
}

/** Relays for everyone, except to domains that cannot exist. */
export const openRelay: RcptPolicy = ({ recipient }) =>
  parsePath(recipient).host?.endsWith('.invalid') ? '550 5.1.2 Host not found' : OK;

/** Accepts every recipient. */
export const acceptsEverything: RcptPolicy = () => OK;

/** Relays only the envelopes that `allows` accepts. */
export function relaysFor(allows: (envelope: Envelope) => boolean, otherwise: RcptPolicy = closed()): RcptPolicy {
  return (envelope) => (allows(envelope) ? OK : otherwise(envelope));
}

export function always(reply: string): RcptPolicy {
  return () => reply;
}

/** Defers each envelope until it was seen `seen` times, then answers like `next` (RFC 6647 §2.2). */
export function greylist(next: RcptPolicy = closed(), seen = 1): RcptPolicy {
  const counts = new Map<string, number>();
  return (envelope) => {
    const key = `${envelope.sender} ${envelope.recipient}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count < seen ? '450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/' : next(envelope);
  };
}

/** Refuses the client before it looks at the recipient. */
export const blockListed = always(
  '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
);

/** Refuses the recipient because its domain has a null MX (RFC 7505), as an open relay that checks it does. */
export const nullMx = always('556 5.1.10 Recipient address rejected: Domain example.org does not accept mail (nullMX)');

/** Splits an address at the last `@` outside quotes (RFC 5321 §4.1.2), without a source route (App. C). */
export function parsePath(path: string): { localPart: string; host: string | null } {
  const address = path.replace(/^<|>$/g, '').replace(/^(@[^:]*):/, '');
  const at = address.endsWith('"') ? -1 : address.lastIndexOf('@');
  return at === -1
    ? { localPart: address, host: null }
    : { localPart: address.slice(0, at), host: address.slice(at + 1).toLowerCase() };
}

/** How scripted mail servers answer RCPT: the refusals and deferrals of real ones, as functions to pass to `startSmtp`. */

export interface Envelope {
  /** The name in the last EHLO or HELO. */
  readonly hello: string;
  /** As written after `MAIL FROM:`, brackets included. */
  readonly sender: string;
  /** As written after `RCPT TO:`, brackets included. */
  readonly recipient: string;
  readonly secured: boolean;
}

/** @returns the reply, e.g. `250 2.1.5 Ok`. */
export type RcptPolicy = (envelope: Envelope) => string;

const OK = '250 2.1.5 Ok';
const UNKNOWN = '550 5.1.1 User unknown in virtual mailbox table';
export const RELAY_DENIED = '554 5.7.1 Relay access denied';

/** A well-kept server: its own mailboxes, nothing else. */
export function closed(domain = 'example.com', mailboxes: readonly string[] = ['postmaster']): RcptPolicy {
  return ({ recipient }) => {
    const { localPart, host } = parsePath(recipient);
    if (host !== null && host !== domain) return RELAY_DENIED;
    return mailboxes.includes(localPart) ? OK : UNKNOWN;
  };
}

/** Every local part at the domain is a mailbox, whatever stands in it; foreign ones are refused. */
export function catchAll(domain = 'example.com'): RcptPolicy {
  return ({ recipient }) => {
    const { host } = parsePath(recipient);
    return host === null || host === domain ? OK : RELAY_DENIED;
  };
}

/** Relays for everyone, except to names that cannot exist. */
export const openRelay: RcptPolicy = ({ recipient }) =>
  parsePath(recipient).host?.endsWith('.invalid') ? '550 5.1.2 Host not found' : OK;

/** Says yes to whatever it is asked. */
export const acceptsEverything: RcptPolicy = () => OK;

/** Closed, but for the envelopes that `allows` picks. */
export function relaysFor(allows: (envelope: Envelope) => boolean, otherwise: RcptPolicy = closed()): RcptPolicy {
  return (envelope) => (allows(envelope) ? OK : otherwise(envelope));
}

export function always(reply: string): RcptPolicy {
  return () => reply;
}

/** Defers each envelope until it was seen `seen` times, then asks `next` (RFC 6647 §2.2). */
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

/** An open relay that looks whether the recipient's domain takes mail (RFC 7505). */
export const nullMx = always('556 5.1.10 Recipient address rejected: Domain example.org does not accept mail (nullMX)');

/** The last `@` outside quotes divides (RFC 5321 §4.1.2); a source route is skipped (App. C). */
export function parsePath(path: string): { localPart: string; host: string | null } {
  const address = path.replace(/^<|>$/g, '').replace(/^(@[^:]*):/, '');
  const at = address.endsWith('"') ? -1 : address.lastIndexOf('@');
  return at === -1
    ? { localPart: address, host: null }
    : { localPart: address.slice(0, at), host: address.slice(at + 1).toLowerCase() };
}

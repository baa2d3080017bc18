/**
 * The relay vectors: envelopes with which strangers try to send mail through a host, as data. Placeholders: `{X}` the foreign mailbox, `{u}` its local part, `{F}`
 * its domain, `{S}` another foreign mailbox, `{D}` the domain under test, `{H}` the name in the greeting, `{I}` the
 * tested address as a literal, `{r}` a random label.
 */

import { type Mailbox, parseMailbox } from '../../../network/mailbox.ts';

export type VectorKind =
  /** Nothing about the envelope is the server's own. */
  | 'direct'
  /** The sender, or the HELO name, is one the server may trust for no good reason. */
  | 'sender'
  /** A source route (RFC 5321 App. C): the recipient is foreign for certain. */
  | 'route'
  /** The foreign recipient hides in something that may also be read as a local part. */
  | 'rewrite'
  /** Tries to relay nothing: the answers to the others are compared with its answer. */
  | 'control';

interface VectorRow {
  readonly id: string;
  readonly kind: VectorKind;
  readonly from: string;
  readonly to: string;
  readonly hello?: string;
}

/** One envelope to ask a host for. */
export interface Vector {
  readonly id: string;
  readonly kind: VectorKind;
  readonly mailFrom: string;
  readonly rcptTo: string;
  /** The EHLO name where it is part of the trick; `null` where any name will do. */
  readonly hello: string | null;
}

/** C1: accepted means that any local part is (a catch-all, or recipients are checked late). */
export const LOCAL_CONTROL = 'control-local';
/** C2: accepted means that nothing is checked at RCPT, since the name cannot exist (RFC 6761 §6.4). */
export const FOREIGN_CONTROL = 'control-foreign';

/**
 * The most telling ones first, so that a run cut short has asked those. Eight share a connection; postfix hangs up after
 * 20 errors, and no eight of these make so many.
 */
const ROWS: readonly VectorRow[] = [
  { id: 'plain', kind: 'direct', from: '<{S}>', to: '<{X}>' },
  { id: 'null', kind: 'direct', from: '<>', to: '<{X}>' },
  { id: 'same', kind: 'direct', from: '<{X}>', to: '<{X}>' },
  { id: LOCAL_CONTROL, kind: 'control', from: '<>', to: '<mc-{r}@{D}>' },
  { id: FOREIGN_CONTROL, kind: 'control', from: '<{S}>', to: '<x@{r}.invalid>' },
  { id: 'local-postmaster', kind: 'sender', from: '<postmaster@{D}>', to: '<{X}>' },
  { id: 'local-random', kind: 'sender', from: '<mc-{r}@{D}>', to: '<{X}>' },
  { id: 'host', kind: 'sender', from: '<postmaster@{H}>', to: '<{X}>' },

  { id: 'host-localhost', kind: 'sender', from: '<postmaster@localhost>', to: '<{X}>' },
  { id: 'literal', kind: 'sender', from: '<postmaster@{I}>', to: '<{X}>' },
  { id: 'literal-loopback', kind: 'sender', from: '<postmaster@[127.0.0.1]>', to: '<{X}>' },
  { id: 'bare', kind: 'sender', from: '<postmaster>', to: '<{X}>' },
  { id: 'percent-domain', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}%{F}@{D}>' },
  { id: 'percent-host', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}%{F}@{H}>' },
  { id: 'percent-literal', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}%{F}@{I}>' },
  { id: 'percent', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}%{F}>' },

  { id: 'quoted', kind: 'rewrite', from: '<postmaster@{I}>', to: '<"{u}@{F}">' },
  { id: 'quoted-percent', kind: 'rewrite', from: '<postmaster@{I}>', to: '<"{u}%{F}">' },
  { id: 'quoted-domain', kind: 'rewrite', from: '<postmaster@{I}>', to: '<"{u}@{F}"@{D}>' },
  { id: 'quoted-host', kind: 'rewrite', from: '<postmaster@{I}>', to: '<"{u}@{F}"@{H}>' },
  { id: 'quoted-literal', kind: 'rewrite', from: '<postmaster@{I}>', to: '<"{u}@{F}"@{I}>' },
  { id: 'double-at-domain', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}@{F}@{D}>' },
  { id: 'double-at-host', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}@{F}@{H}>' },
  { id: 'double-at-literal', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{u}@{F}@{I}>' },

  { id: 'route-domain', kind: 'route', from: '<postmaster@{I}>', to: '<@{D}:{u}@{F}>' },
  { id: 'route-host', kind: 'route', from: '<postmaster@{I}>', to: '<@{H}:{u}@{F}>' },
  { id: 'route-literal', kind: 'route', from: '<postmaster@{I}>', to: '<@{I}:{u}@{F}>' },
  { id: 'bang', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{F}!{u}>' },
  { id: 'bang-domain', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{F}!{u}@{D}>' },
  { id: 'bang-host', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{F}!{u}@{H}>' },
  { id: 'bang-literal', kind: 'rewrite', from: '<postmaster@{I}>', to: '<{F}!{u}@{I}>' },
  { id: 'no-brackets', kind: 'direct', from: '{S}', to: '{X}' },

  { id: 'helo-domain', kind: 'sender', from: '<{S}>', to: '<{X}>', hello: '{D}' },
  { id: 'helo-localhost', kind: 'sender', from: '<{S}>', to: '<{X}>', hello: 'localhost' },
  { id: 'helo-loopback', kind: 'sender', from: '<{S}>', to: '<{X}>', hello: '[127.0.0.1]' },
];

/** The vectors for a submission port. Nobody may send there without AUTH (RFC 6409 §4.3), so the plain ones suffice. */
const SUBMISSION_IDS: readonly string[] = ['plain', 'null', 'local-postmaster'];

/** What the placeholders stand for at one host. */
export interface Envelope {
  /** The domain under test. */
  readonly domain: string;
  /** The name in the greeting. Rows that need it are left out where it is `null` or the domain itself. */
  readonly host: string | null;
  /** `[203.0.113.5]` or `[IPv6:2001:db8::5]`. */
  readonly literal: string;
  /** The recipient, at a domain that is not the host's. */
  readonly foreign: Mailbox;
  readonly foreignSender: string;
  /** A label that nobody can guess. */
  readonly random: string;
}

/** @returns the envelopes for one host, in the order to ask them. */
export function vectorsFor(envelope: Envelope): Vector[] {
  const { foreign, host, domain } = envelope;
  const values: Readonly<Record<string, string | null>> = {
    X: `${foreign.localPart}@${foreign.domain}`,
    u: foreign.localPart,
    F: foreign.domain,
    S: envelope.foreignSender,
    D: domain,
    H: host === domain ? null : host,
    I: envelope.literal,
    r: envelope.random,
  };
  const fill = (template: string) => template.replace(/\{(\w)\}/g, (_whole, key: string) => values[key] ?? '');
  return ROWS.filter(({ from, to }) => values.H !== null || !`${from}${to}`.includes('{H}')).map((row) => ({
    id: row.id,
    kind: row.kind,
    mailFrom: fill(row.from),
    rcptTo: fill(row.to),
    hello: row.hello === undefined ? null : fill(row.hello),
  }));
}

/** The vectors whose senders go with a disguised recipient: the first of them that the server lets through. */
export const SENDERS_FOR_DISGUISE: readonly string[] = ['literal', 'null', 'plain', 'local-postmaster'];

/** @returns whether the recipient is the trick; such a vector tells something only where its sender gets through. */
export function isDisguised({ kind }: Vector): boolean {
  return kind === 'rewrite' || kind === 'route';
}

/** @returns those of a host's vectors that are asked on its submission ports. */
export function submissionVectors(vectors: readonly Vector[]): Vector[] {
  return vectors.filter(({ id }) => SUBMISSION_IDS.includes(id));
}

/**
 * Picks mailboxes that belong to nobody, at domains that RFC 2606 §3 reserves. Unlike `.invalid` and `.test`, these
 * domains exist in the DNS, so that a server which looks up the recipient's domain does not refuse it as unknown. They
 * publish a null MX (RFC 7505): a server that looks for it may still refuse, and such a refusal says nothing about
 * relaying. Only a mailbox of the user's own decides then.
 *
 * @returns a recipient and a sender, neither of them at the tested domain.
 */
export function reservedMailboxes(domain: string): { readonly foreign: Mailbox; readonly sender: string } {
  const localPart = 'mailcheck-relay-probe';
  const [foreign = 'example.org', sender = 'example.net'] = ['example.org', 'example.net', 'example.com'].filter(
    (name) => name !== domain,
  );
  return { foreign: { localPart, domain: foreign }, sender: `${localPart}@${sender}` };
}

/**
 * @returns the mailbox, or `null` for one that cannot stand in every vector: `%` and `!` in its local part are routes to
 *   some servers, and those are vectors of their own.
 */
export function plainMailbox(address: string): Mailbox | null {
  const mailbox = parseMailbox(address);
  return mailbox === undefined || /[%!]/.test(mailbox.localPart) ? null : mailbox;
}

/**
 * Lists the relay vectors: the envelopes with which strangers try to send mail through a host. Placeholders in the
 * rows:
 *
 * - `{X}` the foreign mailbox, `{u}` its local part, `{F}` its domain
 * - `{S}` another foreign mailbox
 * - `{D}` the domain under test
 * - `{H}` the name in the greeting
 * - `{I}` the tested address as an address literal
 * - `{A}` the tested address as it is
 * - `{r}` a random label
 */

import { type Mailbox, parseMailbox } from '../../../network/mailbox.ts';

/** The trick that a vector uses. */
export type VectorKind =
  /** No part of the envelope belongs to the server. */
  | 'direct'
  /** The server may trust the sender or the HELO name without good reason. */
  | 'sender'
  /** The recipient has a source route (RFC 5321 App. C), so it is certainly foreign. */
  | 'route'
  /** The foreign recipient is written so that it may also be read as a local mailbox. */
  | 'rewrite'
  /** A control that does not try to relay. The other answers are compared with its answer. */
  | 'control';

interface VectorRow {
  readonly id: string;
  readonly kind: VectorKind;
  readonly from: string;
  readonly to: string;
  readonly hello?: string;
}

/** One envelope to try at a host. */
export interface Vector {
  readonly id: string;
  readonly kind: VectorKind;
  readonly mailFrom: string;
  readonly rcptTo: string;
  /** The EHLO name, if it is part of the trick. `null` when any name will do. */
  readonly hello: string | null;
  /** Whether the vector is asked after STARTTLS. */
  readonly behindTls: boolean;
}

/** The local control. A host that accepts it accepts any local part: it has a catch-all or checks recipients late. */
export const LOCAL_CONTROL = 'control-local';
/** The foreign control. Its domain cannot exist (RFC 6761 §6.4), so a host that accepts it checks nothing at RCPT. */
export const FOREIGN_CONTROL = 'control-foreign';

/**
 * The rows, with the most telling ones first in case the run is cut short. Each group of eight shares a connection.
 * Postfix hangs up after 20 errors, and no group of eight causes that many.
 */
const ROWS: readonly VectorRow[] = [
  { id: 'plain', kind: 'direct', from: '<{S}>', to: '<{X}>' },
  { id: 'null', kind: 'direct', from: '<>', to: '<{X}>' },
  { id: 'same', kind: 'direct', from: '<{X}>', to: '<{X}>' },
  { id: LOCAL_CONTROL, kind: 'control', from: '<>', to: '<mc-{r}@{D}>' },
  { id: FOREIGN_CONTROL, kind: 'control', from: '<{S}>', to: '<x@{r}.invalid>' },
  { id: 'local-postmaster', kind: 'sender', from: '<postmaster@{D}>', to: '<{X}>' },
  { id: 'local-random', kind: 'sender', from: '<mc-{r}@{D}>', to: '<{X}>' },
  { id: 'literal', kind: 'sender', from: '<postmaster@{I}>', to: '<{X}>' },

  { id: 'host', kind: 'sender', from: '<postmaster@{H}>', to: '<{X}>' },
  { id: 'host-localhost', kind: 'sender', from: '<postmaster@localhost>', to: '<{X}>' },
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
  { id: 'helo-literal', kind: 'sender', from: '<{S}>', to: '<{X}>', hello: '{I}' },
  { id: 'helo-address', kind: 'sender', from: '<{S}>', to: '<{X}>', hello: '{A}' },
];

/** The rows for one of the host's own names, which the server may trust in EHLO. */
function ownNameRows(name: string, index: number): VectorRow[] {
  const id = index === 0 ? 'helo-host' : `helo-name-${index + 1}`;
  return [
    { id, kind: 'sender', from: '<{S}>', to: '<{X}>', hello: name },
    { id: `${id}-null`, kind: 'sender', from: '<>', to: '<{X}>', hello: name },
  ];
}

/** The vectors that are asked once more behind STARTTLS. They share one connection. */
const IDS_BEHIND_TLS: readonly string[] = [
  'plain',
  'null',
  'same',
  'local-postmaster',
  'local-random',
  'host',
  'host-localhost',
  'literal',
];

/** The vectors for submission ports. AUTH is required there (RFC 6409 §4.3), so the plain vectors are enough. */
const SUBMISSION_IDS: readonly string[] = ['plain', 'null', 'local-postmaster'];

/** The values of the placeholders at one host. */
export interface Envelope {
  /** The domain under test. */
  readonly domain: string;
  /** The name in the greeting. Rows that use it are left out when it is `null` or the domain itself. */
  readonly host: string | null;
  /** Names of the host for EHLO, besides the domain. */
  readonly ownNames: readonly string[];
  /** The tested address. */
  readonly address: string;
  /** The address literal, such as `[203.0.113.5]` or `[IPv6:2001:db8::5]`. */
  readonly literal: string;
  /** The foreign recipient, at a domain that the host does not serve. */
  readonly foreign: Mailbox;
  /** The foreign sender, as `local@domain`. */
  readonly foreignSender: string;
  /** A label that nobody can guess. */
  readonly random: string;
}

/** @returns the vectors for one host, in the order to ask them. */
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
    A: envelope.address,
    r: envelope.random,
  };
  const fill = (template: string) => template.replace(/\{(\w)\}/g, (_whole, key: string) => values[key] ?? '');
  const rows = ROWS.filter(({ from, to }) => values.H !== null || !`${from}${to}`.includes('{H}'));
  return [...rows, ...envelope.ownNames.flatMap(ownNameRows)].map((row) => ({
    id: row.id,
    kind: row.kind,
    mailFrom: fill(row.from),
    rcptTo: fill(row.to),
    hello: row.hello === undefined ? null : fill(row.hello),
    behindTls: false,
  }));
}

/**
 * The vectors that a host is asked first if there may not be time for all: of each trick the one that works most often. The
 * others are variations of them.
 */
const TELLING_IDS: readonly string[] = [
  'host',
  'helo-host',
  'percent-domain',
  'quoted',
  'route-domain',
  'bang',
  'double-at-domain',
  'helo-localhost',
  'host-localhost',
  'plain-tls',
];

/** @returns whether the vector belongs to the short test of a slow host. The first group always does. */
export function isTelling({ id }: Vector): boolean {
  return TELLING_IDS.includes(id);
}

/** @returns the vectors that are asked once more behind STARTTLS, each with an id of its own. */
export function vectorsBehindTls(vectors: readonly Vector[]): Vector[] {
  return vectors
    .filter(({ id }) => IDS_BEHIND_TLS.includes(id))
    .map((vector) => ({ ...vector, id: `${vector.id}-tls`, behindTls: true }));
}

/** A path that every server understands: empty, or a mailbox with ordinary characters at a domain. */
const ORDINARY_PATH = /^<(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+)?>$/;

/** @returns whether no server has a reason to call an address of the vector a syntax error. */
export function isOrdinary({ mailFrom, rcptTo }: Vector): boolean {
  return ORDINARY_PATH.test(mailFrom) && ORDINARY_PATH.test(rcptTo);
}

/** The vectors whose senders may be used with disguised recipients. The first one that the server accepts is used. */
export const SENDERS_FOR_DISGUISE: readonly string[] = ['literal', 'null', 'plain', 'local-postmaster'];

/** @returns whether the recipient is disguised. Such a vector tests something only if the server accepts its sender. */
export function isDisguised({ kind }: Vector): boolean {
  return kind === 'rewrite' || kind === 'route';
}

/** @returns the vector with a sender that the host accepts, if it is disguised and there is one. */
export function withSender(vector: Vector, sender: string | null): Vector {
  return sender === null || !isDisguised(vector) ? vector : { ...vector, mailFrom: sender };
}

/** @returns the vectors of a host that are also asked on its submission ports. */
export function submissionVectors(vectors: readonly Vector[]): Vector[] {
  return vectors.filter(({ id }) => SUBMISSION_IDS.includes(id));
}

/**
 * Picks mailboxes at domains that RFC 2606 §3 reserves. Unlike `.invalid` and `.test`, these domains exist in the DNS,
 * so a server that looks up the recipient's domain does not refuse it as unknown. They publish a null MX (RFC 7505). A
 * server that checks it refuses the recipient, and that refusal says nothing about relaying. Only a mailbox that the
 * user owns decides then.
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
 * @returns recipients that a host does not serve and that no rule about reserved names applies to: one at an address of
 *   the block for documentation (RFC 5737), and one at a name below the tested domain that nobody can guess.
 */
export function foreignControls(domain: string, random: string): string[] {
  return [`<mailcheck-relay-probe@[192.0.2.1]>`, `<mailcheck-relay-probe@${random}.${domain}>`];
}

/**
 * @returns the parsed mailbox, or `null` when it cannot be used in every vector. Some servers read `%` and `!` in the
 *   local part as a route, which other vectors test.
 */
export function plainMailbox(address: string): Mailbox | null {
  const mailbox = parseMailbox(address);
  return mailbox === undefined || /[%!]/.test(mailbox.localPart) ? null : mailbox;
}

/**
 * The number of vectors per connection. Postfix hangs up after 20 errors and Exim after a few syntax errors, while
 * Exchange and Stalwart delay the reply to each error.
 */
export const VECTORS_PER_CONNECTION = 8;

/** @returns the first vectors that share one EHLO name. */
export function runOf(vectors: readonly Vector[]): readonly Vector[] {
  const [first] = vectors;
  const other = vectors.findIndex(({ hello }) => hello !== first?.hello);
  return other === -1 ? vectors : vectors.slice(0, other);
}

/** @returns the vectors in their order, those of one EHLO name together. */
export function runsOf(vectors: readonly Vector[]): (readonly Vector[])[] {
  const runs: (readonly Vector[])[] = [];
  for (let rest = vectors; rest.length > 0; rest = rest.slice(runs.at(-1)?.length)) runs.push(runOf(rest));
  return runs;
}

/**
 * Says why a mail server may turn this client away before TLS or mail, by the words of its reply. What it does with
 * other clients is not known.
 */
import type { SmtpReply } from '../../network/smtp/types.ts';
import { type RefusalMeaning, refusalMeaning } from './refusal.ts';

/** What the words of a refusal speak of. */
export type Tells = RefusalMeaning | 'proxy';

interface Row {
  /** What the words speak of, as a noun phrase. `null` when they say no more than that they refuse. */
  readonly of: string | null;
  readonly fix: string;
}

const ELSEWHERE = 'Run the check from another network, such as that of another mail server.';

const ROWS: Readonly<Record<Tells, Row>> = {
  'block-list': {
    of: 'a block list that lists this network',
    fix: 'Run the check from a network that is on no block list, such as that of another mail server.',
  },
  reputation: { of: 'the reputation of this network', fix: ELSEWHERE },
  'reverse-name': {
    of: 'the PTR record of this machine',
    fix: 'Run the check from a machine whose address has a PTR record that resolves back to it.',
  },
  rate: {
    of: 'a temporary limit or overload',
    fix: 'Wait a few minutes, then run fewer checks at a time (--only).',
  },
  proxy: {
    of: 'a missing proxy header (PROXY protocol)',
    fix: 'If mail should go through a proxy, publish the proxy’s address. If not, turn the PROXY protocol off on this port (Postfix: smtpd_upstream_proxy_protocol, postscreen_upstream_proxy_protocol).',
  },
  policy: { of: null, fix: `${ELSEWHERE} The mail server’s log shows which rule rejects this machine.` },
  unknown: { of: null, fix: `${ELSEWHERE} The mail server’s log shows why it rejects this machine.` },
};

/** Postfix says the last two when the header of a proxy does not come in time. */
const PROXY = /\bPROXY\b.{0,40}\b(?:protocol|header|negotiation)|no system resources|server local error/i;

/** @returns what the words of a refusal speak of. */
export function tellsOf(reply: SmtpReply): Tells {
  return PROXY.test(reply.lines.join(' ')) ? 'proxy' : refusalMeaning(reply);
}

/** @returns a sentence on what the words speak of, with a space before it. Empty when they do not tell. */
export function tellsText(tells: readonly Tells[]): string {
  const of = [...new Set(tells.map((one) => ROWS[one].of))].filter((one) => one !== null);
  return of.length === 0 ? '' : ` The reply points to ${of.join(' and ')}.`;
}

/** @returns what to do about the refusals. */
export function tellsFix(tells: readonly Tells[]): string {
  return [...new Set(tells.map((one) => ROWS[one].fix))].join(' ');
}

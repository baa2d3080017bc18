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

const ELSEWHERE = 'Run again from another network, one that may send mail.';

const ROWS: Readonly<Record<Tells, Row>> = {
  'block-list': {
    of: 'a block list that names this network',
    fix: 'Run again from a network that no block list names, such as that of another mail server.',
  },
  reputation: { of: 'the reputation of this network', fix: ELSEWHERE },
  'reverse-name': {
    of: 'the PTR record of this machine',
    fix: 'Run again from a machine whose address has a PTR record that leads back to it.',
  },
  rate: {
    of: 'a limit or a shortage for the moment',
    fix: 'Wait some minutes, then run again with fewer checks at a time (--only).',
  },
  proxy: {
    of: 'a proxy that should stand before the server',
    fix: 'If senders are to reach the server through a proxy, publish the proxy’s address. Else switch the PROXY protocol off on this port (Postfix: smtpd_upstream_proxy_protocol, postscreen_upstream_proxy_protocol).',
  },
  policy: { of: null, fix: `${ELSEWHERE} The mail server’s log says which rule refuses.` },
  unknown: { of: null, fix: `${ELSEWHERE} The mail server’s log says why it refuses.` },
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
  return of.length === 0 ? '' : ` The reply speaks of ${of.join(' and of ')}.`;
}

/** @returns what to do about the refusals. */
export function tellsFix(tells: readonly Tells[]): string {
  return [...new Set(tells.map((one) => ROWS[one].fix))].join(' ');
}

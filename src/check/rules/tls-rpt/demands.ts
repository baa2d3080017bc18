/** Finds what the domain demands of senders, so that mail is held back where TLS fails. */
import type { DnsAnswer } from '../../../network/dns/answer.ts';
import { mailRoute } from '../../facts/mx.ts';
import type { Context } from '../rule.ts';

/** What makes senders hold mail back: TLSA records of the MX hosts (DANE, RFC 7672). */
export type Demand = 'dane';

export const DEMANDS: Readonly<Record<Demand, string>> = { dane: 'DANE' };

/** @returns the demands, and the answers that show them. */
export async function demandsOf({
  dns,
  facts,
}: Pick<Context, 'dns' | 'facts'>): Promise<{ demands: Demand[]; answers: DnsAnswer[] }> {
  const { hosts, query } = await facts(mailRoute);
  const possible = hosts.filter(({ isPossible }) => isPossible);
  const answers = await Promise.all(possible.map(({ name }) => dns.query(`_25._tcp.${name}`, 'TLSA')));
  const published = answers.filter(({ status }) => status === 'answer');
  return published.length === 0 ? { demands: [], answers: [] } : { demands: ['dane'], answers: [query, ...published] };
}

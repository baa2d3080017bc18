/** Finds what the domain demands of senders, so that mail is held back where TLS fails. */
import { type DnsAnswer, recordsOf } from '../../../network/dns/answer.ts';
import { stsName } from '../../../standards/mta-sts/places.ts';
import { isStsRecord } from '../../../standards/mta-sts/record.ts';
import { tlsaName } from '../../../standards/tlsa/publish.ts';
import { mtaSts } from '../../facts/mta-sts.ts';
import { mailRoute } from '../../facts/mx.ts';
import type { Context } from '../rule.ts';

/** What makes senders hold mail back: a policy of MTA-STS (RFC 8461), TLSA records of the MX hosts (DANE, RFC 7672). */
export type Demand = 'mta-sts' | 'dane';

export const DEMANDS: Readonly<Record<Demand, string>> = { 'mta-sts': 'MTA-STS', dane: 'DANE' };

/** The demands, and the answers that show them. */
export interface Demands {
  readonly demands: readonly Demand[];
  readonly answers: readonly DnsAnswer[];
}

/** @returns what the domain demands. The questions are those of the checks of MTA-STS and DANE. */
export async function demandsOf(context: Pick<Context, 'dns' | 'facts' | 'target'>): Promise<Demands> {
  const [sts, dane] = await Promise.all([demandOfMtaSts(context), demandOfDane(context)]);
  return { demands: [...sts.demands, ...dane.demands], answers: [...sts.answers, ...dane.answers] };
}

const NOTHING: Demands = { demands: [], answers: [] };

/**
 * A policy that could not be read counts as a demand: senders keep to the one that they read before (RFC 8461 §3.3). It is
 * read only if there is a record.
 */
async function demandOfMtaSts({ dns, facts, target }: Pick<Context, 'dns' | 'facts' | 'target'>): Promise<Demands> {
  const txt = await dns.query(stsName(target.domain), 'TXT');
  if (!recordsOf(txt).some((strings) => isStsRecord(strings.join('')))) return NOTHING;
  const { policy } = await facts(mtaSts);
  const isLenient = policy?.mode === 'testing' || policy?.mode === 'none';
  return isLenient ? NOTHING : { demands: ['mta-sts'], answers: [txt] };
}

async function demandOfDane({ dns, facts }: Pick<Context, 'dns' | 'facts'>): Promise<Demands> {
  const { hosts, query } = await facts(mailRoute);
  const possible = hosts.filter(({ isPossible }) => isPossible);
  const answers = await Promise.all(possible.map(({ name }) => dns.query(tlsaName(name), 'TLSA')));
  const published = answers.filter(({ status }) => status === 'answer');
  return published.length === 0 ? NOTHING : { demands: ['dane'], answers: [query, ...published] };
}

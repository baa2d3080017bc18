/** Finds out whether a host accepts mail, so that reports can be sent to a mailbox there. */
import { type DnsAnswer, isAbsent, isFailure, type Resolver } from '../network/dns/answer.ts';

export type ReportRouteState = 'exists' | 'absent' | 'null-mx' | 'unknown';

/** Whether mail for a host can be delivered. */
export interface ReportRoute {
  readonly state: ReportRouteState;
  /** The answer that decides on the state. */
  readonly query: DnsAnswer;
  /** Every answer that the state rests on. */
  readonly answers: readonly DnsAnswer[];
}

/** @returns whether the host has an MX record, or an address without one (RFC 5321 §5.1), or a null MX (RFC 7505). */
export async function reportRoute(dns: Resolver, host: string): Promise<ReportRoute> {
  const mx = await dns.query(host, 'MX');
  if (isFailure(mx)) return { state: 'unknown', query: mx, answers: [mx] };
  if (isAbsent(mx)) return addressRoute(dns, host, [mx]);
  const isNull = mx.records.every(({ exchange }) => exchange === '');
  return { state: isNull ? 'null-mx' : 'exists', query: mx, answers: [mx] };
}

/**
 * @param before the answers that led to the addresses.
 * @returns whether the host has an address.
 */
export async function addressRoute(
  dns: Resolver,
  host: string,
  before: readonly DnsAnswer[] = [],
): Promise<ReportRoute> {
  const [a, aaaa] = await Promise.all([dns.query(host, 'A'), dns.query(host, 'AAAA')]);
  const answers = [...before, a, aaaa];
  const [query = a] = answers;
  if (a.status === 'answer' || aaaa.status === 'answer') return { state: 'exists', query, answers };
  const failed = [a, aaaa].find((answer) => isFailure(answer));
  return failed ? { state: 'unknown', query: failed, answers } : { state: 'absent', query, answers };
}

/** The SPF record of a name, merged with what is published, so that every address passes. */
import { isFailure, type Resolver, recordsOf } from '../network/dns/answer.ts';
import type { IpAddress } from '../network/ip.ts';
import { authoriseAll, correctSyntax, mergeRecords, recordFor, selectRecords } from '../standards/spf/index.ts';
import { txtRecord } from '../standards/zone-file/line.ts';
import type { PlannedRecord } from './planned-record.ts';

export async function planSpf(
  dns: Resolver,
  name: string,
  ips: readonly IpAddress[],
  heloName: string,
  correct: string = recordFor(ips),
): Promise<PlannedRecord[]> {
  const answer = await dns.query(name, 'TXT');
  const common = { where: 'own', optional: false, purpose: 'who may send for it (RFC 7208)' } as const;
  if (isFailure(answer)) return [{ ...txtRecord(name, correct), ...common, status: 'unknown', published: [] }];
  const published = selectRecords(recordsOf(answer));
  const [first] = published;
  if (first === undefined) return [{ ...txtRecord(name, correct), ...common, status: 'missing', published: [] }];
  const one = published.length === 1 ? (correctSyntax(first) ?? first) : mergeRecords(published);
  const ask = { resolver: dns, sender: `postmaster@${name}`, heloName: () => heloName };
  const text = await authoriseAll(name, one, ips, ask);
  if (text === null) {
    const purpose = `the published record is in error or over a limit: mailcheck ${name} says how to repair it`;
    return [{ ...txtRecord(name, one), ...common, status: 'changed', purpose, published }];
  }
  const status = published.length === 1 && text === first ? 'right' : 'changed';
  return [{ ...txtRecord(name, text), ...common, status, published: status === 'right' ? [] : published }];
}

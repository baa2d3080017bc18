/** Plans the SPF record of a name: the published record, changed so that every address passes. */
import { isFailure, type Resolver, recordsOf } from '../network/dns/answer.ts';
import type { IpAddress } from '../network/ip.ts';
import { authoriseAll, correctSyntax, mergeRecords, recordFor, selectRecords } from '../standards/spf/index.ts';
import { txtRecord } from '../standards/zone-file/line.ts';
import type { PlannedRecord } from './planned-record.ts';

/**
 * Plans the SPF record of a name. Several published records are merged into one (RFC 7208 §4.5), syntax errors are
 * corrected, and addresses that do not pass are added.
 *
 * @param heloName the HELO name that macros of the record expand to.
 * @param correct the record for a name that has none. The default lists the addresses.
 * @returns one planned record.
 */
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

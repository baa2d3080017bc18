/** Adds addresses to a record, and writes the record of a domain that has none. */
import type { DnsRecords, Resolver } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import type { OctetString } from '../../network/octet-string.ts';
import { checkHost } from './evaluate.ts';
import { isSpfRecord, parseRecord } from './parse.ts';
import type { SpfRecord } from './record.ts';

/** @returns the term that allows an address, such as `ip4:192.0.2.1`. */
export function ipTerm(ip: IpAddress): string {
  return `ip${ipFamily(ip)}:${ip}`;
}

/** @returns a new record for a domain without record. It allows only these addresses. */
export function recordFor(ips: readonly IpAddress[]): string {
  return ['v=spf1', ...ips.map(ipTerm), '-all'].join(' ');
}

/**
 * Adds addresses to a record.
 *
 * @param before offset in octets of the directive that now decides. The addresses are added before it, otherwise before
 *   `all` or `redirect`, otherwise at the end.
 * @returns the text of the new record.
 */
export function authorise(record: SpfRecord, ips: readonly IpAddress[], before?: number): string {
  const added = [...new Set(ips.map(ipTerm))];
  // A term that is added further left is no longer necessary at its old place.
  const kept = record.terms.filter((term) => !added.includes(term.text.toLowerCase().replace(/^\+/, '')));
  const turning = kept.findIndex(
    (term) =>
      term.offset === before ||
      (term.kind === 'directive' && term.mechanism.name === 'all') ||
      (term.kind === 'modifier' && term.name === 'redirect'),
  );
  const at = turning === -1 ? kept.length : turning;
  const texts = kept.map(({ text }) => text);
  return ['v=spf1', ...texts.slice(0, at), ...added, ...texts.slice(at)].join(' ');
}

/**
 * Changes a record so that every address passes. Evaluates each version of the record as if it were published.
 *
 * @returns the new record, or `null` when additional addresses cannot help, because the record has an error or exceeds
 *   a limit.
 */
export async function authoriseAll(
  domain: string,
  text: OctetString,
  ips: readonly IpAddress[],
  ask: { readonly resolver: Resolver; readonly sender: string; readonly heloName: (ip: IpAddress) => string },
): Promise<string | null> {
  let record = parseRecord(text);
  if (!isSpfRecord(text) || record.problems.length > 0) return null;
  // Each address is checked on its own, because a different term may stop each of them.
  for (const ip of ips) {
    const published = publishedAs(ask.resolver, domain, record.text);
    const outcome = await checkHost({
      ip,
      domain,
      sender: ask.sender,
      heloName: ask.heloName(ip),
      resolver: published,
    });
    if (outcome.result === 'pass') continue;
    if (outcome.problem) return null;
    const deciding = outcome.trace.terms.find((term) => term.outcome === 'match');
    record = parseRecord(authorise(record, [ip], deciding?.offset));
  }
  return record.text;
}

/** @returns a resolver that answers as if this record were the only TXT record of the domain. */
export function publishedAs(resolver: Resolver, domain: string, text: OctetString): Resolver {
  return {
    async query(name, type) {
      const answer = await resolver.query(name, type);
      if (type !== 'TXT' || !sameName(name, domain)) return answer;
      const published: DnsRecords<'TXT'> = { ...answer, status: 'answer', records: [[text]], ttl: 0 };
      // The condition above ensures that the type is TXT.
      return published as unknown as typeof answer;
    },
  };
}

/** The correct record to publish in place of one that is missing or wrong: it changes as little as it can. */
import type { DnsRecords, OctetString, Resolver } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import { correctSyntax } from './correct-syntax.ts';
import { checkHost } from './evaluate.ts';
import { isSpfRecord, parseRecord } from './parse.ts';
import { findAll, isDirective, type Qualifier, type SpfRecord } from './record.ts';

/** @returns `ip4:` or `ip6:` for the address. */
export function ipTerm(ip: IpAddress): string {
  return `ip${ipFamily(ip)}:${ip}`;
}

/** @returns the correct record of a domain that has none yet: it allows these addresses and no others. */
export function recordFor(ips: readonly IpAddress[]): string {
  return ['v=spf1', ...ips.map(ipTerm), '-all'].join(' ');
}

/**
 * Adds addresses to a record.
 *
 * @param before offset in octets of the directive that decides today. The addresses go to its left, else to the left of
 *   `all` or `redirect`, else to the end.
 * @returns the record with them.
 */
export function authorise(record: SpfRecord, ips: readonly IpAddress[], before?: number): string {
  const added = [...new Set(ips.map(ipTerm))];
  // The record needs the same term no longer where it was.
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
 * Changes a record so that every address passes. The record is evaluated as if it were published.
 *
 * @returns the correct record, or `null` where more addresses cannot help: the record is in error, or over a limit.
 */
export async function authoriseAll(
  domain: string,
  text: OctetString,
  ips: readonly IpAddress[],
  ask: { readonly resolver: Resolver; readonly sender: string; readonly heloName: (ip: IpAddress) => string },
): Promise<string | null> {
  let record = parseRecord(text);
  if (!isSpfRecord(text) || record.problems.length > 0) return null;
  // One address at a time: each may be stopped by another term.
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

/** @returns the resolver as it would answer with this record published as the domain's only TXT record. */
export function publishedAs(resolver: Resolver, domain: string, text: OctetString): Resolver {
  return {
    async query(name, type) {
      const answer = await resolver.query(name, type);
      if (type !== 'TXT' || !sameName(name, domain)) return answer;
      const published: DnsRecords<'TXT'> = { ...answer, status: 'answer', records: [[text]], ttl: 0 };
      // The type was just found to be TXT.
      return published as unknown as typeof answer;
    },
  };
}

/** From strict to lax; of several records the laxest but `+all` is kept, so that a merge refuses no one it let through. */
const LAXITY: readonly Qualifier[] = ['-', '~', '?'];

/** @returns one record that says what several said: each term once, and one `all` at the end. */
export function mergeRecords(texts: readonly OctetString[]): string {
  const records = texts.map((text) => parseRecord(correctSyntax(text) ?? text));
  const alls = records.flatMap((record) => findAll(record)?.qualifier ?? []);
  const terms = new Map<string, string>();
  const redirects = new Set<string>();
  let exp: string | undefined;
  for (const term of records.flatMap((record) => record.terms)) {
    if (term.kind === 'modifier' && term.name === 'redirect') redirects.add(term.domainSpec.text);
    else if (term.kind === 'modifier') exp ??= term.text;
    else if (!isDirective(term) || term.mechanism.name !== 'all') terms.set(term.text.toLowerCase(), term.text);
  }
  const [redirect] = redirects;
  const ending = alls.length === 0 && redirects.size === 1 ? [`redirect=${redirect}`] : undefined;
  const qualifier = LAXITY.findLast((candidate) => alls.includes(candidate)) ?? '~';
  return [
    'v=spf1',
    ...terms.values(),
    ...(ending ?? [...[...redirects].map((target) => `include:${target}`), `${qualifier}all`]),
    ...(exp === undefined ? [] : [exp]),
  ].join(' ');
}

/**
 * Finds the name that was typed in a term whose target does not exist: the editor of the zone appended the zone to it.
 * The spelling gives candidates, and the DNS decides: a name counts only if it has what the term asks for.
 */
import { type DnsAnswer, recordsOf } from '../../../network/dns/answer.ts';
import type { DnsClient } from '../../../network/dns/client.ts';
import { isHostName } from '../../../network/domain.ts';
import { type TypedName, typedNames } from '../../../standards/doubled-name.ts';
import { selectRecords, type WalkTerm } from '../../../standards/spf/index.ts';

/** @returns the term with the name that was typed, or `null` when that is not certain. */
export async function typedTarget(
  { term, target, domain }: Pick<WalkTerm, 'term' | 'target' | 'domain'>,
  dns: DnsClient,
): Promise<string | null> {
  const [, before = '', name = '', spec = '', after = ''] =
    /^([-~?+]?(include:|redirect=|a:|mx:))([^/%]+)(\/.*)?$/i.exec(term.text) ?? [];
  if (target === null || spec === '') return null;
  // A name in a zone may have an underscore, and a host name may not.
  for (const typed of typedNames(target, domain).filter((one) => isHostName(one.name.replaceAll('_', 'x')))) {
    if (!(await hasRecord(dns, name.toLowerCase(), typed.name))) continue;
    if (typed.isPlain || (await isUnused(dns, target, typed))) return `${before}${typed.name}${after}`;
  }
  return null;
}

async function hasRecord(dns: DnsClient, mechanism: string, name: string): Promise<boolean> {
  switch (mechanism) {
    case 'a:': {
      const answers = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')]);
      return answers.some((answer) => recordsOf<'A' | 'AAAA'>(answer).length > 0);
    }
    case 'mx:':
      return recordsOf(await dns.query(name, 'MX')).length > 0;
    default:
      return selectRecords(recordsOf(await dns.query(name, 'TXT'))).length === 1;
  }
}

/** Tells whether the zone has no names in place of the typed one: `mx.example.net.example.com` may be a host there. */
async function isUnused(dns: DnsClient, target: string, { name, zone }: TypedName): Promise<boolean> {
  const above = `${name.split('.').at(-1)}.${zone}`;
  const answers: DnsAnswer[] = await Promise.all([dns.query(target, 'A'), dns.query(above, 'A')]);
  return answers.every(({ status }) => status === 'nxdomain');
}

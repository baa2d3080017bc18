/**
 * Finds the name that was typed in a term whose target does not exist: the editor of the zone appended the zone to it.
 * The spelling gives candidates, and the DNS decides: a name counts only if it has what the term asks for.
 */
import { recordsOf } from '../../../network/dns/answer.ts';
import type { DnsClient } from '../../../network/dns/client.ts';
import { isHostName } from '../../../network/domain.ts';
import { typedNames } from '../../../standards/doubled-name.ts';
import { selectRecords, type WalkTerm } from '../../../standards/spf/index.ts';
import { addressesOf, isUnused } from '../../facts/meant-host.ts';

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
    case 'a:':
      return (await addressesOf(dns, name)).length > 0;
    case 'mx:':
      return recordsOf(await dns.query(name, 'MX')).length > 0;
    default:
      return selectRecords(recordsOf(await dns.query(name, 'TXT'))).length === 1;
  }
}

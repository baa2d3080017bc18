/** Says in a few words what TLSA records the MX hosts have. */

import { fieldsText } from '../../../standards/tlsa/record.ts';
import type { DaneHost, TlsaLookup } from '../../facts/tlsa.ts';
import { seenTexts } from '../seen.ts';

/**
 * @param matching host → the fields of the records that match what it shows. Absent for a host that was not compared.
 * @returns the records of each host: `mx.example.com: 3 1 1 matches`.
 */
export function seenRecords(hosts: readonly DaneHost[], matching: ReadonlyMap<string, readonly string[]>): string {
  const without = hosts.filter(({ lookup }) => isWithout(lookup));
  if (without.length === hosts.length) {
    const zones = without.flatMap(({ lookup }) => (lookup.kind === 'insecure' ? [lookup.zone] : []));
    return `no TLSA records${zones.length === 0 ? '' : ` (${[...new Set(zones)].join(', ')} not signed)`}`;
  }
  return seenTexts(hosts.map((one) => seenAt(one, matching.get(one.host.name))));
}

function isWithout(lookup: TlsaLookup): boolean {
  switch (lookup.kind) {
    case 'insecure':
      return lookup.tlsa.status !== 'answer';
    case 'absent':
    case 'no-address':
      return true;
    default:
      return false;
  }
}

function seenAt({ host: { name }, lookup }: DaneHost, matching: readonly string[] | undefined): string {
  switch (lookup.kind) {
    case 'found': {
      const published = [...new Set(lookup.tlsa.records.map(fieldsText))].join(', ');
      if (matching === undefined) return `${name}: ${published} published, not compared`;
      return matching.length === 0 ? `${name}: ${published} published` : `${name}: ${matching.join(', ')} matches`;
    }
    case 'insecure':
      return lookup.tlsa.status === 'answer' ? `${name}: not signed` : `${name}: no TLSA records`;
    case 'absent':
      return `${name}: no TLSA records`;
    case 'no-address':
      return `${name}: no address`;
    default:
      return `${name}: not known`;
  }
}

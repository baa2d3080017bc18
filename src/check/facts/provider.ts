/**
 * Finds the provider of an address: the one the user named, otherwise the one that the PTR record, the name servers of
 * the reverse zone and the announcing network point to. The network comes from Team Cymru's DNS service (`origin.asn`).
 */

import { providerOf, providers } from '../../knowledge/providers/catalogue.ts';
import { type Candidate, type Certainty, certaintyOf, matchProviders } from '../../knowledge/providers/detect.ts';
import { type DnsAnswer, isFailure, recordsOf } from '../../network/dns/answer.ts';
import { type IpAddress, ipFamily, reversedLabels, reverseName, specialPurpose } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { ptr } from './ptr.ts';

/** The provider of one address, as far as it was recognised. */
export interface ProviderFact {
  readonly ip: IpAddress;
  /** The providers that match best. There are several when nothing tells them apart, and none when nothing matches. */
  readonly candidates: readonly Candidate[];
  readonly certainty: Certainty | null;
  /** The network that announces the address. `null` when it was not looked up or not found. */
  readonly network: { readonly asns: readonly number[]; readonly prefix: string } | null;
  /** The DNS answers behind the result. */
  readonly answers: readonly DnsAnswer[];
  /** The lookups that failed. If there are any, the candidates may not be all. */
  readonly failures: readonly DnsAnswer[];
}

const ORIGIN_ZONES = { 4: 'origin.asn.cymru.com', 6: 'origin6.asn.cymru.com' } as const;

/** The number of address labels in the usual reverse zones: /24 and /16 for IPv4, /48 and /32 for IPv6. */
const ZONE_LABELS = { 4: [3, 2], 6: [12, 8] } as const;

/** Finds the providers that an address may belong to. */
export const provider = fact(
  async ({ dns, facts, settings }: Needs<'dns' | 'settings'>, ip: IpAddress): Promise<ProviderFact> => {
    const named = settings.provider === undefined ? undefined : providerOf(settings.provider);
    if (named) {
      const candidates = [{ provider: named, signals: [{ kind: 'given' as const, value: named.id }] }];
      return { ip, candidates, certainty: 'given', network: null, answers: [], failures: [] };
    }
    // Public DNS says nothing about a special-purpose address, but the DNS of a lab may.
    const isAnnounced = specialPurpose(ip) === undefined || settings.allowPrivate;
    const family = ipFamily(ip);
    const origin = `${reversedLabels(ip)}.${ORIGIN_ZONES[family]}`;
    const [reverse, asn, ...zones] = await Promise.all([
      facts(ptr, ip),
      (settings.asnLookup ?? true) && isAnnounced ? dns.query(origin, 'TXT') : undefined,
      ...ZONE_LABELS[family].map((labels) => dns.query(zoneName(ip, labels), 'NS')),
    ]);
    const network = asn === undefined ? null : readOrigin(recordsOf(asn).map((strings) => strings.join('')));
    const clues = {
      ptrNames: reverse.names.map(({ name }) => name),
      zoneServers: zones.flatMap((answer) => [...recordsOf(answer)]),
      asns: network?.asns ?? [],
    };
    const candidates = matchProviders(clues, providers);
    const answers = [reverse.query, ...(asn === undefined ? [] : [asn]), ...zones];
    const failures = answers.filter(isFailure);
    return { ip, candidates, certainty: certaintyOf(candidates), network, answers, failures };
  },
);

function zoneName(ip: IpAddress, labels: number): string {
  const suffix = 2;
  return reverseName(ip)
    .split('.')
    .slice(-(labels + suffix))
    .join('.');
}

/**
 * Reads answers such as `16509 14618 | 203.0.113.0/24 | US | arin | 2020-01-01`.
 *
 * @returns the network with the longest prefix, or `null` when no answer can be read.
 */
function readOrigin(texts: readonly string[]): ProviderFact['network'] {
  const origins = texts.flatMap((text) => {
    const [numbers = '', prefix = ''] = text.split('|').map((part) => part.trim());
    const asns = numbers.split(/\s+/).filter((part) => /^\d{1,10}$/.test(part));
    return asns.length > 0 && /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(prefix) ? [{ asns: asns.map(Number), prefix }] : [];
  });
  const length = ({ prefix }: { prefix: string }): number => Number(prefix.split('/')[1]);
  return origins.sort((a, b) => length(b) - length(a))[0] ?? null;
}

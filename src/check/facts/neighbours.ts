/**
 * How many addresses around the tested one are listed: a sample of its /24, never the whole. Receivers that block
 * ranges (Microsoft's S3150, T-Online) look at the neighbours too.
 */

import { chooseLists } from '../../knowledge/lists/catalogue.ts';
import { type IpAddress, ipFamily, parseIp } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { askList, type ListResult, listsForIp } from './lists.ts';

/** At most so many addresses of the /24 are looked up. */
export const MAX_NEIGHBOURS = 32;

export interface Neighbour {
  readonly ip: IpAddress;
  /** `unknown` where some list could not say and none lists it. */
  readonly state: 'listed' | 'clean' | 'unknown';
  /** Zones that list it for what it does; policy listings are of whole ranges and accuse nobody. */
  readonly zones: readonly string[];
}

export interface Neighbourhood {
  /** `203.0.113.0/24` */
  readonly network: string;
  /** Zones asked, as far as they answered. */
  readonly zones: readonly string[];
  readonly neighbours: readonly Neighbour[];
}

/** @returns evenly spread addresses of the /24 without `ip` itself, in order; none for IPv6. */
export function sampleNeighbours(ip: IpAddress): IpAddress[] {
  if (ipFamily(ip) === 6) return [];
  const octets = ip.split('.');
  const own = Number(octets[3]);
  const step = 256 / MAX_NEIGHBOURS;
  return Array.from({ length: MAX_NEIGHBOURS }, (_, index) => (own + step / 2 + index * step) % 256)
    .sort((a, b) => a - b)
    .flatMap((last) => parseIp([...octets.slice(0, 3), last].join('.')) ?? []);
}

/**
 * The listings around an address, by the lists that receivers refuse mail by; `undefined` for IPv6, whose networks are
 * too large to sample.
 */
export const neighbours = fact(
  async (needs: Needs<'dns' | 'settings'>, ip: IpAddress): Promise<Neighbourhood | undefined> => {
    const { dnsblZones: zones, dnsblExcept: except, listKeys: keys } = needs.settings;
    const sample = sampleNeighbours(ip);
    if (sample.length === 0) return undefined;
    const asked = listsForIp(chooseLists({ zones, except, keys }).asked, ip).filter(
      ({ kind, impact }) => kind === 'ip' && (impact === 'critical' || impact === 'high'),
    );
    const perNeighbour = await Promise.all(
      sample.map(async (neighbour) => ({
        neighbour,
        results: await Promise.all(asked.map((list) => askList(needs, { list, subject: neighbour }))),
      })),
    );
    // A list that could say nothing of any of them is reported as such by the rule, and is no part of the sample.
    const useful = asked.filter((list) =>
      perNeighbour.some(({ results }) => results.some((result) => result.list === list && hasTold(result))),
    );
    return {
      network: `${ip.split('.').slice(0, 3).join('.')}.0/24`,
      zones: useful.map(({ zone }) => zone),
      neighbours: perNeighbour.map(({ neighbour, results }) =>
        describe(
          neighbour,
          results.filter(({ list }) => useful.includes(list)),
        ),
      ),
    };
  },
);

function hasTold({ outcome }: ListResult): boolean {
  return outcome.kind === 'clean' || outcome.kind === 'listed';
}

function describe(ip: IpAddress, results: readonly ListResult[]): Neighbour {
  const zones = results.filter(isAccused).map(({ list }) => list.zone);
  if (zones.length > 0) return { ip, state: 'listed', zones };
  // A list that answers for others but not for this one leaves a doubt.
  return { ip, state: results.length > 0 && results.every(hasTold) ? 'clean' : 'unknown', zones };
}

function isAccused({ outcome }: ListResult): boolean {
  return (
    outcome.kind === 'listed' &&
    outcome.codes.some(({ class: kind }) => kind === 'reputation' || kind === 'exploit' || kind === 'block')
  );
}

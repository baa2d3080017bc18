/**
 * Counts how many addresses around the tested one are listed. It looks up a sample of the /24, never all of it.
 * Receivers that block ranges (Microsoft's S3150, T-Online) judge the neighbours too.
 */

import { type IpAddress, ipFamily, parseIp } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { askList, chosenLists, hasTold, type ListResult, listsForIp } from './lists.ts';

/** The number of addresses in the sample. */
export const MAX_NEIGHBOURS = 32;

/** One address of the sample. */
export interface Neighbour {
  readonly ip: IpAddress;
  /** `unknown` when no list lists the address but some list gave no usable answer. */
  readonly state: 'listed' | 'clean' | 'unknown';
  /**
   * The zones that list the address for abuse. Policy listings do not count: they cover whole ranges and report no
   * abuse.
   */
  readonly zones: readonly string[];
}

/** The sample around one address. */
export interface Neighbourhood {
  /** The sampled network, such as `203.0.113.0/24`. */
  readonly network: string;
  /** The zones that answered about at least one address of the sample. */
  readonly zones: readonly string[];
  readonly neighbours: readonly Neighbour[];
}

/**
 * @returns `MAX_NEIGHBOURS` evenly spread addresses of the /24 in ascending order, without `ip` itself. The list is
 *   empty for IPv6.
 */
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
 * Looks up the sample around an address in the lists of critical and high impact. The fact is `undefined` for IPv6,
 * whose networks are too large to sample.
 */
export const neighbours = fact(
  async (needs: Needs<'dns' | 'settings'>, ip: IpAddress): Promise<Neighbourhood | undefined> => {
    const sample = sampleNeighbours(ip);
    if (sample.length === 0) return undefined;
    const asked = listsForIp((await needs.facts(chosenLists)).asked, ip).filter(
      ({ kind, impact }) => kind === 'ip' && (impact === 'critical' || impact === 'high'),
    );
    const perNeighbour = await Promise.all(
      sample.map(async (neighbour) => ({
        neighbour,
        results: await Promise.all(asked.map((list) => askList(needs, { list, subject: neighbour }))),
      })),
    );
    // The rule reports a list that gave no usable answer about any neighbour. The sample leaves that list out.
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

function describe(ip: IpAddress, results: readonly ListResult[]): Neighbour {
  const zones = results.filter(isAccused).map(({ list }) => list.zone);
  if (zones.length > 0) return { ip, state: 'listed', zones };
  // A list that answered about other neighbours but not about this one may still list it.
  return { ip, state: results.length > 0 && results.every(hasTold) ? 'clean' : 'unknown', zones };
}

function isAccused({ outcome }: ListResult): boolean {
  return (
    outcome.kind === 'listed' &&
    outcome.codes.some(({ class: kind }) => kind === 'reputation' || kind === 'exploit' || kind === 'block')
  );
}

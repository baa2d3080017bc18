/** Builds the section of the Report on the neighbours of each address. */

import type { IpAddress } from '../../network/ip.ts';
import type { Report } from '../../report/status.ts';
import type { Facts } from '../facts/fact.ts';
import { neighbours } from '../facts/neighbours.ts';

/**
 * Collects the neighbour samples that a rule has asked for. It looks up nothing itself.
 *
 * @returns the section `neighbours`, or an empty object when there is no sample.
 */
export async function neighboursSection(
  ips: readonly IpAddress[],
  facts: Facts<'dns' | 'settings'>,
): Promise<Pick<Report, 'neighbours'>> {
  const asked = ips.filter((ip) => facts.known(neighbours, ip));
  const surveys = await Promise.all(asked.map(async (ip) => ({ ip, survey: await facts(neighbours, ip) })));
  const samples = surveys.flatMap(({ ip, survey }) => {
    if (survey === undefined) return [];
    const addresses = survey.neighbours.map(({ zones, ...neighbour }) => ({ ...neighbour, zones: [...zones] }));
    return [{ ip, network: survey.network, zones: [...survey.zones], addresses }];
  });
  return samples.length === 0 ? {} : { neighbours: samples };
}

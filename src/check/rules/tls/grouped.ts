/** Groups observations, so that one fault on several addresses or ports of a host is one finding. */
import type { About } from '../../../report/status.ts';
import type { Endpoint, TlsObservation } from '../../facts/tls-endpoints.ts';
import { type FindingDetail, questionsOf } from '../finding.ts';
import type { EndpointEvidence } from './findings.ts';

/** One fault, with the endpoints where it was seen. */
export interface Seen<E> {
  readonly evidence: E & { readonly endpoints: readonly EndpointEvidence[] };
  readonly detail: FindingDetail;
  readonly isSubmission: boolean;
}

interface Group<E> {
  readonly evidence: E;
  readonly endpoints: Endpoint[];
}

/**
 * Groups the observations with the same evidence. Mail ports and submission ports stay in separate groups.
 *
 * @param judge gives the evidence of a fault, or `null` when the observation shows none.
 * @param item tells these findings from others with the same code.
 * @returns one entry for each different evidence, with the endpoints where it was seen.
 */
export function grouped<E extends object>(
  observations: readonly TlsObservation[],
  judge: (observation: TlsObservation) => E | null,
  item?: string,
): Seen<E>[] {
  const groups = new Map<string, Group<E>>();
  for (const observation of observations) {
    const { endpoint } = observation;
    const evidence = judge(observation);
    if (evidence === null) continue;
    const key = `${endpoint.isSubmission} ${JSON.stringify(evidence)}`;
    const group = groups.get(key);
    if (group) group.endpoints.push(endpoint);
    else groups.set(key, { evidence, endpoints: [endpoint] });
  }
  const all = [...groups.values()].map(({ endpoints }) => endpoints);
  return [...groups.values()].map(({ evidence, endpoints }) => ({
    evidence: { ...evidence, endpoints: endpoints.map(({ ip, port, names }) => ({ ip, port, names })) },
    detail: {
      about: aboutOf(endpoints, all, item),
      rests: questionsOf(...endpoints.flatMap(({ leads }) => leads)),
    },
    isSubmission: endpoints.some(({ isSubmission }) => isSubmission),
  }));
}

/**
 * @returns the object of the finding about a group: the name of a host, its address if it has no name, or an address
 *   and a port for submission. If several groups have the same object, all but one of them add their first address. The
 *   result does not depend on the order of names and addresses in DNS answers.
 */
function aboutOf(group: readonly Endpoint[], all: readonly (readonly Endpoint[])[], item?: string): About {
  const about = placeOf(group);
  const rivals = all.filter((other) => isSame(placeOf(other), about)).map(firstAddress);
  const own = firstAddress(group);
  const items = [item, rivals.some((ip) => ip < own) ? own : undefined].filter((part) => part !== undefined);
  return items.length === 0 ? about : { ...about, item: items.join(' ') };
}

/** @returns the host of a group. A tested address is preferred to those of other MX hosts. */
function placeOf(group: readonly Endpoint[]): About {
  const tested = group.filter(({ isTested }) => isTested);
  const endpoints = tested.length > 0 ? tested : group;
  const ip = firstAddress(endpoints);
  const submission = endpoints.find((endpoint) => endpoint.isSubmission && endpoint.ip === ip);
  if (submission) return { ip, port: submission.port };
  const [name] = endpoints.flatMap(({ names }) => names).toSorted();
  return name === undefined ? { ip } : { name };
}

function firstAddress(endpoints: readonly Endpoint[]): string {
  return endpoints.map(({ ip }) => ip).toSorted()[0] ?? '';
}

function isSame(a: About, b: About): boolean {
  return a.name === b.name && a.ip === b.ip && a.port === b.port;
}

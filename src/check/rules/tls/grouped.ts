/** The same fault on several addresses or ports of a host is one finding. */
import type { About } from '../../../report/status.ts';
import type { Endpoint, TlsObservation } from '../../facts/tls-endpoints.ts';
import { type FindingDetail, questionsOf } from '../finding.ts';
import type { EndpointEvidence } from './findings.ts';

/** One fault, with everywhere it was seen. */
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
 * @returns one entry per distinct evidence, with everywhere it was seen; mail ports and submission ports apart. `item`
 *   tells these findings from others of the same code.
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
 * @returns what a group is about: the name of a host, or an address where it has none; for submission, an address and a
 *   port. Where several groups are about the same, all but one also say the first of their addresses. The order in which
 *   the DNS gave names and addresses makes no difference.
 */
function aboutOf(group: readonly Endpoint[], all: readonly (readonly Endpoint[])[], item?: string): About {
  const about = placeOf(group);
  const rivals = all.filter((other) => isSame(placeOf(other), about)).map(firstAddress);
  const own = firstAddress(group);
  const items = [item, rivals.some((ip) => ip < own) ? own : undefined].filter((part) => part !== undefined);
  return items.length === 0 ? about : { ...about, item: items.join(' ') };
}

/** The tested addresses come before those of other MX hosts. */
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

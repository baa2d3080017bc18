/** The same fault on several addresses or ports of a host is one finding. */
import type { EndpointEvidence } from './findings.ts';
import type { Observation } from './probe.ts';

export interface Seen<E> {
  readonly evidence: E & { readonly endpoints: readonly EndpointEvidence[] };
  /** The name or address it is about. */
  readonly subject: string;
  readonly isSubmission: boolean;
}

/** @returns one entry per distinct evidence, with everywhere it was seen; mail ports and submission ports apart. */
export function grouped<E extends object>(
  observations: readonly Observation[],
  judge: (observation: Observation) => E | null,
): Seen<E>[] {
  const groups = new Map<string, { evidence: E; seen: Observation[] }>();
  for (const observation of observations) {
    const evidence = judge(observation);
    if (evidence === null) continue;
    const key = `${observation.endpoint.isSubmission} ${JSON.stringify(evidence)}`;
    const group = groups.get(key);
    if (group) group.seen.push(observation);
    else groups.set(key, { evidence, seen: [observation] });
  }
  return [...groups.values()].map(({ evidence, seen }) => {
    const endpoints = seen.map(({ endpoint: { ip, port, names } }) => ({ ip, port, names }));
    const [first] = seen;
    const isSubmission = first?.endpoint.isSubmission ?? false;
    const name = first?.endpoint.names[0] ?? first?.endpoint.ip ?? '';
    return {
      evidence: { ...evidence, endpoints },
      subject: isSubmission ? `${name} port ${first?.endpoint.port}` : name,
      isSubmission,
    };
  });
}

/** The finding about a submission port that takes no connection and that nobody said the host uses. */
import { type FindingSpec, findingSpec } from './finding.ts';

/**
 * @param where gives the port in words.
 * @param notKnown what is not known of the port, as a clause: `so its TLS was not tested`.
 */
export function submissionSilent<E extends { readonly failure: string }>(
  where: (evidence: E) => string,
  notKnown: string,
  reference: string,
): FindingSpec<E> {
  return findingSpec<E>({
    severity: 'info',
    title: 'A submission port does not answer',
    message: (evidence) =>
      evidence.failure === 'no-route'
        ? `This machine has no route to ${where(evidence)}, ${notKnown}.`
        : `${where(evidence)} does not answer (${evidence.failure}), ${notKnown}.`,
    explanation:
      'Many firewalls drop connections to unused ports. If the host does offer submission here, a firewall blocks this machine.',
    remediation: () => ({
      summary:
        'Nothing to do if the host offers no submission on this port. If it does, run the check from a network that can reach it.',
    }),
    reference,
  });
}

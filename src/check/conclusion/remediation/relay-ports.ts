/** The ports on which a customer of a provider can reach a mail relay. */
import type { Provider } from '../../../knowledge/providers/schema.ts';
import { SUBMISSION_PORTS } from '../../../standards/submission-ports.ts';

/**
 * The ports on which relays accept mail, in the order of preference. Relays offer further ports besides the standard
 * ones, for customers whose network closes those. Port 25 is left out because it is not for submission.
 */
const RELAY_PORTS: readonly number[] = [...SUBMISSION_PORTS, 2525, 2587, 2465];

/** @returns the ports that the provider leaves open, the preferred one first. All of them when no provider is known. */
export function relayPorts(provider: Provider | undefined): readonly number[] {
  const closed = provider?.port25.portsClosed ?? [];
  return RELAY_PORTS.filter((port) => !closed.includes(port));
}

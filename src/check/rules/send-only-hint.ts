/** Suggests `--send-only` where the SMTP port of a host is silent. */
import type { Target } from '../target.ts';

/** The hint as a sentence, with a space before it. */
export const SEND_ONLY_HINT = ' If the host only sends, check it with --send-only.';

/**
 * @param ips the addresses whose SMTP port is silent.
 * @returns the hint, with a space before it. Empty unless the user typed one of the addresses: an MX host has to listen.
 */
export function sendOnlyHint(ips: readonly string[], target: Target): string {
  const isTyped = target.ipSource === 'argument' && target.ips.some((ip) => ips.includes(ip));
  return isTyped ? SEND_ONLY_HINT : '';
}

/**
 * Tells what the silence of the SMTP port of a tested address means. With `--send-only` silence is expected, but a network
 * that blocks port 25 on the way to the host looks the same.
 */
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import type { SmtpFailure, SmtpFailureStatus } from '../../network/smtp/types.ts';
import { fact } from './fact.ts';
import { greeting } from './greeting.ts';
import { type Port25Needs, port25Out } from './port-25-out.ts';
import { vantage } from './vantage.ts';

/**
 * The silence of a port:
 * - `closed`: the connection is refused.
 * - `no-answer`: nothing answers, while other mail servers can be reached from here.
 * - `blocked`: this network blocks the port, so the host was not reached.
 * - `untold`: nothing answers, and it is not known whether this network lets the port out.
 */
export type Silence = 'closed' | 'no-answer' | 'blocked' | 'untold';

/** The failures of a connection to a port that nothing listens on, or that a firewall drops. */
const SILENT: readonly SmtpFailureStatus[] = ['refused', 'timeout', 'unreachable'];

/** @returns whether the connection failed as one to a port that nothing listens on. */
export function isSilence({ status, connected = false }: SmtpFailure): boolean {
  return !connected && SILENT.includes(status);
}

/** @returns what the silence of the SMTP port means, or `null` when the port took a connection or was not tried. */
export const silentPort = fact(async (needs: Port25Needs, ip: IpAddress): Promise<Silence | null> => {
  const { facts } = needs;
  const greeted = await facts(greeting, ip);
  if (greeted.kind !== 'failed' || !isSilence(greeted.failure)) return null;
  const isRefused = greeted.failure.status === 'refused';
  // No network lies between this machine and itself.
  if (isRefused && (await facts(vantage, ip)).kind === 'self') return 'closed';
  const out = await facts(port25Out, ipFamily(ip));
  if (out.kind === 'closed') return 'blocked';
  if (isRefused) return 'closed';
  return out.kind === 'open' ? 'no-answer' : 'untold';
});

/** @returns whether the silence shows that nothing listens on the port for senders. */
export function isTold(silence: Silence): boolean {
  return silence === 'closed' || silence === 'no-answer';
}

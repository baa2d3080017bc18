/** Which ports for submission (RFC 6409, RFC 8314) are looked at on a tested address. */
import { type IpAddress, isLoopback } from '../../network/ip.ts';
import { hostPort } from '../../network/smtp/client.ts';
import { SUBMISSION_PORTS } from '../../standards/submission-ports.ts';
import type { Settings } from '../settings.ts';

/**
 * @returns the ports to try on an address. A loopback address has none, since its ports may serve the machine's own
 *   users only. Where `connectTo` leads addresses elsewhere, only the ports that it names count.
 */
export function submissionPorts(settings: Settings, ip: IpAddress): readonly number[] {
  const { connectTo } = settings;
  return settings.submissionPorts ?? SUBMISSION_PORTS.filter((port) => isTheHosts(port));

  function isTheHosts(port: number): boolean {
    return connectTo ? connectTo.has(hostPort(ip, port)) : !isLoopback(ip);
  }
}

/** Which ports for submission (RFC 6409, RFC 8314) are the tested host's, to be looked at where they are open. */
import { type IpAddress, isLoopback } from '../../network/ip.ts';
import { hostPort } from '../../network/smtp/client.ts';
import type { Settings } from '../settings.ts';

export const SUBMISSION_PORTS = [587, 465] as const;
/** TLS from the first byte (RFC 8314 §3.3). */
export const IMPLICIT_TLS_PORT = 465;

/**
 * @returns the ports to try on an address. On loopback these ports are the machine's own business; where addresses are
 *   led elsewhere, only those led there count.
 */
export function submissionPorts(settings: Settings, ip: IpAddress): readonly number[] {
  const { connectTo } = settings;
  return settings.submissionPorts ?? SUBMISSION_PORTS.filter((port) => isTheHosts(port));

  function isTheHosts(port: number): boolean {
    return connectTo ? connectTo.has(hostPort(ip, port)) : !isLoopback(ip);
  }
}

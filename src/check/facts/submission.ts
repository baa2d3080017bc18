/** Chooses the submission ports (RFC 6409, RFC 8314) to test on an address. */
import { type IpAddress, isLoopback } from '../../network/ip.ts';
import { hostPort } from '../../network/smtp/client.ts';
import { SUBMISSION_PORTS } from '../../standards/submission-ports.ts';
import type { Settings } from '../settings.ts';

/**
 * @returns the ports to try on an address. They are the ports in the settings, if given, else the standard ones. A
 *   loopback address then has none, because its ports may serve only the machine's own users. With `connectTo`, only
 *   the ports that it names for the address count.
 */
export function submissionPorts(settings: Settings, ip: IpAddress): readonly number[] {
  const { connectTo } = settings;
  return settings.submissionPorts ?? SUBMISSION_PORTS.filter((port) => isTheHosts(port));

  function isTheHosts(port: number): boolean {
    return connectTo ? connectTo.has(hostPort(ip, port)) : !isLoopback(ip);
  }
}

/** @returns whether the user named this port of the address, so that its silence says something. */
export function isNamedPort({ connectTo, submissionPorts: given }: Settings, ip: IpAddress, port: number): boolean {
  return given?.includes(port) === true || connectTo?.has(hostPort(ip, port)) === true;
}

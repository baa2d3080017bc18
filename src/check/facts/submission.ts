/** Chooses the submission ports (RFC 6409, RFC 8314) to test on an address. */

import { hostPort } from '../../network/gate.ts';
import { type IpAddress, isLoopback } from '../../network/ip.ts';
import type { SmtpFailureStatus } from '../../network/smtp/types.ts';
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

/** The failures of a connection to a port that a host may simply not use. Many firewalls drop what they do not let in. */
const UNUSED: readonly SmtpFailureStatus[] = ['timeout', 'unreachable', 'reset', 'no-route'];

/** The failures that say nothing about the port alone: it is closed, or no address of the host is connected to. */
const UNSAID: readonly SmtpFailureStatus[] = ['refused', 'forbidden', 'unasked'];

/**
 * Tells what it means that a submission port has taken no connection.
 *
 * @param isNamed whether the user named the port, so that the host should answer there.
 * @returns `unsaid` if there is nothing to say about the port, `silent` if the host may not use it, and else `failed`.
 */
export function meaningOfFailure(failure: SmtpFailureStatus, isNamed: boolean): 'unsaid' | 'silent' | 'failed' {
  if (UNSAID.includes(failure)) return 'unsaid';
  return !isNamed && UNUSED.includes(failure) ? 'silent' : 'failed';
}

/**
 * Says that a host holds this client back: it limits connections, or it has stopped answering. Both are the answer of the
 * host to being tested, and say nothing about how it treats other clients.
 */
import type { SmtpFailure } from '../../network/smtp/types.ts';
import { listed } from '../../report/listed.ts';
import type { Target } from '../target.ts';
import type { Fix } from './fix.ts';
import { type Reason, reason } from './inconclusive.ts';
import { ownCommand } from './own-command.ts';

/** What the host did. */
export interface HeldBack {
  readonly detail: string;
  /** The seconds between two connections that the host probably takes. Absent when it does not limit connections. */
  readonly pauseSeconds?: number;
}

/** @returns the evidence of a failure with which a host holds this client back. */
export function heldBack({ detail, pauseSeconds }: SmtpFailure): HeldBack {
  return { detail, ...(pauseSeconds === undefined ? {} : { pauseSeconds }) };
}

/** The connections of a run with all rules to one address, and some more. */
const CONNECTIONS = 20;
/** The seconds that a run takes besides its pauses. */
const REST_SECONDS = 60;
/** A pause, in seconds, that few programs take for an attack. */
const CAREFUL_PAUSE = 30;

/** @returns the options that make the run slower, and give it the time for that. */
function slower(pause: number): string[] {
  return ['--probe-pause', `${pause}`, '--timeout', `${pause * CONNECTIONS + REST_SECONDS}`];
}

function limitedFix({ pauseSeconds = CAREFUL_PAUSE }: HeldBack, target: Target): Fix {
  return {
    summary: `Run the check again with ${pauseSeconds} seconds between connections.`,
    commands: ownCommand(target, 'check', ...slower(pauseSeconds)),
  };
}

function shutOutFix(target: Target): Fix {
  return {
    summary:
      'On the mail server, lift the ban (fail2ban-client banned lists the bans, fail2ban-client unban lifts one) and allow the address of this machine. Then run the check with longer pauses, or on the mail server itself.',
    commands: [...ownCommand(target, 'check', ...slower(CAREFUL_PAUSE)), ...ownCommand(target, 'check', '--on-host')],
  };
}

/**
 * The two reasons, for the table of a rule.
 *
 * @param where gives the host in words.
 * @param ipsOf gives the addresses of the host.
 * @param when tells how far the check had come when the host stopped answering.
 */
export function heldBackReasons<E extends object>(
  where: (evidence: E) => string,
  ipsOf: (evidence: E) => readonly string[],
  when: (evidence: E) => string = () => 'during the check',
) {
  const limited: Reason<E & HeldBack> = reason<E & HeldBack>({
    says: (seen) =>
      `${where(seen)} limits how often one client may connect, and rejected this machine for that (${seen.detail}).`,
    fix: limitedFix,
    obstacle: (seen, target) => ({
      kind: 'limited',
      says: `The mail server at ${listed(ipsOf(seen))} limits how often one client may connect, and rejected this machine for that.`,
      fix: limitedFix(seen, target),
    }),
  });
  const shutOut: Reason<E & HeldBack> = reason<E & HeldBack>({
    says: (seen) =>
      `${where(seen)} stopped answering ${when(seen)}: it has probably banned this machine’s address (${seen.detail}).`,
    fix: (_evidence, target) => shutOutFix(target),
    obstacle: (seen, target) => ({
      kind: 'shut-out',
      says: `The mail server at ${listed(ipsOf(seen))} stopped answering: it has probably banned this machine’s address.`,
      fix: shutOutFix(target),
    }),
  });
  return { limited, 'shut-out': shutOut };
}

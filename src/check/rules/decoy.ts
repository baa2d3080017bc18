/** Says that what answers is no mail server but a decoy, which shows nothing of the mail host behind it. */
import type { Decoy, DecoyKind } from '../../knowledge/mail-servers/decoys.ts';
import { type Reason, reason } from './inconclusive.ts';
import { ownCommand } from './own-command.ts';

/** The decoy that answered. */
export interface AboutDecoy {
  readonly decoy: Decoy;
}

const WHAT: Readonly<Record<DecoyKind, string>> = {
  tarpit: 'a filter that keeps strangers busy before the mail server gets to see them',
  honeypot: 'a honeypot, which pretends to be a mail server',
  trap: 'a test tool, which catches all mail and delivers none',
};

const FIX: Readonly<Record<DecoyKind, string>> = {
  tarpit:
    'Allow the address that the check runs from in the filter (for OpenBSD spamd: spamdb -a with the address), or run the check from an address that it lets through, or on the mail host itself with --on-host.',
  honeypot:
    'Give the address of the real mail server, or run the check on it with --on-host. If the real one should answer here, stop the honeypot.',
  trap: 'Stop the test tool and let the mail server listen on the port, or give the address of the mail server.',
};

/**
 * The reason, for the table of a rule.
 *
 * @param where gives the host in words.
 * @param unknown what is not known, as a clause: `whether it relays`.
 */
export function decoyReason<E extends object>(where: (evidence: E) => string, unknown: string): Reason<E & AboutDecoy> {
  return reason({
    says: (seen) =>
      `What answers on ${where(seen)} is ${seen.decoy.name}, ${WHAT[seen.decoy.kind]}: ${unknown} is not known.`,
    fix: ({ decoy }, target) => ({
      summary: FIX[decoy.kind],
      commands: decoy.kind === 'trap' ? [] : ownCommand(target, 'check', '--on-host'),
    }),
  });
}

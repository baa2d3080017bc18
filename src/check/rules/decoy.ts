/** Says that what answers is no mail server but a decoy, which shows nothing of the mail host behind it. */
import type { Decoy, DecoyKind } from '../../knowledge/mail-servers/decoys.ts';
import { type Reason, reason } from './inconclusive.ts';
import { ownCommand } from './own-command.ts';

/** The decoy that answered. */
export interface AboutDecoy {
  readonly decoy: Decoy;
}

const WHAT: Readonly<Record<DecoyKind, string>> = {
  tarpit: 'slows unknown clients down before they reach the mail server',
  honeypot: 'only pretends to be a mail server',
  trap: 'catches all mail and delivers none',
};

const FIX: Readonly<Record<DecoyKind, string>> = {
  tarpit:
    'Allow the address of this machine in the filter (OpenBSD spamd: spamdb -a with the address), or run the check on the mail server itself.',
  honeypot:
    'Check the address of the real mail server, or run the check on that server. If the mail server should answer at this address, stop the honeypot.',
  trap: 'Stop the test tool and run the mail server on this port, or check the mail server’s real address.',
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
      `The service on ${where(seen)} is ${seen.decoy.name}, which ${WHAT[seen.decoy.kind]}. It was not tested ${unknown}.`,
    fix: ({ decoy }, target) => ({
      summary: FIX[decoy.kind],
      commands: decoy.kind === 'trap' ? [] : ownCommand(target, 'check', '--on-host'),
    }),
  });
}

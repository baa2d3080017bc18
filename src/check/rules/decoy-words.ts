/** The words on a decoy that answers in place of a mail server. */
import type { Decoy, DecoyKind } from '../../knowledge/mail-servers/decoys.ts';
import type { Target } from '../target.ts';
import type { Fix } from './fix.ts';
import { ownCommand } from './own-command.ts';

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

/** @returns what a decoy is: `OpenSMTPD spamd, which slows unknown clients down …`. */
export function decoyText({ name, kind }: Decoy): string {
  return `${name}, which ${WHAT[kind]}`;
}

/** @returns what to do about a decoy. */
export function decoyFix({ kind }: Decoy, target: Target): Fix {
  return { summary: FIX[kind], commands: kind === 'trap' ? [] : ownCommand(target, 'check', '--on-host') };
}

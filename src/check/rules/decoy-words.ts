/** The words on a decoy that answers in place of a mail server. */
import type { Decoy, DecoyKind } from '../../knowledge/mail-servers/decoys.ts';
import type { Target } from '../target.ts';
import type { Fix } from './fix.ts';
import { ownCommand } from './own-command.ts';

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

/** @returns what a decoy is: `OpenSMTPD spamd, a filter that …`. */
export function decoyText({ name, kind }: Decoy): string {
  return `${name}, ${WHAT[kind]}`;
}

/** @returns what to do about a decoy. */
export function decoyFix({ kind }: Decoy, target: Target): Fix {
  return { summary: FIX[kind], commands: kind === 'trap' ? [] : ownCommand(target, 'check', '--on-host') };
}

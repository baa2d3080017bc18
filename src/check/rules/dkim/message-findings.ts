/** Defines the findings about a message that the host has sent, and the reasons why a message may show nothing. */
import type { SignatureDefect } from '../../../standards/dkim/defect.ts';
import { keyName } from '../../../standards/dkim/lookup.ts';
import { findingSpec } from '../finding.ts';
import { reason } from '../inconclusive.ts';
import { ownCommand } from '../own-command.ts';
import { askAgain, sendAnother } from './remedies.ts';
import { describeDefect, describeLeftOut, describeLengthLimit, repair } from './signature-words.ts';

export interface SignatureEvidence {
  /** The signing domain (`d=`). */
  readonly domain: string;
  /** The selector (`s=`). */
  readonly selector: string;
}

export const messageFindings = {
  'dkim/message-unsigned': findingSpec<{ from: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The sample message is not signed',
    message: () => 'The message you gave has no DKIM-Signature header, so it is not signed.',
    explanation: 'A published key signs nothing by itself: the mail server must sign each message.',
    remediation: () => ({
      summary:
        'Turn on signing in the mail server (OpenDKIM or rspamd for Postfix, dkim_* options of the smtp transport in Exim). Then send a new message and check that one.',
    }),
    reference: 'RFC 6376 §5',
  }),
  'dkim/message-signature-fails': findingSpec<
    SignatureEvidence & { result: string; defect: SignatureDefect | null; leftOut: number }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'A signature of the sample message does not verify',
    message: ({ domain, selector, result, defect, leftOut }) => {
      const which =
        domain === '' ? 'A signature' : `The signature by ${domain}${selector && ` (selector ${selector})`}`;
      return `${which} does not verify (${result})${defect === null ? '' : `: ${describeDefect(defect)}`}.${describeLeftOut(leftOut)}`;
    },
    explanation: 'Receivers ignore a signature that does not verify.',
    remediation: ({ domain, selector, defect }, target) => ({
      summary: repair(defect, domain === '' || selector === '' ? 'its selector' : keyName(selector, domain)),
      ...(defect?.kind === 'signature-wrong' && domain === target.domain
        ? { commands: ownCommand(target, 'check', '--selector', selector, '--dkim-key', 'PRIVATE_KEY_FILE') }
        : {}),
    }),
    reference: 'RFC 6376 §6.1',
  }),
  'dkim/message-not-aligned': findingSpec<{ from: string; signers: readonly string[]; mode: string; leftOut: number }>({
    severity: 'error',
    causes: ['dkim-not-aligned'],
    title: 'No valid signature of the sample message is aligned with its From domain',
    message: ({ from, signers, mode, leftOut }) =>
      `The message is from ${from}, but its valid signatures are by ${signers.join(', ')} (${mode} alignment).${describeLeftOut(leftOut)}`,
    explanation:
      'DMARC counts a signature only if its domain (d=) belongs to the From domain. GMX, Gmail and others require such a signature.',
    remediation: ({ from }) => ({
      summary: `Sign with d=${from}, or with its organizational domain if alignment is relaxed.`,
    }),
    reference: 'RFC 9989 §4.4',
  }),
  'dkim/message-verified': findingSpec<{
    from: string;
    signers: readonly string[];
    /** Whether the key of every aligned signature is marked t=y. */
    isTesting: boolean;
    /** The number of octets at the end of the body that no aligned signature covers. `null` when one has no l=. */
    unsignedOctets: number | null;
    leftOut: number;
  }>({
    severity: 'info',
    title: 'The sample message is signed and aligned',
    message: ({ from, signers, isTesting, unsignedOctets, leftOut }) =>
      [
        `The message from ${from} has a valid, aligned signature by ${signers.join(', ')}.`,
        ...(isTesting ? [' Its key is marked as a test (t=y), so receivers may treat the message as unsigned.'] : []),
        ...(unsignedOctets === null ? [] : [describeLengthLimit(unsignedOctets)]),
        describeLeftOut(leftOut),
      ].join(''),
    explanation: 'One valid signature by the From domain or its organization is what receivers look for.',
    remediation: ({ isTesting, unsignedOctets }) => ({
      summary:
        [
          ...(isTesting ? ['Remove y from the t= tag of the key record.'] : []),
          ...(unsignedOctets === null ? [] : ['Sign the whole body: turn off the l= tag in the signer.']),
        ].join(' ') || 'Nothing to do.',
    }),
    reference: 'RFC 6376 §6.1',
  }),
} as const;

/** The reasons why a message may show nothing. */
export const messageReasons = {
  'message-of-another-domain': reason<{ domain: string; from: string | null }>({
    says: ({ domain, from }) =>
      `The message you gave is not from ${domain}: its From field names ${from ?? 'no single domain'}.`,
    fix: sendAnother,
  }),
  'signature-key-lookup-failed': reason<SignatureEvidence>({
    says: ({ domain, selector }) =>
      `The key of the signature by ${domain} (selector ${selector}) could not be fetched.`,
    fix: askAgain,
  }),
  'signature-expired': reason<SignatureEvidence & { expiredOn: string }>({
    says: ({ domain, selector, expiredOn }) =>
      `The signature of this message by ${domain} (selector ${selector}) expired on ${expiredOn}.`,
    fix: sendAnother,
  }),
  'signatures-left-out': reason<{ signatures: number; verified: number }>({
    says: ({ signatures, verified }) =>
      `The message has ${signatures} signatures. Only ${verified} were verified, and none of those is valid.`,
    fix: sendAnother,
  }),
  'alignment-lookup-failed': reason<{ from: string; signers: readonly string[] }>({
    says: ({ from, signers }) => `A lookup failed, so it is unknown whether ${signers.join(', ')} belongs to ${from}.`,
    fix: askAgain,
  }),
};

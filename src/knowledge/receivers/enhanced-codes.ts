/**
 * The meanings of enhanced status codes (RFC 3463 and the registry that RFC 5248 set up). The first number of a code says
 * whether the failure is permanent (5) or temporary (4). The other two say what failed. A receiver may use a code in
 * another sense than the standard, so what is known about the receiver comes first.
 */
import type { CauseName } from './causes.ts';

/** The meaning of the last two numbers of a code. */
export interface EnhancedCode {
  /** What failed, as a sentence without full stop. */
  readonly says: string;
  readonly reference: string;
  /** The faults of the sender that the code can mean. There are none when the sender's setup is not to blame. */
  readonly causes?: readonly CauseName[];
  /** Whether the code is about the mailbox or the address of the recipient. */
  readonly isAboutRecipient?: true;
  /** Whether receivers use the code for so many reasons that it alone does not tell one from the other. */
  readonly isVague?: true;
}

const address = { reference: 'RFC 3463 §3.2' };
const mailbox = { reference: 'RFC 3463 §3.3' };
const system = { reference: 'RFC 3463 §3.4' };
const network = { reference: 'RFC 3463 §3.5' };
const protocol = { reference: 'RFC 3463 §3.6' };
const content = { reference: 'RFC 3463 §3.7' };
const security = { reference: 'RFC 3463 §3.8' };
const vague = { isVague: true } as const;
const recipient = { isAboutRecipient: true } as const;

const ENHANCED_CODES: Readonly<Record<string, EnhancedCode>> = {
  '0.0': { says: 'The receiver gave no further reason', reference: 'RFC 3463 §3.1', ...vague },
  '1.0': { says: 'Something is wrong with an address', ...address, ...vague },
  '1.1': { says: 'The recipient’s mailbox does not exist', ...address, ...recipient },
  '1.2': { says: 'The recipient’s domain does not exist or takes no mail', ...address, ...recipient },
  '1.3': { says: 'The recipient’s address has wrong syntax', ...address, ...recipient },
  '1.4': { says: 'The recipient’s address is ambiguous', ...address, ...recipient },
  '1.6': { says: 'The recipient’s mailbox has moved', ...address, ...recipient },
  '1.7': { says: 'The sender’s address has wrong syntax', ...address },
  '1.8': {
    says: 'The sender’s domain does not exist or takes no mail',
    ...address,
    causes: ['no-domain', 'no-return-path'],
  },
  '1.9': { says: 'The message went to a mail server that reports no delivery', reference: 'RFC 3886' },
  '1.10': {
    says: 'The recipient’s domain has a null MX record: it takes no mail',
    reference: 'RFC 7505 §4',
    ...recipient,
  },
  '2.0': { says: 'Something is wrong with the recipient’s mailbox', ...mailbox, ...vague },
  '2.1': { says: 'The recipient’s mailbox exists but takes no messages', ...mailbox, ...recipient },
  '2.2': { says: 'The recipient’s mailbox is full', ...mailbox, ...recipient },
  '2.3': { says: 'The message is too large for the recipient’s mailbox', ...mailbox, ...recipient },
  '2.4': { says: 'The mailing list cannot be expanded', ...mailbox, ...recipient },
  '3.0': { says: 'Something is wrong with the receiving system', ...system, ...vague },
  '3.1': { says: 'The receiving system is full', ...system },
  '3.2': { says: 'The receiving system takes no mail at the moment', ...system },
  '3.3': { says: 'The receiving system lacks a feature that the message needs', ...system },
  '3.4': { says: 'The message is too large for the receiving system', ...system },
  '3.5': { says: 'The receiving system is configured incorrectly', ...system },
  '4.0': { says: 'Something is wrong with the network or the route', ...network, ...vague },
  '4.1': { says: 'The receiving host did not answer', ...network },
  '4.2': { says: 'The connection failed before the message was through', ...network },
  '4.3': { says: 'A directory server or the DNS did not answer', ...network },
  '4.4': { says: 'No route to the receiving host was found', ...network },
  '4.5': { says: 'The mail system is overloaded', ...network },
  '4.6': { says: 'The message went round in a loop', ...network },
  '4.7': { says: 'The message waited too long and was given up', ...network },
  '5.0': { says: 'The SMTP dialogue failed', ...protocol, ...vague },
  '5.1': { says: 'A command is unsupported or out of sequence', ...protocol },
  '5.2': { says: 'A command has wrong syntax', ...protocol },
  '5.3': { says: 'The message has too many recipients', ...protocol },
  '5.4': { says: 'A command has wrong arguments', ...protocol },
  '5.5': { says: 'The protocol version is not supported', ...protocol },
  '5.6': { says: 'A line of the login is too long', reference: 'RFC 4954 §6' },
  '6.0': { says: 'Something is wrong with the content of the message', ...content, ...vague },
  '6.1': { says: 'The receiver does not support the type of the content', ...content },
  '6.2': { says: 'The content must be converted, and that is prohibited', ...content },
  '6.3': { says: 'The content must be converted, and the server cannot do that', ...content },
  '6.5': { says: 'The content could not be converted', ...content },
  '6.6': { says: 'The server could not fetch the content of the message', reference: 'RFC 4468' },
  '6.7': { says: 'The receiver does not take addresses with non-ASCII characters', reference: 'RFC 6531 §3.5' },
  '6.9': { says: 'A header with UTF-8 cannot be delivered to a recipient', reference: 'RFC 6531 §3.5' },
  '7.0': { says: 'The receiver rejects the message for a reason of policy or security', ...security, ...vague },
  '7.1': { says: 'The receiver does not take this message from this sender', ...security, ...vague },
  '7.2': { says: 'The sender may not write to this mailing list', ...security },
  '7.3': { says: 'The message would have to change to another security protocol', ...security },
  '7.4': { says: 'The receiver does not support a security feature of the message', ...security },
  '7.5': { says: 'The server could not decrypt or verify the message', ...security },
  '7.6': { says: 'The server does not support the cryptographic algorithm of the message', ...security },
  '7.7': { says: 'The message was changed or damaged on its way', ...security },
  '7.8': { says: 'The user name or password is wrong', reference: 'RFC 4954 §6' },
  '7.9': { says: 'The way of logging in is too weak', reference: 'RFC 4954 §6' },
  '7.10': { says: 'The way of logging in requires an encrypted connection', reference: 'RFC 5248' },
  '7.11': { says: 'The way of logging in requires TLS', reference: 'RFC 4954 §6' },
  '7.12': { says: 'The user has to log in once with the password to change to this way', reference: 'RFC 4954 §6' },
  '7.13': { says: 'The account that logged in is disabled', reference: 'RFC 5248' },
  '7.14': { says: 'The server lacks access to the server that has the content', reference: 'RFC 5248' },
  '7.15': { says: 'The priority of the message is too low at the moment', reference: 'RFC 6710' },
  '7.16': { says: 'The message is too large for its priority', reference: 'RFC 6710' },
  '7.17': { says: 'The mailbox has another owner now', reference: 'RFC 7293', ...recipient },
  '7.18': { says: 'The domain has another owner now', reference: 'RFC 7293', ...recipient },
  '7.19': {
    says: 'The receiver cannot tell since when the mailbox has its owner',
    reference: 'RFC 7293',
    ...recipient,
  },
  '7.20': { says: 'No DKIM signature of the message passes', reference: 'RFC 7372 §3.1', causes: ['no-dkim'] },
  '7.21': {
    says: 'A DKIM signature passes, but none that the receiver accepts',
    reference: 'RFC 7372 §3.1',
    causes: ['no-dkim', 'dkim-not-aligned'],
  },
  '7.22': {
    says: 'A DKIM signature passes, but none in the name of the From domain',
    reference: 'RFC 7372 §3.1',
    causes: ['dkim-not-aligned'],
  },
  '7.23': { says: 'The SPF check fails', reference: 'RFC 7372 §3.2', causes: ['spf-fail'] },
  '7.24': { says: 'The SPF check ends with an error', reference: 'RFC 7372 §3.2', causes: ['no-spf'] },
  '7.25': { says: 'The reverse DNS check fails', reference: 'RFC 7372 §3.3', causes: ['no-ptr'] },
  '7.26': {
    says: 'More than one check of the sender fails, such as SPF and DKIM',
    reference: 'RFC 7372 §3.4',
    causes: ['no-spf', 'no-dkim'],
  },
  '7.27': { says: 'The sender’s domain has a null MX record', reference: 'RFC 7505 §4', causes: ['null-mx'] },
  '7.28': {
    says: 'The message looks like part of a flood of similar mail',
    reference: 'the IANA registry of enhanced codes',
  },
  '7.29': { says: 'The check of the ARC chain fails', reference: 'RFC 8617' },
  '7.30': { says: 'The message requires TLS (REQUIRETLS), and a server on its way lacks that', reference: 'RFC 8689' },
};

/** @returns the meaning of an enhanced status code such as `5.7.25`, or `undefined` for one without a meaning here. */
export function enhancedCode(code: string): EnhancedCode | undefined {
  const [, subject = '', detail = ''] = code.split('.');
  return Object.hasOwn(ENHANCED_CODES, `${subject}.${detail}`) ? ENHANCED_CODES[`${subject}.${detail}`] : undefined;
}

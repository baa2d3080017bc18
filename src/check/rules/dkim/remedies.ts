/** Builds the remediations for DKIM: how to publish a key, and how to repeat a check that failed. */

import { keyName } from '../../../standards/dkim/lookup.ts';
import type { Target } from '../../target.ts';
import { contactServers } from '../dns-words.ts';
import { editDkim } from '../edit.ts';
import type { Fix } from '../fix.ts';
import { ownCommand } from '../own-command.ts';

/** The public key of the private key that the user gave. */
export interface SigningKeyEvidence {
  /** The fingerprint of the public key. */
  readonly fingerprint: string;
  /** The key record to publish. */
  readonly record: string;
}

/** @returns the remediation to generate a key pair and print all records to publish. `summary` begins its text. */
export function generateKey(target: Target, selector: string, summary: string): Fix {
  const commands = ownCommand(target, 'records', '--selector', selector, '--generate-dkim', `${selector}.private.pem`);
  return commands.length === 0
    ? { summary: `${summary} Choose a selector of letters, digits and hyphens for it.` }
    : {
        summary: `${summary} The command writes the private key to a file, which stays on the mail server, and prints the record to publish.`,
        commands,
      };
}

/**
 * @param thenWhat the next step after publishing, as part of a sentence.
 * @returns the remediation to publish the key record if the private key is known, else to generate a key pair.
 */
export function publishOrGenerate(
  target: Target,
  selector: string,
  signingKey: SigningKeyEvidence | null,
  thenWhat: string,
): Fix {
  if (!signingKey) {
    return generateKey(target, selector, `Generate a key pair, publish the public key and ${thenWhat}.`);
  }
  const name = keyName(selector, target.domain);
  return {
    summary: `Publish the key record at ${name} and ${thenWhat}.`,
    edits: [editDkim(name, { do: 'publish', text: signingKey.record })],
  };
}

/** @returns what to do when a DNS lookup failed. */
export function askAgain(_evidence: object, { domain }: Target): string {
  return `${contactServers({ name: domain })} With --selector, only that selector is looked up.`;
}

/** @returns what to do when the given message shows nothing. */
export function sendAnother(_evidence: object, { domain }: Target): string {
  return `Send a new message from an address at ${domain} through the host to a mailbox of yours, and pass that message with --message.`;
}

/** Builds the remediations for DKIM: how to publish a key, and how to repeat a check that failed. */

import type { Remediation } from '../../../report/status.ts';
import { keyName } from '../../../standards/dkim/lookup.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import type { Target } from '../../target.ts';

/** The public key of the private key that the user gave. */
export interface SigningKeyEvidence {
  /** The fingerprint of the public key. */
  readonly fingerprint: string;
  /** The key record to publish. */
  readonly record: string;
}

/** @returns the remediation to generate a key pair and print the record to publish. `summary` begins its text. */
export function generateKey(domain: string, selector: string, summary: string): Remediation {
  const file = `${selector}.private.pem`;
  return {
    summary: `${summary} The second command prints the record to publish; the private key stays on the mail server.`,
    commands: [
      `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ${file}`,
      `mailcheck ${domain} --selector ${selector} --dkim-key ${file}`,
    ],
  };
}

/**
 * @param thenWhat the next step after publishing, as part of a sentence.
 * @returns the remediation to publish the key record if the private key is known, else to generate a key pair.
 */
export function publishOrGenerate(
  domain: string,
  selector: string,
  signingKey: SigningKeyEvidence | null,
  thenWhat: string,
): Remediation {
  if (!signingKey)
    return generateKey(domain, selector, `Generate a key pair, publish its public half and ${thenWhat}.`);
  return {
    summary: `Publish this record at ${keyName(selector, domain)} and ${thenWhat}.`,
    records: [txtRecord(keyName(selector, domain), signingKey.record)],
  };
}

/** @returns what to do when a DNS lookup failed. */
export function askAgain(_evidence: object, { domain }: Target): string {
  return `Repeat the check; if it stays, repair the name servers of ${domain} or ask another resolver with --dns. With --selector only that selector is asked for.`;
}

/** @returns what to do when the given message shows nothing. */
export function sendAnother(_evidence: object, { domain }: Target): string {
  return `Send a new message from an address at ${domain} through the host, to a mailbox of yours, and give that one with --message.`;
}

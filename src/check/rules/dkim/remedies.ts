/** What to do: how a key gets into the zone, and how a check that failed can be made. */

import type { Remediation } from '../../../report/status.ts';
import { keyName } from '../../../standards/dkim/lookup.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import type { Target } from '../../target.ts';

/** The public half of the private key given. */
export interface SigningKeyEvidence {
  readonly fingerprint: string;
  /** The key record to publish for it. */
  readonly record: string;
}

/** @returns how to make a key pair and get the record to publish. */
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

/** @returns the ready record where the key is known, else how to make a key. */
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

/** @returns what to do where the DNS gave no answer. */
export function askAgain(_evidence: object, { domain }: Target): string {
  return `Repeat the check; if it stays, repair the name servers of ${domain} or ask another resolver with --dns. With --selector only that selector is asked for.`;
}

/** @returns what to do where the message shows nothing. */
export function sendAnother(_evidence: object, { domain }: Target): string {
  return `Send a new message from an address at ${domain} through the host, to a mailbox of yours, and give that one with --message.`;
}

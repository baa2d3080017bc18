/** How a key gets into the zone: the ready record where the key is known, else how to make one. */

import type { Remediation } from '../../../report/status.ts';
import { keyName } from '../../../standards/dkim/lookup.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';

/** The public half of the private key given. */
export interface SigningKeyEvidence {
  readonly fingerprint: string;
  /** The key record to publish for it. */
  readonly record: string;
}

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

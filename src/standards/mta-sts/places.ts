/** The places at which a domain publishes MTA-STS (RFC 8461 §3.1, §3.3). */

/** The path of the policy on its web server. */
export const POLICY_PATH = '/.well-known/mta-sts.txt';

/** @returns the name of the record. */
export function stsName(domain: string): string {
  return `_mta-sts.${domain}`;
}

/** @returns the name of the web server that has the policy. */
export function policyHost(domain: string): string {
  return `mta-sts.${domain}`;
}

/** @returns the address of the policy on this web server. */
export function policyUrl(host: string): string {
  return `https://${host}${POLICY_PATH}`;
}

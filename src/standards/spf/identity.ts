/** The identities that SPF checks: HELO and MAIL FROM (RFC 7208 §2.3, §2.4, §4.3). */

export interface SenderIdentity {
  readonly localPart: string;
  /** The domain as given, which may be invalid. */
  readonly domain: string;
}

/**
 * Splits a MAIL FROM address. A missing local part becomes "postmaster" (§4.3). An empty reverse path (`<>`) becomes
 * `postmaster@` the HELO name (§2.4). Angle brackets are optional.
 *
 * @returns the local part and the domain.
 */
export function senderIdentity(sender: string, heloName: string): SenderIdentity {
  const address = sender.startsWith('<') && sender.endsWith('>') ? sender.slice(1, -1) : sender;
  if (address === '') return { localPart: 'postmaster', domain: heloName };
  const at = address.lastIndexOf('@');
  if (at === -1) return { localPart: 'postmaster', domain: address };
  return { localPart: address.slice(0, at) || 'postmaster', domain: address.slice(at + 1) };
}

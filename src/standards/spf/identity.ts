/** The identities SPF checks (RFC 7208 §2.3, §2.4, §4.3): HELO and MAIL FROM. */

export interface SenderIdentity {
  readonly localPart: string;
  /** As given, which may be no domain at all. */
  readonly domain: string;
}

/**
 * Splits a MAIL FROM address. A missing local part is "postmaster" (§4.3), and an empty reverse path (`<>`) stands for
 * `postmaster@` the HELO name (§2.4). Angle brackets are allowed.
 */
export function senderIdentity(sender: string, heloName: string): SenderIdentity {
  const address = sender.startsWith('<') && sender.endsWith('>') ? sender.slice(1, -1) : sender;
  if (address === '') return { localPart: 'postmaster', domain: heloName };
  const at = address.lastIndexOf('@');
  if (at === -1) return { localPart: 'postmaster', domain: address };
  return { localPart: address.slice(0, at) || 'postmaster', domain: address.slice(at + 1) };
}

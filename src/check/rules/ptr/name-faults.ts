/**
 * Tells what is wrong with the form of a name in a PTR record. The DNS holds any octets in a name, and such a name may
 * have an address, so each fault has its own weight.
 */
import { canonicalName, isHostName } from '../../../network/domain.ts';
import { parseIp } from '../../../network/ip.ts';
import { specialUse } from '../../../standards/special-use-name.ts';

/** Why no public host has such a name. Receivers find no address for it, or an address that is not the host's. */
export const IMPOSSIBLE = {
  empty: 'it is empty, the root of the DNS',
  address: 'it is an address, not a name',
  numeric: 'it ends in a number, like an address',
  'reverse-tree': 'it is itself a name of the reverse zone',
  private: 'its ending exists only in private networks',
  'single-label': 'it is a single label, not a full name',
} as const;

/** Why a name is no host name (RFC 1123 §2.1), though the DNS may hold it and it may have an address. */
export const MALFORMED = {
  wildcard: '"*" is a wildcard, not the name of a host',
  hyphen: 'a label begins or ends with a hyphen',
  'non-ascii': 'it has non-ASCII characters; a host name has them in their xn-- form',
  characters: 'it has characters that a host name cannot have',
} as const;

export type Impossible = keyof typeof IMPOSSIBLE;
export type Malformed = keyof typeof MALFORMED;

/** What is wrong with the form of a name. An underscore alone hinders few receivers. */
export type FormFault =
  | { readonly kind: 'impossible'; readonly fault: Impossible }
  | { readonly kind: 'malformed'; readonly fault: Malformed }
  | { readonly kind: 'underscore' };

/** @returns what is wrong with the form of a name, or `undefined`. A lab has names of its own. */
export function formFault(name: string, isLab: boolean): FormFault | undefined {
  const impossible = impossibleFault(name, isLab);
  if (impossible !== undefined) return { kind: 'impossible', fault: impossible };
  if (isHostName(name)) return undefined;
  if (isHostName(name.replaceAll('_', 'x'))) return { kind: 'underscore' };
  return { kind: 'malformed', fault: malformedFault(name) };
}

function impossibleFault(name: string, isLab: boolean): Impossible | undefined {
  const canonical = canonicalName(name);
  if (canonical === '') return 'empty';
  if (parseIp(canonical.replace(/^\[(?:ipv6:)?(.*)\]$/, '$1')) !== undefined) return 'address';
  if (/(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(canonical)) return 'reverse-tree';
  const use = specialUse(canonical);
  if (use === 'machine' || (use !== undefined && !isLab)) return 'private';
  if (!canonical.includes('.')) return 'single-label';
  return /\.\d+$/.test(canonical) ? 'numeric' : undefined;
}

function malformedFault(name: string): Malformed {
  const labels = name.split('.');
  if (labels.includes('*')) return 'wildcard';
  if (/[^\x00-\x7f]|\\(?:1(?:2[89]|[3-9]\d)|2\d\d)/.test(name)) return 'non-ascii';
  const isHyphenOnly = labels.every((label) => /^[a-z0-9_-]+$/i.test(label));
  return isHyphenOnly ? 'hyphen' : 'characters';
}

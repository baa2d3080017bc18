/**
 * Recognises names to which a zone editor appended the zone. A name without a final dot is relative to the zone (RFC
 * 1035 §5.1), so `mail.example.com` typed without its dot in the zone `example.com` becomes
 * `mail.example.com.example.com`. The same happens to names that a record points to, and to the owner name of a record.
 *
 * The names alone are no proof. The caller asks the DNS what exists.
 */
import { canonicalName, isSameOrSubdomain, MAX_NAME } from '../network/domain.ts';
import { type IpAddress, parseIp } from '../network/ip.ts';
import { isPublicSuffix, organizationalDomain } from './organizational-domain.ts';

/** A name that may have been typed without its final dot. */
export interface TypedName {
  /** The name in canonical form, without the zone. */
  readonly name: string;
  /** The zone that was appended. */
  readonly zone: string;
  /**
   * Whether the spelling alone shows the mistake: the typed name and the zone are of one organization, or a host name
   * stands in a reverse zone. `mx.example.net.example.com` may be the name of a host of example.com.
   */
  readonly isPlain: boolean;
}

const REVERSE_ZONE = /(?:^|\.)(?:in-addr|ip6)\.arpa$/;

/**
 * Finds what may have been typed where a record shows a name with the zone appended.
 *
 * @param name the name that the record shows.
 * @param owner the owner name of that record. Its zone is this name or one above it.
 * @returns the plain ones, or else the others; the longest zone first. Each name has at least two labels.
 */
export function typedNames(name: string, owner: string): TypedName[] {
  const all = splits(name, owner).flatMap(({ typed, zone }) => {
    const labels = typed.split('.');
    // A top-level domain begins with a letter, so anything else is a piece of a longer name.
    if (labels.length < 2 || !/^[a-z]/.test(labels.at(-1) ?? '')) return [];
    return withoutRepeats(typed, zone).map((shown) => ({ name: shown, zone, isPlain: isPlain(shown, zone) }));
  });
  const plain = all.filter((found) => found.isPlain);
  // A name directly below a top-level domain is more often a subdomain with a common word: `mail.dev` in `example.com`.
  return plain.length > 0 ? plain : all.filter((found) => organizationalDomain(found.name) !== found.name);
}

/** @returns the address that was typed where a name shows an address with the zone appended: `192.0.2.1.example.com`. */
export function typedAddress(name: string, owner: string): IpAddress | undefined {
  return splits(name, owner)
    .map(({ typed }) => parseIp(typed))
    .find((ip) => ip !== undefined);
}

/**
 * @param zones the zones that the record may stand in.
 * @returns the names at which a record stands by mistake when its owner name was typed in full: the name with each zone
 *   appended, each once. Names that are too long for the DNS are left out.
 */
export function misplacedNames(name: string, zones: readonly string[]): string[] {
  const places = zones.map((zone) => `${canonicalName(name)}.${canonicalName(zone)}`);
  return [...new Set(places)].filter((place) => place.length <= MAX_NAME && !place.endsWith('.'));
}

/** Splits a name in front of each zone that an editor may have appended. */
function splits(name: string, owner: string): { typed: string; zone: string }[] {
  const canonical = canonicalName(name);
  if (canonical.length > MAX_NAME) return [];
  const labels = canonical.split('.');
  return labels
    .map((_, at) => ({ typed: labels.slice(0, at).join('.'), zone: labels.slice(at).join('.') }))
    .filter(({ typed, zone }) => typed !== '' && zone.includes('.'))
    .filter(({ typed, zone }) => isSameOrSubdomain(owner, zone) || isSameOrSubdomain(typed, zone))
    .filter(({ zone }) => REVERSE_ZONE.test(zone) || !isPublicSuffix(zone));
}

/** @returns the typed name, and what is left of it when the zone was appended more than once. */
function withoutRepeats(typed: string, zone: string): string[] {
  const names = [typed];
  for (let rest = typed; rest.endsWith(`.${zone}`); ) {
    rest = rest.slice(0, -zone.length - 1);
    if (isSameOrSubdomain(rest, zone)) names.push(rest);
  }
  return names;
}

function isPlain(typed: string, zone: string): boolean {
  if (REVERSE_ZONE.test(zone)) return !REVERSE_ZONE.test(typed) || isSameOrSubdomain(typed, zone);
  return organizationalDomain(typed) === organizationalDomain(zone);
}

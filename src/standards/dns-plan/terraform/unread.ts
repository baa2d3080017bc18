/**
 * Resources of a Terraform plan that hold DNS records and are not read, and zones that go. Nobody knows what becomes of the
 * published records of their zones, so that these records are undetermined.
 */
import type { UndeterminedSet } from '../../../network/dns/proposal.ts';
import { canonicalName } from '../../../network/domain.ts';
import { organizationalDomain } from '../../organizational-domain.ts';
import { type Attributes, NotKnown } from './attributes.ts';
import type { Zones } from './document.ts';

/** What is looked at of a resource. */
interface UnreadResource {
  readonly type: string;
  /** Its address, made fit to print. */
  readonly address: string;
  /** Whether the change deletes it, even to make it again. */
  readonly isDeleted: boolean;
  /** Its attributes before the change and after it, as far as there are any. */
  readonly attributes: readonly Attributes[];
}

/** The types of resources that look like records of the DNS, of whatever provider. */
const LOOKS_LIKE_RECORDS =
  /(?:dns|domain|zone|route53).*(?:record|rrset)|record_?set|_(?:a|aaaa|cname|mx|txt)_record|record_(?:a|aaaa|cname|mx|txt)$/i;

/** The types of resources that are whole zones. */
const LOOKS_LIKE_ZONE =
  /_(?:dns_|managed_|domain_|hosted_)?zone$|^(?:digitalocean|linode|vultr_dns|desec|gandi_livedns)_domain$|route53_zone$/i;

/** Only private networks see these. */
const PRIVATE = /private|internal/i;

/** The attributes that name the zone, the likeliest first. */
const ZONE_ATTRIBUTES = [
  'zone_name',
  'dns_zone',
  'domain_name',
  'dns_name',
  'domain',
  'zone',
  'zone_id',
  'managed_zone',
];

/** The types of records that mail rests on. The alias stands for all types of a name that is no apex. */
const TYPES = ['CNAME', 'A', 'AAAA', 'MX', 'TXT'] as const;

/** @returns the sets that nobody knows because of a resource. None for a resource that has nothing to do with the DNS. */
export function unreadSets(
  { type, address, isDeleted, attributes }: UnreadResource,
  zones: Zones,
  domain: string,
): readonly UndeterminedSet[] {
  if (PRIVATE.test(type)) return [];
  const isZone = LOOKS_LIKE_ZONE.test(type);
  if (isZone ? !isDeleted : !LOOKS_LIKE_RECORDS.test(type)) return [];
  const texts = (isZone ? ['name', ...ZONE_ATTRIBUTES] : ZONE_ATTRIBUTES).flatMap((attribute) =>
    attributes.flatMap((one) => textOf(one, attribute) ?? []),
  );
  const ids = attributes.flatMap((one) =>
    ['zone_id', 'id', 'name'].flatMap((attribute) => textOf(one, attribute) ?? []),
  );
  if ([...texts, ...(isZone ? ids : [])].some((text) => zones.private.has(text))) return [];
  const named = texts.map((text) => zones.names.get(text) ?? (text.includes('.') ? canonicalName(text) : undefined));
  const known = new Set(named.filter((zone) => zone !== undefined));
  const why = isZone
    ? `${address} (its zone is deleted)`
    : `${address} (mailcheck does not read resources of this kind)`;
  if (isZone && known.size === 0) return [];
  // Without a name it may be any zone, also the one of the domain under test.
  const apexes = known.size > 0 ? [...known] : [organizationalDomain(canonicalName(domain))];
  return apexes.flatMap((zone) => TYPES.map((own) => ({ name: null, zone, type: own, why, isReplaced: true })));
}

function textOf(attributes: Attributes, attribute: string): string | undefined {
  try {
    const text = attributes.text(attribute);
    return text === '' ? undefined : text;
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

/**
 * Says how to set the PTR record of an address. The holder of the address range sets it, rarely the owner of the domain.
 * Behind an alias (RFC 2317), the record belongs at the end of the aliases, in the zone of whoever runs that zone.
 */
import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { parseIp, reverseName } from '../../../network/ip.ts';
import { nameValue } from '../../../standards/zone-file/line.ts';
import type { Leads } from '../../facts/host-name.ts';
import { absence } from '../dns-words.ts';
import { addAddress, type Edit, onlyValues } from '../edit.ts';
import type { Fix } from '../fix.ts';

/** The name that the PTR record of an address should hold. */
export interface Goal {
  readonly ip: string;
  /** The owner name of the PTR record: the reverse name of the address, or the end of its aliases (RFC 2317). */
  readonly owner: string;
  readonly wanted: string;
  /** Where the wanted name leads. */
  readonly leads: Leads;
}

/** A PTR record at a name to which the zone editor appended the zone. */
export interface MisplacedPtr {
  readonly at: string;
  readonly zone: string;
  readonly name: string;
}

/** An alias of a reverse name whose target was typed without its final dot. */
export interface BrokenAlias {
  readonly alias: string;
  /** The target that was meant. */
  readonly target: string;
  readonly zone: string;
  /** Whether a PTR record stands at that target. */
  readonly hasPtr: boolean;
}

/** @returns the edit that leaves one PTR record: the one that names the host. */
export function keepOnly(owner: string, name: string): Edit {
  return {
    record: 'PTR',
    name: owner,
    change: { do: 'values', add: [nameValue(name)], remove: 'all', because: `keeps ${name} as the only name` },
  };
}

/** @returns the edit that takes one name out of the PTR records. */
export function dropName(owner: string, name: string): Edit {
  const because = `removes ${name}, which does not resolve to the address`;
  return {
    record: 'PTR',
    name: owner,
    change: { do: 'values', add: [], remove: [nameValue(name)], because },
  };
}

/** @returns what to do so that the PTR record holds the wanted name, unless that name belongs to another host. */
export function setReverse({ ip, owner, wanted, leads }: Goal): Fix {
  if (leads === 'elsewhere') {
    return {
      summary: `${wanted} resolves to another host, so choose another name for ${ip}. Give it an address record with ${ip}, set it as HELO name of the mail server, and set the PTR record of ${ip} to it where you rent the address. If ${wanted} is this host, add ${ip} to its address records instead.`,
    };
  }
  const isThere = leads === 'here';
  const before = isThere ? '' : `Publish the ${ip.includes(':') ? 'AAAA' : 'A'} record of ${wanted} with ${ip} first. `;
  const address = isThere ? [] : [addAddress(wanted, ip)];
  const edits = [...address, onlyValues('PTR', owner, nameValue(wanted))];
  if (isAlias(ip, owner)) {
    return {
      summary: `${before}Publish the PTR record with ${wanted} at ${owner}, because ${reverseOf(ip)} is an alias of it (RFC 2317). Whoever runs the zone of ${owner} can do that.`,
      edits,
    };
  }
  return {
    summary: `${before}Set the PTR record of ${ip} to ${wanted} where you rent the address: in the provider’s console, by its API or by a ticket.`,
    edits,
    atProvider: { action: 'set-ptr', ip, name: wanted },
  };
}

/** What is known of an address without PTR record. */
export interface MissingPtr extends Goal {
  readonly query: QueryEvidence;
  readonly misplaced: MisplacedPtr | null;
  readonly broken: BrokenAlias | null;
}

/** @returns what to do for an address without PTR record. */
export function publishReverse(missing: MissingPtr): Fix {
  const { owner, misplaced, broken } = missing;
  if (misplaced !== null) {
    const { at, zone, name } = misplaced;
    return {
      summary: `Move the PTR record with ${name} from ${at} to ${owner}: type the name in full with its final dot, or only the part before ${zone}.`,
      edits: [onlyValues('PTR', owner, nameValue(name))],
    };
  }
  if (broken === null) return setReverse(missing);
  const { alias, target, hasPtr } = broken;
  const cname = onlyValues('CNAME', alias, nameValue(target));
  const first = `Point the CNAME record of ${alias} to ${target}, typed with its final dot.`;
  if (hasPtr) return { summary: first, edits: [cname] };
  const rest = setReverse({ ...missing, owner: target });
  return { summary: `${first} ${rest.summary}`, edits: [cname, ...(rest.edits ?? [])] };
}

/** @returns what was seen where an address has no PTR record. An alias is named with its target. */
export function missingText({ ip, owner, query, misplaced, broken }: MissingPtr): string {
  const seen = isAlias(ip, owner)
    ? `: ${reverseOf(ip)} is an alias (CNAME) of ${owner}, which ${absence(query)}`
    : ` (${query.name} ${query.rcode === 'nxdomain' ? 'does not exist' : 'exists without one'})`;
  const doubled =
    broken === null
      ? ''
      : ` The final dot is missing after ${broken.target}, so the zone editor appended ${broken.zone}.`;
  const moved =
    misplaced === null
      ? ''
      : ` A PTR record with ${misplaced.name} is at ${misplaced.at} instead: the zone editor appended ${misplaced.zone} to the name.`;
  return `${ip} has no PTR record${seen}.${doubled}${moved}`;
}

function isAlias(ip: string, owner: string): boolean {
  return owner !== reverseOf(ip);
}

function reverseOf(ip: string): string {
  const address = parseIp(ip);
  return address === undefined ? ip : reverseName(address);
}

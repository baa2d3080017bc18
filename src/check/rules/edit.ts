/**
 * Defines edits: what the remediation of a finding changes in the DNS. A rule names the change and never writes the
 * record. The plan folds the edits of all findings into one final value for each record set, so that no two remediations
 * contradict each other.
 */
import type { IpAddress } from '../../network/ip.ts';
import { addressValue, type RecordValue } from '../../standards/zone-file/line.ts';

/** A change of the SPF record of a name. */
export type SpfChange =
  /** Publish what the owner meant: errors corrected, several records merged, what never counts taken out. */
  | { readonly do: 'correct' }
  /** Let these addresses pass. A name without SPF record gets a new one. */
  | { readonly do: 'authorise'; readonly ips: readonly IpAddress[] }
  /** Leave these terms of the published record out. `because` continues the sentence `removes "a:host": `. */
  | { readonly do: 'leave-out'; readonly terms: readonly string[]; readonly because: string }
  /** Write other terms for a term of the published record. `because` continues the sentence. */
  | { readonly do: 'replace'; readonly term: string; readonly by: readonly string[]; readonly because: string }
  /** End the record in this term. */
  | { readonly do: 'end'; readonly with: '~all' | '-all' }
  /** Write names as addresses until the record is within the limit of lookups. */
  | { readonly do: 'relieve' };

/** A change of the DMARC record at a name `_dmarc.…`. */
export type DmarcChange =
  /** Publish what the owner meant: errors corrected, several records merged, what has no effect taken out. */
  | { readonly do: 'correct' }
  /** Publish this record where there is none. `moves` is the name at which the same record now stands by mistake. */
  | { readonly do: 'publish'; readonly text: string; readonly moves?: string }
  /** Set tags, or take them out where the value is `null`. */
  | { readonly do: 'set'; readonly tags: Readonly<Record<string, string | null>>; readonly because: string }
  /** Ask for report addresses in this tag, if the record as corrected has none. */
  | { readonly do: 'ask-for-reports'; readonly uri: string }
  /** Tighten the policy by one stage, at a later time. */
  | { readonly do: 'tighten-later' };

/** A change of the key record at a name `<selector>._domainkey.…`. */
export type DkimChange =
  /** Publish the key record that was meant: repaired, joined from its parts, or the good one of several. */
  | { readonly do: 'correct' }
  /** Publish this key record. `moves` is the name at which it now stands by mistake. */
  | { readonly do: 'publish'; readonly text: string; readonly moves?: string }
  /** Take a tag out, or the items of its list that are named. */
  | { readonly do: 'leave-out'; readonly tag: string; readonly items?: readonly string[]; readonly because: string };

/** The types of record sets that `values` edits may change. */
export type PlainType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'PTR' | 'TLSA' | 'TXT';

/**
 * A change of some values of a record set. A value is the data as in a zone file, with absolute names that end in a dot.
 * The value of a TXT record is its whole text.
 */
export interface ValuesChange {
  readonly do: 'values';
  readonly add: readonly RecordValue[];
  /** The values that go. `all` takes every published value out. */
  readonly remove: readonly RecordValue[] | 'all';
  /** What changes, as a clause with a verb: `adds 192.0.2.1`. */
  readonly because?: string;
}

/** One edit of one record set. */
export type Edit =
  | { readonly record: 'spf'; readonly name: string; readonly change: SpfChange }
  | { readonly record: 'dmarc'; readonly name: string; readonly change: DmarcChange }
  | { readonly record: 'dkim'; readonly name: string; readonly change: DkimChange }
  | { readonly record: PlainType; readonly name: string; readonly change: ValuesChange };

/** @returns the edit of the SPF record of a name. */
export function editSpf(name: string, change: SpfChange): Edit {
  return { record: 'spf', name, change };
}

/** @returns the edit of the DMARC record at a name `_dmarc.…`. */
export function editDmarc(name: string, change: DmarcChange): Edit {
  return { record: 'dmarc', name, change };
}

/** @returns the edit of the DKIM key record at a name. */
export function editDkim(name: string, change: DkimChange): Edit {
  return { record: 'dkim', name, change };
}

/** @returns the edit that adds values to a record set. */
export function addValues(record: PlainType, name: string, ...add: readonly RecordValue[]): Edit {
  return { record, name, change: { do: 'values', add, remove: [] } };
}

/** @returns the edit that takes values out of a record set. */
export function removeValues(record: PlainType, name: string, ...remove: readonly RecordValue[]): Edit {
  return { record, name, change: { do: 'values', add: [], remove } };
}

/** @returns the edit that makes these the only values of a record set. */
export function onlyValues(record: PlainType, name: string, ...add: readonly RecordValue[]): Edit {
  return { record, name, change: { do: 'values', add, remove: 'all' } };
}

/** @returns the edit that adds the address of a host: an A record or an AAAA record. */
export function addAddress(name: string, ip: string): Edit {
  return addValues(addressType(ip), name, addressValue(ip));
}

/** @returns the edit that takes an address out of a name that nobody outside can reach. */
export function removePrivateAddress(name: string, ip: string): Edit {
  const because = `removes ${ip}, which is not public`;
  return { record: addressType(ip), name, change: { do: 'values', add: [], remove: [addressValue(ip)], because } };
}

const addressType = (ip: string): PlainType => (ip.includes(':') ? 'AAAA' : 'A');

/** @returns the type of the record set that an edit changes. */
export function typeOf({ record }: Pick<Edit, 'record'>): PlainType {
  return record === 'spf' || record === 'dmarc' || record === 'dkim' ? 'TXT' : record;
}

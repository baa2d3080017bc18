/**
 * The meaning of one reply for one question: RFC 1034 §4.3, RFC 2308 §2 (negative answers), RFC 6604 (RCODE after
 * CNAME).
 */
import { canonicalName, isSameOrSubdomain } from '../domain.ts';
import type { RecordData, RecordType, SoaRecord } from './answer.ts';
import { type ReceivedRecord, type Reply, readData } from './message.ts';

type Meaning =
  | {
      readonly status: 'answer';
      readonly records: RecordData[RecordType][];
      readonly ttl: number;
      readonly chain: readonly string[];
    }
  | {
      readonly status: 'nodata' | 'nxdomain';
      readonly ttl: number | null;
      readonly zone: string | null;
      readonly chain: readonly string[];
    }
  /**
   * The name is an alias, and the reply lacks the records of its target. The last name of the chain must be queried.
   */
  | { readonly status: 'alias'; readonly ttl: number; readonly chain: readonly string[] }
  | { readonly status: 'servfail' | 'refused' | 'malformed'; readonly detail: string };

/**
 * Interprets a reply to the question for `name` and `type`.
 *
 * @returns the records, the kind of absence, the alias to follow, or the failure. TTLs are in seconds.
 */
export function interpret(reply: Reply, name: string, type: RecordType): Meaning {
  switch (reply.rcode) {
    case 'NOERROR':
    case 'NXDOMAIN':
      return interpretData(reply, name, type);
    default:
      return failureOf(reply);
  }
}

/** @returns what an RCODE means that says neither that records exist nor that they do not. */
export function failureOf(reply: Reply): Meaning & { readonly status: 'servfail' | 'refused' | 'malformed' } {
  switch (reply.rcode) {
    case 'SERVFAIL':
      return { status: 'servfail', detail: withErrors('the server failed (SERVFAIL)', reply) };
    case 'REFUSED':
      return { status: 'refused', detail: withErrors('the server refused the query (REFUSED)', reply) };
    default:
      return { status: 'malformed', detail: withErrors(`the server answered ${reply.rcode}`, reply) };
  }
}

function interpretData(reply: Reply, name: string, type: RecordType): Meaning {
  const { chain, owner, ttl, isContradictory } = followAliases(reply.answers, canonicalName(name), type);
  if (isContradictory) return { status: 'malformed', detail: 'a name has two different CNAME records' };
  if (chain.length > 0 && new Set([canonicalName(name), ...chain]).size <= chain.length) {
    return { status: 'malformed', detail: 'the CNAME chain loops' };
  }
  const matching = reply.answers.filter((record) => isOf(record, type, owner));
  if (matching.length > 0) {
    if (reply.rcode === 'NXDOMAIN') {
      return {
        status: 'malformed',
        detail: `the reply holds the ${type} record and says that the name does not exist`,
      };
    }
    const records: RecordData[RecordType][] = [];
    let least = ttl;
    for (const record of matching) {
      const data = readData(type, record.data);
      // A record that cannot be read may be the one that matters.
      if (data === undefined) return { status: 'malformed', detail: `the ${type} data cannot be read` };
      records.push(data);
      least = Math.min(least, record.ttl);
    }
    return { status: 'answer', records, ttl: least, chain };
  }
  if (reply.answers.some((record) => record.type === type)) {
    return { status: 'malformed', detail: `the reply holds the ${type} record of another name` };
  }
  if (chain.length === 0 && reply.answers.length > 0) {
    return { status: 'malformed', detail: 'the reply holds records that were not asked for' };
  }
  const denial = denialOf(reply.authorities);
  if (denial.zone !== null && denial.zone !== '' && !isSameOrSubdomain(owner, denial.zone)) {
    return { status: 'malformed', detail: `the reply denies the record in the name of another zone (${denial.zone})` };
  }
  if (reply.rcode === 'NXDOMAIN') {
    if (isFromNobody(reply, denial.zone)) return { status: 'malformed', detail: NOBODY };
    return { status: 'nxdomain', ...denial, chain };
  }
  if (chain.length > 0 && denial.zone === null) return { status: 'alias', ttl, chain };
  if (isReferral(reply, owner, denial.zone)) {
    return {
      status: 'malformed',
      detail: 'the server only refers to others: it is not a resolver and does not hold the zone',
    };
  }
  if (isFromNobody(reply, denial.zone)) return { status: 'malformed', detail: NOBODY };
  return { status: 'nodata', ...denial, chain };
}

const NOBODY = 'the server denies the record, and is neither a resolver nor the server of a zone';

/** Tells whether nothing in a denial says who denies: the server is neither a resolver nor authoritative. */
function isFromNobody({ recursionAvailable, authoritative }: Reply, zone: string | null): boolean {
  return !recursionAvailable && !authoritative && zone === null;
}

function isOf(record: ReceivedRecord, type: RecordType, owner: string): boolean {
  return record.type === type && (record.name === owner || canonicalName(record.name) === owner);
}

/** Follows the CNAME records of the answer section, starting at `name`. */
function followAliases(answers: readonly ReceivedRecord[], name: string, type: RecordType) {
  if (!answers.some(isAlias))
    return { chain: NO_ALIASES, owner: name, ttl: Number.POSITIVE_INFINITY, isContradictory: false };
  const chain: string[] = [];
  let owner = name;
  let ttl = Number.POSITIVE_INFINITY;
  // A chain without a loop has at most one step per record. The caller recognises a loop by one step more.
  while (type !== 'CNAME' && chain.length <= answers.length) {
    const aliases = answers.filter((record) => isOf(record, 'CNAME', owner));
    const [alias] = aliases;
    const targets = new Set(aliases.map(({ data }) => canonicalName(readData('CNAME', data) ?? '')));
    if (alias === undefined) break;
    if (targets.size > 1) return { chain, owner, ttl, isContradictory: true };
    const [target = ''] = targets;
    owner = target;
    ttl = Math.min(ttl, alias.ttl);
    chain.push(owner);
  }
  return { chain, owner, ttl, isContradictory: false };
}

const isAlias = ({ type }: ReceivedRecord): boolean => type === 'CNAME';

const NO_ALIASES: readonly string[] = [];

/** Reads the SOA record of a negative answer: the zone, and the seconds for which it may be cached (RFC 2308 §5). */
function denialOf(authorities: readonly ReceivedRecord[]): { ttl: number | null; zone: string | null } {
  const record = authorities.find(({ type }) => type === 'SOA');
  const soa: SoaRecord | undefined = record && readData('SOA', record.data);
  if (record === undefined || soa === undefined) return { ttl: null, zone: null };
  return { ttl: Math.min(record.ttl, soa.minimum), zone: canonicalName(record.name) };
}

/**
 * Tells whether an empty NOERROR is a referral: NS records, but no SOA record (RFC 2308 §2.2). The name stays unknown. An
 * authoritative server may add the NS records of the zone that it denies the record in.
 */
function isReferral(reply: Reply, owner: string, zone: string | null): boolean {
  if (zone !== null) return false;
  const servers = reply.authorities.filter(({ type }) => type === 'NS');
  return servers.some(({ name }) => !reply.authoritative || !isSameOrSubdomain(owner, canonicalName(name)));
}

function withErrors(text: string, reply: Reply): string {
  return reply.extendedErrors.length > 0 ? `${text}: ${reply.extendedErrors.join('; ')}` : text;
}

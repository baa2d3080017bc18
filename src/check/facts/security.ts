/**
 * Tells whether DNSSEC protects an answer (RFC 9364). mailcheck follows the signatures itself, from the trust anchors down:
 * the AD bit of a resolver is only as good as the way to it.
 *
 * Most domains are not signed. A plain question for their DS record shows it, and nothing more is asked then.
 */
import { rootAnchorText } from '../../knowledge/root-anchors.ts';
import {
  type DnsAnswer,
  type DnsFailure,
  isAbsent,
  isCutOff,
  isFailure,
  type RecordType,
} from '../../network/dns/answer.ts';
import { type DnsClient, failedSigned } from '../../network/dns/client.ts';
import { TYPE } from '../../network/dns/record-types.ts';
import { parseServer } from '../../network/dns/servers.ts';
import type { SignedRecord, SignedReply } from '../../network/dns/signed.ts';
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import {
  anchorFor,
  type DnssecFault,
  DnssecMemory,
  type DnssecState,
  type InsecureReason,
  labelsOf,
  readAnchors,
  type TrustAnchor,
  type UnknownReason,
  type Validation,
  validate,
} from '../../standards/dnssec/index.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** Why the security of an answer is not known. */
export type UnknownSecurity =
  | UnknownReason
  /** The resolver gave one answer, and another one with signatures. */
  | { readonly kind: 'answers-differ'; readonly name: string; readonly type: string };

/** How far an answer can be trusted. Names have no final dot; the root is `.`. */
export type Security =
  /** Signatures lead from the trust anchor to the answer. */
  | { readonly kind: 'secure' }
  /**
   * A zone on the way to the name is not signed, or nobody can judge its signatures. `isProved`: the zone above proves it.
   * Otherwise the resolver says so, and `reason` is `null`.
   */
  | {
      readonly kind: 'insecure';
      readonly zone: string;
      readonly isProved: boolean;
      readonly reason: InsecureReason | null;
    }
  /** Signatures are missing or wrong where there must be some. A resolver that validates has no answer. */
  | { readonly kind: 'bogus'; readonly zone: string; readonly fault: DnssecFault }
  | { readonly kind: 'unknown'; readonly reason: UnknownSecurity };

/** An answer and its security. */
export interface Validated<T extends RecordType> {
  /** The answer to the plain question. */
  readonly answer: DnsAnswer<T>;
  /** The security of the answer and of the aliases that lead to it. */
  readonly security: Security;
  /** The name at the end of the aliases, without a final dot. */
  readonly canonical: string;
}

/** What plain questions say about the zone of a name. */
export type Delegation = {
  readonly zone: string;
  /**
   * The lookup of the SOA record that failed, so that the name may have a zone of its own below this one. `null` when the
   * zone is that of the name.
   */
  readonly soa: DnsFailure | null;
} & (
  | /** The zone has a DS record, or a resolver that validates says that its records are bogus. */
  { readonly kind: 'signed'; readonly answer: DnsAnswer<'DS'> }
  /** The zone has no DS record. */
  | { readonly kind: 'unsigned'; readonly answer: DnsAnswer<'DS'> }
  /** A lookup fails. `isPlain`: the records of the zone have no signatures, as far as was seen. */
  | { readonly kind: 'unknown'; readonly answer: DnsFailure; readonly isPlain: boolean }
);

/** The client that is asked for signatures, and what it has been asked. */
interface SignedSource {
  readonly client: DnsClient;
  readonly memory: DnssecMemory;
  readonly anchors: readonly TrustAnchor[];
}

/** The client, the trust anchors and the memory of all validations of a run. */
const signedSource = fact(async ({ dns, settings }: Needs<'dns' | 'settings'>): Promise<SignedSource> => {
  const { dnssecResolver, trustAnchors } = settings;
  // What is not known is part of the result, so that no caller can take it for an answer.
  const client = unwatched(dns);
  return {
    client: dnssecResolver === undefined ? client : client.towards([parseServer(dnssecResolver)]),
    memory: new DnssecMemory(),
    anchors: (trustAnchors ?? [rootAnchorText()]).flatMap((text) => readAnchors(text, 'trust anchors')),
  };
});

/** Finds the zone of a name, and asks whether it has a DS record, with at most two plain questions if all goes well. */
export const delegation = fact(async ({ dns, facts }: Needs<'dns' | 'settings'>, name: string): Promise<Delegation> => {
  const { zone, soa } = await zoneOf(dns, name);
  return zone === null
    ? { kind: 'unknown', zone: name, soa, answer: soa, isPlain: false }
    : facts(delegationOf, zone, soa);
});

const delegationOf = fact(
  async ({ dns, facts }: Needs<'dns' | 'settings'>, zone: string, soa: DnsFailure | null): Promise<Delegation> => {
    // The result says whether the lookup failed, so its failure is no gap.
    const answer = await unwatched(dns).query(zone, 'DS');
    if (answer.status === 'answer' || answer.status === 'bogus') return { kind: 'signed', zone, soa, answer };
    if (isAbsent(answer)) return { kind: 'unsigned', zone, soa, answer };
    const { client } = await facts(signedSource);
    // Old name servers do not know the type DS, and their zones are not signed.
    const reply = await client.signed(zone, TYPE.SOA);
    const isPlain = !isCutOff(answer) && reply.kind === 'reply' && !hasSignatures(reply.answers);
    return { kind: 'unknown', zone, soa, answer, isPlain };
  },
);

function hasSignatures(records: readonly SignedRecord[]): boolean {
  return records.some(({ type }) => type === TYPE.RRSIG);
}

type ZoneOf =
  | { readonly zone: string; readonly soa: DnsFailure | null }
  | { readonly zone: null; readonly soa: DnsFailure };

/**
 * Finds the zone that holds a name by its SOA record or by the one that denies it. Zones seldom begin at a label with an
 * underscore, and where one does the zone above it tells enough.
 */
async function zoneOf(dns: DnsClient, name: string): Promise<ZoneOf> {
  const labels = canonicalName(name).split('.');
  const first = labels.findLastIndex((label) => label.startsWith('_')) + 1;
  for (let index = first; index < labels.length; index += 1) {
    const asked = labels.slice(index).join('.');
    // The answer only says where the zone begins. The records themselves are asked for by others.
    const answer = await unwatched(dns).query(asked, 'SOA');
    if (isFailure(answer))
      return answer.status === 'bogus' ? { zone: asked, soa: null } : zoneAbove(dns, asked, answer);
    // The zone of an alias is that of the name above it, or one above that.
    if (answer.chain.length > 0) continue;
    if (answer.status === 'answer') return { zone: asked, soa: null };
    if (answer.zone !== null && isSameOrSubdomain(asked, answer.zone)) return { zone: answer.zone, soa: null };
  }
  return { zone: labels.slice(-2).join('.'), soa: null };
}

/** Some hosts have name servers that know nothing but addresses. The zone above them knows whether they have a DS record. */
async function zoneAbove(dns: DnsClient, name: string, soa: DnsFailure): Promise<ZoneOf> {
  const ds = await unwatched(dns).query(name, 'DS');
  if (ds.status === 'answer' || ds.status === 'bogus') return { zone: name, soa: null };
  const above = isAbsent(ds) && ds.chain.length === 0 ? ds.zone : null;
  return above === null || !isSameOrSubdomain(name, above) ? { zone: null, soa } : { zone: above, soa };
}

/** Validates the records that a name has of one type, or that it has none. */
export const validation = fact(
  async ({ clock, facts }: Needs<'dns' | 'settings' | 'clock'>, name: string, type: number): Promise<Validation> => {
    const { client, memory, anchors } = await facts(signedSource);
    return validate(
      { name, type },
      {
        ask: (asked, ofType) => askFor(client, asked, ofType),
        anchors,
        now: clock.now(),
        memory,
      },
    );
  },
);

/**
 * Validates as `validation` does. Records that are only proposed are as secure as their zone.
 *
 * @returns the state of the answer or of its absence, with the aliases that lead to it.
 */
export const stateOfRecords = fact(
  async ({ facts }: Needs<'dns' | 'settings' | 'clock'>, name: string, type: number): Promise<DnssecState> =>
    facts(stateWithProposed, await facts(validation, name, type)),
);

/** Gives the reply with signatures that a validation judged. */
export const signedReply = fact(
  async ({ facts }: Needs<'dns' | 'settings'>, name: string, type: number): Promise<SignedReply> => {
    const { client } = await facts(signedSource);
    return client.signed(name, type);
  },
);

/** The validator writes the root as a dot, and octets that no host name has with a backslash. */
async function askFor(client: DnsClient, name: string, type: number): Promise<SignedReply> {
  if (name.includes('\\')) return failedSigned('malformed', 'the name has octets that no host name has');
  return client.signed(name === '.' ? '' : name, type);
}

/** Asks a question, and tells how far its answer can be trusted. */
export const validated = fact(
  async (
    { dns, facts }: Needs<'dns' | 'settings' | 'clock'>,
    name: string,
    type: RecordType,
  ): Promise<Validated<RecordType>> => {
    const answer = await dns.query(name, type);
    const unsigned = await facts(unsignedZone, name);
    if (unsigned !== null) {
      const security = { kind: 'insecure', zone: unsigned, isProved: false, reason: null } as const;
      return { answer, security, canonical: answer.chain.at(-1) ?? canonicalName(name) };
    }
    const found = await facts(validation, name, TYPE[type]);
    const state = await facts(stateWithProposed, found);
    const differs =
      state === found.state &&
      state.kind === 'secure' &&
      !isFailure(answer) &&
      (answer.status === 'answer') !== (found.outcome === 'answer');
    return {
      answer,
      security: differs
        ? { kind: 'unknown', reason: { kind: 'answers-differ', name: answer.name, type } }
        : securityOf(state),
      canonical: found.outcome === null ? (answer.chain.at(-1) ?? canonicalName(name)) : found.canonical,
    };
  },
);

/** Tells which zone of a name is not signed, as far as plain questions show it. `null` when signatures must be followed. */
const unsignedZone = fact(async ({ facts }: Needs<'dns' | 'settings'>, name: string): Promise<string | null> => {
  const { anchors } = await facts(signedSource);
  const anchor = anchorFor(anchors, labelsOf(name) ?? []);
  // A zone with a trust anchor of its own needs no DS record.
  if (anchor !== undefined && anchor.zone.length > 0) return null;
  const found = await facts(delegation, name);
  return found.kind === 'unsigned' || (found.kind === 'unknown' && found.isPlain) ? found.zone : null;
});

/** Records that are only proposed will be signed as their zone is, so its own keys are validated instead. */
const stateWithProposed = fact(
  async ({ facts }: Needs<'dns' | 'settings' | 'clock'>, { state }: Validation): Promise<DnssecState> => {
    const isProposed =
      state.kind === 'unknown' && state.reason.kind === 'lookup-failed' && state.reason.status === 'local-data';
    if (!isProposed) return state;
    const { zone } = await facts(delegation, state.reason.name);
    return (await facts(validation, zone, TYPE.DNSKEY)).state;
  },
);

/** @returns the state as a security. */
export function securityOf(state: DnssecState): Security {
  return state.kind === 'insecure' ? { ...state, isProved: true } : state;
}

/** Judges one signed zone by the questions that mail asks in it. */
import { TYPE, typeName } from '../../../network/dns/record-types.ts';
import type { SignedRecord, SignedReply } from '../../../network/dns/signed.ts';
import {
  type DnssecFault,
  type DnssecState,
  nameText,
  readDnskey,
  readNsec3,
  readRrsig,
  signatureFacts,
  type UnknownReason,
} from '../../../standards/dnssec/index.ts';
import { tlsaName } from '../../../standards/tlsa/publish.ts';
import type { Needs } from '../../facts/fact.ts';
import { signedReply, stateOfRecords } from '../../facts/security.ts';

type ZoneNeeds = Pick<Needs<'dns' | 'settings' | 'clock'>, 'facts' | 'clock'>;

/** A question in a zone. `type` is a number. */
export interface ZoneQuestion {
  readonly name: string;
  readonly type: number;
}

/** A question with the state of its answer, and the reply that has the signatures. */
export interface Judged extends ZoneQuestion {
  readonly state: DnssecState;
  readonly reply: SignedReply;
}

/** @returns the questions with the states of their answers. */
export async function judge(
  { facts }: Pick<ZoneNeeds, 'facts'>,
  questions: readonly ZoneQuestion[],
): Promise<Judged[]> {
  const distinct = [...new Map(questions.map((question) => [`${question.type} ${question.name}`, question])).values()];
  return Promise.all(
    distinct.map(async (question) => {
      const state = await facts(stateOfRecords, question.name, question.type);
      return { ...question, state, reply: await facts(signedReply, question.name, question.type) };
    }),
  );
}

/** @returns the questions about the zone itself. */
export function ownQuestions(zone: string): ZoneQuestion[] {
  return [TYPE.SOA, TYPE.DNSKEY].map((type) => ({ name: zone, type }));
}

/** @returns the questions that senders ask about an MX host: for its addresses, and for the absence of TLSA records. */
export function hostQuestions(host: string): ZoneQuestion[] {
  return [
    { name: host, type: TYPE.A },
    { name: host, type: TYPE.AAAA },
    { name: tlsaName(host), type: TYPE.TLSA },
  ];
}

/** @returns the faults by the zone that they are in, each once, in the order of the questions. */
export function faultsByZone(judged: readonly Judged[]): ReadonlyMap<string, readonly DnssecFault[]> {
  const found = new Map<string, DnssecFault[]>();
  for (const { state } of judged) {
    if (state.kind !== 'bogus') continue;
    const faults = found.get(state.zone) ?? [];
    found.set(state.zone, faults);
    const text = JSON.stringify(state.fault);
    if (!faults.some((fault) => JSON.stringify(fault) === text)) faults.push(state.fault);
  }
  return found;
}

/** @returns why the states are not known, each reason once. */
export function unknownReasons(judged: readonly Judged[]): UnknownReason[] {
  const reasons = judged.flatMap(({ state }) => (state.kind === 'unknown' ? [state.reason] : []));
  return [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()];
}

function recordsIn({ reply }: Judged): readonly SignedRecord[] {
  return reply.kind === 'reply' ? [...reply.answers, ...reply.authorities] : [];
}

/** A set of records whose signatures end soon. Times are milliseconds since the epoch. */
export interface Ending {
  readonly name: string;
  readonly type: string;
  readonly inception: number;
  readonly expiration: number;
}

const DAY_MS = 86_400_000;
/** A signer that works renews signatures long before this time (RFC 6781 §4.4.2). */
const SOON_MS = 3 * DAY_MS;
/** Some signers make signatures of a few days only. What counts then is how much of their life is left. */
const LEAST_LIFE_LEFT = 0.25;

/** @returns the sets of records of the zone, each with the last signature to end. */
function lastSignatures(judged: readonly Judged[], zone: string, now: number): Ending[] {
  const last = new Map<string, Ending>();
  for (const record of judged.flatMap(recordsIn)) {
    const signature = record.type === TYPE.RRSIG ? readRrsig(record) : undefined;
    if (signature === undefined || nameText(signature.signer) !== zone) continue;
    const { inception, expiration } = signatureFacts(signature, now);
    const [name, type] = [nameText(record.owner), typeName(signature.typeCovered)];
    const known = last.get(`${type} ${name}`);
    if (known === undefined || known.expiration < expiration) {
      last.set(`${type} ${name}`, { name, type, inception, expiration });
    }
  }
  return [...last.values()].sort((a, b) => a.expiration - b.expiration);
}

/**
 * @returns when the first set of records of the zone has no signature any more, in milliseconds since the epoch. `null`
 *   when none was seen.
 */
export function firstEnd(judged: readonly Judged[], zone: string, now: number): number | null {
  return lastSignatures(judged, zone, now)[0]?.expiration ?? null;
}

/** @returns the sets of records of the zone whose last signature ends soon, the first to end first. */
export function endingSoon(judged: readonly Judged[], zone: string, now: number): Ending[] {
  return lastSignatures(judged, zone, now).filter(({ inception, expiration }) => {
    const left = expiration - now;
    return left > 0 && left < SOON_MS && left < LEAST_LIFE_LEFT * (expiration - inception);
  });
}

/** @returns the algorithms of the keys that the zone publishes. */
export function keyAlgorithms(judged: readonly Judged[], zone: string): number[] {
  const keys = judged
    .filter(({ name, type }) => type === TYPE.DNSKEY && name === zone)
    .flatMap(recordsIn)
    .filter(({ type }) => type === TYPE.DNSKEY);
  return [...new Set(keys.flatMap((record) => readDnskey(record)?.algorithm ?? []))];
}

/** @returns the most additional iterations of the NSEC3 records of the zone. 0 when it has none. */
export function iterationsIn(judged: readonly Judged[], zone: string): number {
  const found = judged
    .flatMap(recordsIn)
    .filter(({ type }) => type === TYPE.NSEC3)
    .flatMap((record) => readNsec3(record) ?? [])
    .filter((record) => nameText(record.zone) === zone);
  return Math.max(0, ...found.map(({ iterations }) => iterations));
}

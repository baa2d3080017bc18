/** RRsets with their signatures, and the verification of one RRset with the keys of a zone (RFC 4035 §5.3). */
import type { KeyObject } from 'node:crypto';
import type { SignedRecord } from '../../network/dns/signed.ts';
import { isSignedBy, isSupportedAlgorithm, openKey } from './algorithms.ts';
import { countedLabels, signedData } from './canonical.ts';
import { MAX_KEYS_OF_A_TAG, MAX_SIGNATURES, type Work } from './limits.ts';
import { isSame, type Labels, lastLabels, nameText } from './names.ts';
import { type Dnskey, type Rrsig, readRrsig } from './rdata.ts';
import type { DnssecFault, KeyFacts, SignatureFacts } from './security.ts';
import { CLASS_IN, TYPE, typeName } from './types.ts';

/** The records of one owner and type, with the signatures that cover them. */
export interface RrSet {
  readonly owner: Labels;
  readonly type: number;
  readonly records: readonly SignedRecord[];
  readonly signatures: readonly Rrsig[];
}

/** Flags of a key (RFC 4034 §2.1.1, RFC 5011 §7). */
const ZONE_KEY = 0x0100;
const REVOKED = 0x0080;
const DNSSEC_PROTOCOL = 3;

/** @returns the RRsets of class IN in the order of their first records. Signatures that cover no record are left out. */
export function rrsetsOf(records: readonly SignedRecord[]): RrSet[] {
  const sets = new Map<string, { owner: Labels; type: number; records: SignedRecord[]; signatures: Rrsig[] }>();
  const own = records.filter((record) => record.class === CLASS_IN);
  for (const record of own) {
    if (record.type === TYPE.RRSIG) continue;
    const key = `${record.type} ${nameText(record.owner)}`;
    const set = sets.get(key) ?? { owner: record.owner, type: record.type, records: [], signatures: [] };
    sets.set(key, set);
    set.records.push(record);
  }
  for (const record of own) {
    const rrsig = record.type === TYPE.RRSIG ? readRrsig(record) : undefined;
    if (rrsig) sets.get(`${rrsig.typeCovered} ${nameText(record.owner)}`)?.signatures.push(rrsig);
  }
  return [...sets.values()];
}

/** A key of a zone that has been authenticated, or that is tried to authenticate the others. */
export interface ZoneKey extends Dnskey {
  /** `undefined` when the key must not verify anything: see `usableKey`. */
  readonly key: KeyObject | undefined;
}

/**
 * @returns the key with which signatures are verified. It is `undefined` for a key that is not one of a zone, for one
 *   that is revoked, and for octets that are no key of a supported algorithm (RFC 4035 §5.3.1, RFC 5011 §2.1).
 */
export function zoneKey(dnskey: Dnskey): ZoneKey {
  return { ...dnskey, key: isForZone(dnskey) ? openKey(dnskey) : undefined };
}

/** @returns whether a key may sign the records of a zone. Its SEP flag does not matter (RFC 4034 §2.1.1). */
export function isForZone({ flags, protocol }: Dnskey): boolean {
  return (flags & ZONE_KEY) !== 0 && (flags & REVOKED) === 0 && protocol === DNSSEC_PROTOCOL;
}

export type Verification =
  /** `encloser`: the records are from a wildcard below this name, and `null` when they are not from a wildcard. */
  | { readonly kind: 'valid'; readonly encloser: Labels | null }
  | { readonly kind: 'invalid'; readonly fault: DnssecFault };

/**
 * Verifies an RRset with the keys of the zone that must have signed it. One signature that is valid is enough
 * (RFC 4035 §5.3.3, RFC 6840 §5.11).
 *
 * @param now milliseconds since the epoch.
 * @throws TooMuchWork when too many signatures were wrong.
 */
export function verifyRrset(set: RrSet, zone: Labels, keys: readonly ZoneKey[], now: number, work: Work): Verification {
  const about = { name: nameText(set.owner), type: typeName(set.type) };
  const faults: DnssecFault[] = [];
  for (const rrsig of set.signatures.slice(0, MAX_SIGNATURES)) {
    const fault = isSame(rrsig.signer, zone)
      ? faultOf(set, rrsig, keys, now, work)
      : ({ kind: 'signer-unknown', signer: nameText(rrsig.signer) } as const);
    if (fault === undefined) {
      const isExpanded = rrsig.labels < countedLabels(set.owner);
      return { kind: 'valid', encloser: isExpanded ? lastLabels(set.owner, rrsig.labels) : null };
    }
    faults.push({ ...about, ...fault });
  }
  const [worst] = faults.sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind));
  return { kind: 'invalid', fault: worst ?? { ...about, kind: 'signature-missing' } };
}

/** The faults of signatures. The one that says most about what went wrong comes first. */
const RANK: readonly DnssecFault['kind'][] = [
  'signature-wrong',
  'signature-expired',
  'signature-not-yet-valid',
  'signature-key-unusable',
  'signature-key-missing',
  'signature-malformed',
  'signature-algorithm',
  'signer-unknown',
];

type WithoutPlace<T> = T extends unknown ? Omit<T, 'name' | 'type'> : never;

/** @returns why the signature is not valid, or `undefined` when it is. */
function faultOf(
  set: RrSet,
  rrsig: Rrsig,
  keys: readonly ZoneKey[],
  now: number,
  work: Work,
): WithoutPlace<DnssecFault> | undefined {
  const signature = signatureFacts(rrsig, now);
  if (rrsig.labels > countedLabels(set.owner) || signature.expiration < signature.inception) {
    return { kind: 'signature-malformed', signature };
  }
  if (!isSupportedAlgorithm(rrsig.algorithm)) return { kind: 'signature-algorithm', signature };
  const seconds = Math.floor(now / 1000) * 1000;
  if (signature.expiration < seconds) return { kind: 'signature-expired', signature };
  if (signature.inception > seconds) return { kind: 'signature-not-yet-valid', signature };
  const named = keys.filter(({ keyTag, algorithm }) => keyTag === rrsig.keyTag && algorithm === rrsig.algorithm);
  if (named.length === 0) return { kind: 'signature-key-missing', signature, keys: keys.map(keyFacts) };
  const usable = named.filter(({ key }) => key !== undefined).slice(0, MAX_KEYS_OF_A_TAG);
  if (usable.length === 0) return { kind: 'signature-key-unusable', signature, keys: named.map(keyFacts) };
  const data = signedData(rrsig, set.records);
  for (const { key } of usable) {
    if (key !== undefined && isSignedBy(key, rrsig.algorithm, data, rrsig.signature)) return undefined;
    work.countFailedSignature();
  }
  return { kind: 'signature-wrong', signature };
}

/** @returns the facts about a key. */
export function keyFacts({ keyTag, algorithm, flags }: Dnskey): KeyFacts {
  return { keyTag, algorithm, flags };
}

/** @returns the facts about a signature. Its dates are the ones that are nearest to `now` (RFC 4034 §3.1.5). */
export function signatureFacts(
  { keyTag, algorithm, signer, inception, expiration }: Rrsig,
  now: number,
): SignatureFacts {
  return {
    keyTag,
    algorithm,
    signer: nameText(signer),
    inception: dateOf(inception, now),
    expiration: dateOf(expiration, now),
  };
}

/** Reads a time modulo 2^32 seconds with serial arithmetic (RFC 1982 §3.2): it is less than 68 years from now. */
function dateOf(seconds: number, now: number): number {
  const current = Math.floor(now / 1000);
  return (current + ((seconds - current) | 0)) * 1000;
}

/** Assesses one TXT record at a selector: whether it is a key record that receivers can use, and its problems. */
import type { OctetString } from '../../network/octet-string.ts';
import { meaningOfKeyRecord } from './correct.ts';
import { type KeyRecord, type KeySyntaxDefect, parseKeyRecord } from './key-record.ts';
import { holdsPrivateKey } from './private-key.ts';
import { type KeyFault, type PublicKey, readPublicKey } from './public-key.ts';
import type { DkimSlip } from './slips.ts';

/** "Signers MUST use RSA keys of at least 1024 bits" (RFC 8301 §3.2). */
export const MIN_RSA_BITS = 1024;
/** "Signers SHOULD use RSA keys of at least 2048 bits" (RFC 8301 §3.2). */
export const RECOMMENDED_RSA_BITS = 2048;
/** "Verifiers MUST be able to validate signatures with keys ranging from 1024 bits to 4096 bits" (RFC 8301 §3.2). */
export const MAX_RSA_BITS = 4096;

export type KeyProblem =
  | { readonly kind: 'private-key' }
  /** The text was damaged on its way into the zone. `isReadable` means that lenient verifiers read the key all the same. */
  | {
      readonly kind: 'mangled';
      readonly damage: readonly DkimSlip[];
      readonly correct: string | null;
      readonly isReadable: boolean;
    }
  | { readonly kind: 'syntax'; readonly defects: readonly KeySyntaxDefect[]; readonly correct: string | null }
  | { readonly kind: 'invalid'; readonly fault: KeyFault; readonly octets: number; readonly detail: string | null }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'key-type-unknown'; readonly keyType: string; readonly correct: string | null }
  | { readonly kind: 'too-short'; readonly bits: number }
  | { readonly kind: 'weak'; readonly bits: number }
  | { readonly kind: 'oversize'; readonly bits: number }
  | { readonly kind: 'sha1-only'; readonly hashes: readonly string[] }
  | { readonly kind: 'service-excludes-email'; readonly services: readonly string[] }
  | { readonly kind: 'testing' }
  | { readonly kind: 'granularity'; readonly value: string };

/** A problem with the length of a key: too short, shorter than recommended, or too long. */
export type StrengthProblem = Extract<KeyProblem, { readonly kind: 'too-short' | 'weak' | 'oversize' }>;

export interface KeyAssessment {
  /** The strings as published. Empty when they contain a private key, so that no report repeats it. */
  readonly strings: readonly OctetString[];
  readonly record: KeyRecord | null;
  readonly key: PublicKey | null;
  readonly problems: readonly KeyProblem[];
  /** Whether receivers can verify a signature with this key. */
  readonly usable: boolean;
}

/**
 * Assesses a key record (RFC 6376 §3.6.1, RFC 8301 §3).
 *
 * @param strings the character strings of one TXT record, which are joined without separator (RFC 6376 §3.6.2.2).
 * @returns the parsed record, its key and its problems.
 */
export function assessKeyRecord(strings: readonly OctetString[]): KeyAssessment {
  const text = strings.join('');
  if (holdsPrivateKey(text)) {
    return { strings: [], record: null, key: null, problems: [{ kind: 'private-key' }], usable: false };
  }
  const reading = parseKeyRecord(text);
  if (reading.kind === 'record') return { strings, ...assessParsed(text, reading.record) };
  const lenient = assessLeniently(text);
  if (lenient) return { strings, ...lenient };
  const problem = damageOf(text) ?? { kind: 'syntax', defects: reading.defects, correct: correctOf(text) };
  return { strings, record: null, key: null, problems: [problem], usable: false };
}

/** Assesses a record whose only defect is that line breaks stand around its tags. Lenient verifiers can use it. */
function assessLeniently(text: string): Omit<KeyAssessment, 'strings'> | undefined {
  const unbroken = text.replace(/[\r\n]+/g, ' ').trim();
  if (unbroken === text || text.split(';').some((piece) => /[\r\n]/.test(piece.trim()))) return undefined;
  const reading = parseKeyRecord(unbroken);
  if (reading.kind !== 'record') return undefined;
  const { problems, ...assessed } = assessParsed(unbroken, reading.record);
  const damage = damageOf(text);
  return damage && assessed.usable
    ? { ...assessed, problems: [{ ...damage, isReadable: true }, ...problems] }
    : undefined;
}

/** The slips of a record that was typed wrong. Any other slip is damage that came from copying. */
const TYPED: ReadonlySet<DkimSlip> = new Set([
  'version',
  'tag-order',
  'tag-name',
  'repeated-tag',
  'empty-tag',
  'stray-text',
  'key-type',
  'equals-sign',
]);

/** @returns the damage that came from copying, or `undefined` when the text shows no such damage. */
function damageOf(text: string): Extract<KeyProblem, { readonly kind: 'mangled' }> | undefined {
  const meaning = meaningOfKeyRecord(text);
  if (meaning.kind !== 'corrected' && meaning.kind !== 'unclear') return undefined;
  if (meaning.slips.every((slip) => TYPED.has(slip))) return undefined;
  const correct = meaning.kind === 'corrected' ? meaning.text : null;
  return { kind: 'mangled', damage: meaning.slips, correct, isReadable: false };
}

/** @returns the corrected text, or `null` when it is not plain what was meant. */
function correctOf(text: string): string | null {
  const meaning = meaningOfKeyRecord(text);
  return meaning.kind === 'corrected' ? meaning.text : null;
}

function assessParsed(text: string, record: KeyRecord): Omit<KeyAssessment, 'strings'> {
  const problems: KeyProblem[] = [...tagProblems(record)];
  const unusable = { record, key: null, usable: false };
  if (record.publicKey === '') return { ...unusable, problems: [{ kind: 'revoked' }] };
  if (record.keyType !== 'rsa' && record.keyType !== 'ed25519') {
    return {
      ...unusable,
      problems: [{ kind: 'key-type-unknown', keyType: record.keyType, correct: correctOf(text) }, ...problems],
    };
  }
  const reading = readPublicKey(record.publicKey, record.keyType);
  if (reading.kind === 'fault') {
    const { fault, octets, detail } = reading;
    const problem: KeyProblem = damageOf(text) ?? { kind: 'invalid', fault, octets, detail };
    return { ...unusable, problems: [problem, ...problems] };
  }
  problems.unshift(...strengthProblems(reading.key));
  const usable = !problems.some(({ kind }) => UNUSABLE.has(kind));
  return { record, key: reading.key, problems, usable };
}

const UNUSABLE: ReadonlySet<KeyProblem['kind']> = new Set(['too-short', 'sha1-only', 'service-excludes-email']);

/**
 * @returns the problem with the length of an RSA key (RFC 8301 §3.2), if any. Ed25519 keys all have the same length.
 */
export function strengthProblems(key: PublicKey): StrengthProblem[] {
  if (key.type === 'ed25519') return [];
  const { bits } = key;
  if (bits < MIN_RSA_BITS) return [{ kind: 'too-short', bits }];
  if (bits < RECOMMENDED_RSA_BITS) return [{ kind: 'weak', bits }];
  return bits > MAX_RSA_BITS ? [{ kind: 'oversize', bits }] : [];
}

function tagProblems({ hashes, services, flags, granularity }: KeyRecord): KeyProblem[] {
  const problems: KeyProblem[] = [];
  // "rsa-sha1 MUST NOT be used" (RFC 8301 §3.1). So receivers cannot verify any signature when h= lacks sha256.
  if (hashes && !hashes.includes('sha256')) problems.push({ kind: 'sha1-only', hashes });
  if (!services.includes('*') && !services.includes('email')) {
    problems.push({ kind: 'service-excludes-email', services });
  }
  if (flags.includes('y')) problems.push({ kind: 'testing' });
  if (granularity !== null) problems.push({ kind: 'granularity', value: granularity });
  return problems;
}

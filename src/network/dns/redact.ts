/**
 * Hides the keys of block lists. A user's key is a label of the list's zone, so it appears in query names. The DNS
 * client replaces the key by a public label in every answer that it returns or logs, so that no caller can leak the
 * key.
 */
import type { DnsAnswer, RecordType } from './answer.ts';

/** Maps each secret to the label that is shown instead. */
export type Secrets = ReadonlyMap<string, string>;

export type Redact = <T extends RecordType>(answer: DnsAnswer<T>) => DnsAnswer<T>;

/** @returns a function that masks the secrets in every text of an answer: names, details and the data itself. */
export function redactor(secrets: Secrets): Redact {
  const mask = masker(secrets);
  // Masking changes only strings, so the answer keeps its type.
  return mask === null ? (answer) => answer : (answer) => maskedTexts(answer, mask) as typeof answer;
}

/** @returns a function that masks the secrets in a text. */
export function textRedactor(secrets: Secrets): (text: string) => string {
  return masker(secrets) ?? ((text) => text);
}

function masker(secrets: Secrets): ((text: string) => string) | null {
  const labels = [...secrets].filter(([secret]) => secret !== '').sort(([a], [b]) => b.length - a.length);
  if (labels.length === 0) return null;
  // Servers may return a name in any case (RFC 4343).
  const pattern = new RegExp(labels.map(([secret]) => secret.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|'), 'gi');
  const shown = new Map(labels.map(([secret, label]) => [secret.toLowerCase(), `[${label}]`]));
  return (text) => text.replace(pattern, (found) => shown.get(found.toLowerCase()) ?? '[secret]');
}

/** @returns a copy of the value in which every string is masked. Object keys and other values do not change. */
export function maskedTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskedTexts(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskedTexts(item, mask)]));
}

/**
 * Keys that stand in query names (a list's free or paid key is a label of its zone) and must not be shown: whatever the
 * client hands out or keeps has the secret's label in its place, so that no caller can leak it.
 */
import type { DnsAnswer, RecordType } from './answer.ts';

/** Secret → what is shown instead. */
export type Secrets = ReadonlyMap<string, string>;

export type Redact = <T extends RecordType>(answer: DnsAnswer<T>) => DnsAnswer<T>;

/** @returns a function that masks the secrets in every text of an answer: names, details and the data itself. */
export function redactor(secrets: Secrets): Redact {
  const mask = masker(secrets);
  // The shape of the answer stays as it is: only texts change.
  return mask === null ? (answer) => answer : (answer) => maskedTexts(answer, mask) as typeof answer;
}

/** @returns a function that masks the secrets in a text. */
export function textRedactor(secrets: Secrets): (text: string) => string {
  return masker(secrets) ?? ((text) => text);
}

function masker(secrets: Secrets): ((text: string) => string) | null {
  const labels = [...secrets].filter(([secret]) => secret !== '').sort(([a], [b]) => b.length - a.length);
  if (labels.length === 0) return null;
  // DNS names are compared, and sent back, in any case (RFC 4343).
  const pattern = new RegExp(labels.map(([secret]) => secret.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|'), 'gi');
  const shown = new Map(labels.map(([secret, label]) => [secret.toLowerCase(), `[${label}]`]));
  return (text) => text.replace(pattern, (found) => shown.get(found.toLowerCase()) ?? '[secret]');
}

/** @returns the value with every text in it masked; anything else as it is. */
export function maskedTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskedTexts(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskedTexts(item, mask)]));
}

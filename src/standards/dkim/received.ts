/** Reads the time at which the mail server received a message from its Received fields (RFC 5321 §4.4). */
import type { HeaderField } from './mail.ts';

/** The `date-time` of RFC 5322 §3.3, also with the obsolete zone "GMT" (§4.3). */
const DATE =
  /^\s*(?:[A-Z][a-z]{2},\s*)?(\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4})\s+(\d{2}:\d{2}(?::\d{2})?)\s+([+-]\d{4}|GMT)(?![^\s(])/;

/**
 * Reads the time of the first Received field. Each server adds its field at the top, so the first field is by the
 * server that received the message last.
 *
 * @returns milliseconds since the epoch, or `null` when there is no field with a date.
 */
export function receivedAt(fields: readonly HeaderField[]): number | null {
  const text = fields.find(({ name }) => name === 'received')?.text ?? '';
  const [, day, time, zone] = DATE.exec(text.slice(text.lastIndexOf(';') + 1)) ?? [];
  const at = Date.parse(`${day} ${time} ${zone}`);
  return Number.isNaN(at) ? null : at;
}

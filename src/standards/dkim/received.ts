/** When a message was received, as the mail server that took it in wrote down (RFC 5321 §4.4). */
import type { HeaderField } from './mail.ts';

/** `date-time` of RFC 5322 §3.3, and the zone "GMT" (§4.3). */
const DATE =
  /^\s*(?:[A-Z][a-z]{2},\s*)?(\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4})\s+(\d{2}:\d{2}(?::\d{2})?)\s+([+-]\d{4}|GMT)(?![^\s(])/;

/**
 * @returns milliseconds since the epoch, or `null` where no field says it. Every server puts its field on top, so the
 *   first one is by the server that took the message in last.
 */
export function receivedAt(fields: readonly HeaderField[]): number | null {
  const text = fields.find(({ name }) => name === 'received')?.text ?? '';
  const [, day, time, zone] = DATE.exec(text.slice(text.lastIndexOf(';') + 1)) ?? [];
  const at = Date.parse(`${day} ${time} ${zone}`);
  return Number.isNaN(at) ? null : at;
}

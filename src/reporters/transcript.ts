/** Writes the lines of the DNS and SMTP dialogues. Every reporter shows them in the same form. */
import type { Transcripts } from '../report/status.ts';

type DnsLine = Transcripts['dns'][number];
type SmtpLine = Transcripts['smtp'][number]['lines'][number];

const SPEAKERS: Readonly<Record<SmtpLine['from'], string>> = { client: '>', server: '<', note: '*' };

/**
 * @returns a DNS question and its answer on one line. The text comes from the network and is not made safe to print.
 */
export function dnsLine({ name, type, server, rcode, ms, data, detail }: DnsLine): string {
  return `${name} ${type} @${server ?? '-'}: ${rcode}${detail ? ` (${detail})` : ''} ${ms} ms ${data.join(' | ')}`;
}

/**
 * @returns a line of an SMTP dialogue after the sign of its speaker. The text comes from the network and is not made
 *   safe to print.
 */
export function smtpLine({ from, text }: SmtpLine): string {
  return `${SPEAKERS[from]} ${text}`;
}

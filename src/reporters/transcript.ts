/** The DNS and SMTP dialogues, line by line, as every reporter shows them. */
import type { Transcripts } from '../report/status.ts';

type DnsLine = Transcripts['dns'][number];
type SmtpLine = Transcripts['smtp'][number]['lines'][number];

const SPEAKERS: Readonly<Record<SmtpLine['from'], string>> = { client: '>', server: '<', note: '*' };

/** @returns one question and its answer. The text comes from the network and is not made safe. */
export function dnsLine({ name, type, server, rcode, ms, data, detail }: DnsLine): string {
  return `${name} ${type} @${server ?? '-'}: ${rcode}${detail ? ` (${detail})` : ''} ${ms} ms ${data.join(' | ')}`;
}

/** @returns one line of a dialogue, behind the sign of who said it. The text comes from the network and is not made safe. */
export function smtpLine({ from, text }: SmtpLine): string {
  return `${SPEAKERS[from]} ${text}`;
}

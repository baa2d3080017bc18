/** How each thing that is asked of the outside is called in a recording: the same in the recorded run and its replay. */
import type { RecordType } from '../network/dns/answer.ts';
import { type DnsServer, serverLabel } from '../network/dns/servers.ts';
import type { HandshakeLimits, TlsOptions } from '../network/smtp/types.ts';

export const DEADLINE = 'deadline';
export const VERIFICATION = 'the signatures of the message';

export function dnsQuestion(servers: readonly DnsServer[], name: string, type: RecordType): string {
  return `${servers.map(serverLabel).join(', ')}: ${name} ${type}`;
}

export function canaryQuestion(servers: readonly DnsServer[], testAddress: string, zone: string): string {
  return `${servers.map(serverLabel).join(', ')}: test entry ${testAddress} of ${zone}`;
}

/** @param connection the transcript's id. */
export function connectQuestion(connection: string, implicitTls: TlsOptions | undefined): string {
  return implicitTls === undefined ? connection : `${connection}: TLS${parameters(implicitTls)}`;
}

/** @param step how many went before it in the connection. */
export function stepQuestion(connection: string, step: number, kind: string, lines: readonly string[] = []): string {
  return [`${connection}, step ${step + 1}: ${kind}`, ...lines].join('\n');
}

export function startTlsQuestion(connection: string, step: number, options: TlsOptions): string {
  return stepQuestion(connection, step, `starttls${parameters(options)}`);
}

export function canOfferQuestion(limits: HandshakeLimits): string {
  return `this machine's TLS library:${parameters(limits)}`;
}

function parameters({ servername, minVersion, maxVersion, ciphers }: TlsOptions): string {
  return Object.entries({ servername, minVersion, maxVersion, ciphers })
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}=${value}`]))
    .join('');
}

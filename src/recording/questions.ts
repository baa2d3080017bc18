/**
 * The texts by which a recording identifies its questions to the network and the machine. The recorded run and its
 * replay make the same text for the same question, so that the replay finds the recorded answer.
 */
import type { RecordType } from '../network/dns/answer.ts';
import type { ZoneServers } from '../network/dns/name-servers.ts';
import { typeName } from '../network/dns/record-types.ts';
import { type DnsServer, serverLabel } from '../network/dns/servers.ts';
import type { HttpsRequest } from '../network/https/types.ts';
import type { HandshakeLimits, TlsOptions } from '../network/smtp/types.ts';

/** The text of the entry that marks the end of the run's time limit. */
export const DEADLINE = 'deadline';
/** The question for the DKIM verification of the user's message. */
export const VERIFICATION = 'the signatures of the message';

/** @returns the text of the question whether a receiver was asked from an address today. */
export function stampQuestion(receiver: string, ip: string): string {
  return `the stamp of ${receiver} for ${ip}`;
}

/** @returns the text of the question what earlier runs saw of a DKIM key at the name servers. */
export function sightingQuestion(name: string, fingerprint: string): string {
  return `the sighting of the key ${fingerprint} at ${name}`;
}

/** @returns the text of a DNS question to these servers. */
export function dnsQuestion(servers: readonly DnsServer[], name: string, type: RecordType): string {
  return `${servers.map(serverLabel).join(', ')}: ${name} ${type}`;
}

/** @returns the text of a DNS question to the name servers of a zone themselves. */
export function nameServerQuestion({ zone, servers }: ZoneServers, name: string, type: RecordType): string {
  return `name servers of ${zone}, ${dnsQuestion(servers, name, type)}`;
}

/** @returns the text of a question to these servers for records with their signatures. */
export function signedQuestion(servers: readonly DnsServer[], name: string, type: number): string {
  return `${servers.map(serverLabel).join(', ')}: ${name}. ${typeName(type)} with signatures`;
}

/** @returns the text of such a question to the name servers of a zone themselves. */
export function signedNameServerQuestion({ zone, servers }: ZoneServers, name: string, type: number): string {
  return `name servers of ${zone}, ${signedQuestion(servers, name, type)}`;
}

/** @returns the text of the question to the name servers of a zone how they delegate a zone below. */
export function delegationQuestion({ zone, servers }: ZoneServers, name: string): string {
  return `name servers of ${zone}, delegation, ${dnsQuestion(servers, name, 'NS')}`;
}

/** @returns the text of the question whether a block list has its test entry (RFC 5782 §5). */
export function canaryQuestion(servers: readonly DnsServer[], testAddress: string, zone: string): string {
  return `${servers.map(serverLabel).join(', ')}: test entry ${testAddress} of ${zone}`;
}

/**
 * @param connection the id of the connection's transcript.
 * @returns the text of the request for this connection.
 */
export function connectQuestion(connection: string, implicitTls: TlsOptions | undefined): string {
  return implicitTls === undefined ? connection : `${connection}: TLS${parameters(implicitTls)}`;
}

/**
 * @param step the number of steps before this one in the connection.
 * @returns the text of one step of an SMTP connection, with the lines that are sent.
 */
export function stepQuestion(connection: string, step: number, kind: string, lines: readonly string[] = []): string {
  return [`${connection}, step ${step + 1}: ${kind}`, ...lines].join('\n');
}

/** @returns the text of a STARTTLS step with these options. */
export function startTlsQuestion(connection: string, step: number, options: TlsOptions): string {
  return stepQuestion(connection, step, `starttls${parameters(options)}`);
}

/** @returns the text of a request to a web server. */
export function httpsQuestion({ host, path, addresses, purpose }: HttpsRequest): string {
  return `https://${host}${path} at ${addresses.join(', ')} (${purpose})`;
}

/** @returns the text of the question whether this machine's TLS library can offer such a handshake. */
export function canOfferQuestion(limits: HandshakeLimits): string {
  return `this machine's TLS library:${parameters(limits)}`;
}

function parameters({ servername, minVersion, maxVersion, ciphers, injects }: TlsOptions): string {
  return Object.entries({ servername, minVersion, maxVersion, ciphers, injects })
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}=${value}`]))
    .join('');
}

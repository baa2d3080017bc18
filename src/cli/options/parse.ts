/** Options that several commands share. */
import { distance } from 'fastest-levenshtein';
import { type DnsServer, parseServer, systemServers } from '../../network/dns/servers.ts';
import { parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** @returns the servers of `--dns`, else the system's. @throws UsageError when there are none. */
export function parseDnsServers(texts: readonly string[] | undefined): DnsServer[] {
  const servers = texts?.map(parseServer) ?? systemServers();
  if (servers.length === 0) throw new UsageError('this system names no DNS server. Type one: --dns 192.0.2.53');
  return servers;
}

/** @returns ` (did you mean …?)` where one of the candidates is close to what was typed. */
export function nearest(typed: string, candidates: readonly string[]): string {
  const close = candidates
    .map((candidate) => ({ candidate, edits: distance(typed.toLowerCase(), candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 2)))
    .sort((a, b) => a.edits - b.edits)[0];
  return close === undefined ? '' : ` (did you mean ${close.candidate}?)`;
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const HOUR_MS = 3_600_000;

/** Seconds, or a number with `ms`, `s`, `m` or `h`; up to an hour, or `maxMs`. @returns milliseconds. */
export function parseDuration(text: string, option = '--timeout', maxMs = HOUR_MS): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const unit = Object.entries(UNITS).find(([name]) => name === (match?.[2] ?? 's'));
  const milliseconds = Number(match?.[1]) * (unit?.[1] ?? Number.NaN);
  if (milliseconds >= 1 && milliseconds <= maxMs) return milliseconds;
  throw new UsageError(
    `${option}: ${quoteInput(text)} is not a time up to ${maxMs / HOUR_MS} h. Type seconds, such as ${option} 60, or 2m`,
  );
}

/** Reads `mx.example.net:25`, `203.0.113.5:25` or `[2001:db8::5]:25`; without a port, where there is a usual one. */
export function parseHostPort(text: string, option: string, usual?: number): { host: string; port: number } {
  const bare = parseIp(text.trim());
  const [, bracketed, named, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = bare ?? parseIp(bracketed ?? named ?? '') ?? parseDomain(named ?? '');
  const port = portText === undefined ? usual : parsePort(portText, option);
  if (host && port !== undefined) return { host, port };
  throw new UsageError(`${option}: ${quoteInput(text)} is not a host and port. Type one such as mx.example.net:25`);
}

export function parsePort(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new UsageError(`${option}: ${quoteInput(text)} is not a port. Type a number from 1 to 65535`);
}

/** @returns the format typed, one of those the command has. @throws UsageError */
export function formatOption<F extends string>(text: string, formats: readonly F[]): F {
  const format = formats.find((candidate) => candidate === text);
  if (format !== undefined) return format;
  throw new UsageError(
    `unknown format ${quoteInput(text)}${nearest(text, formats)}. Type one of: ${formats.join(', ')}`,
  );
}

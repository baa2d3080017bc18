/** The options that several commands share. */
import type { OptionRow } from './row.ts';

/** The option that names the DNS servers. */
export const DNS = {
  flags: '--dns <server[:port]>',
  help: 'DNS resolver to ask instead of the system’s (repeatable)',
  takes: 'list',
  config: { help: 'DNS resolvers to ask instead of the system’s: server[:port]' },
  parse: (servers, { parseDnsServers }) => parseDnsServers(servers),
} as const satisfies OptionRow;

/** The option that names the block lists to ask. */
export const DNSBL = {
  flags: '--dnsbl <zone>',
  help: 'list to ask instead of the default lists, by its DNS zone (repeatable)',
  takes: 'list',
  config: { help: 'Lists to ask instead of the default lists, by their DNS zones' },
  sets: async (zones, { parseListZones }, flag) => ({ dnsblZones: await parseListZones(zones, flag) }),
} as const satisfies OptionRow;

/** The option that names block lists not to ask. */
export const DNSBL_EXCEPT = {
  flags: '--dnsbl-except <zone>',
  help: 'list not to ask (repeatable)',
  isRare: true,
  takes: 'list',
  config: { help: 'Lists not to ask' },
  sets: async (zones, { parseListZones }, flag) => ({ dnsblExcept: await parseListZones(zones, flag) }),
} as const satisfies OptionRow;

/** The option that asks block lists at their own name servers. */
export const LISTS_DIRECT = {
  flags: '--lists-direct',
  help: 'ask every list at its own name servers, not only lists that refuse your resolver',
  negation: 'ask no list at its own name servers',
  isRare: true,
  takes: 'flag',
  config: {
    help: 'true: ask every list at its own name servers; false: ask none there; absent: only lists that refuse the resolver',
  },
  sets: (listsDirect) => ({ listsDirect }),
} as const satisfies OptionRow;

/** The option that names the DNS host of the domain's zones. */
export const DNS_HOST = {
  flags: '--dns-host <id>',
  help: 'DNS host of the domain, if it is not recognised (mailcheck dns-hosts lists them)',
  takes: 'text',
  config: { help: 'DNS host of the domain (mailcheck dns-hosts lists them)' },
  sets: async (id, { knownDnsHost }) => ({ dnsHost: (await knownDnsHost(id)).id }),
} as const satisfies OptionRow;

/**
 * @param seconds the default, in seconds.
 * @returns the option that limits the time of a command. Its parsed value is in milliseconds.
 */
export function timeout(seconds: string, help: string) {
  return {
    flags: '--timeout <seconds>',
    help,
    takes: 'duration',
    default: seconds,
    config: { help: 'Time limit for the whole run of one target, in seconds' },
    parse: (text, { parseDuration }, flag) => parseDuration(text, flag),
  } as const satisfies OptionRow;
}

/** The option that prints JSON. The program reads it as `--format json`. */
export const JSON_FLAG = {
  flags: '--json',
  help: 'print JSON: short for --format json',
  takes: 'flag',
} as const satisfies OptionRow;

/** The option that decides about colours, whatever the environment says. */
export const COLOR = {
  flags: '--color',
  help: 'use colours even if the output is not a terminal',
  negation: 'use no colours',
  takes: 'flag',
} as const satisfies OptionRow;

/** @returns the option that selects one of these output formats. The first one is the default. */
export function format<const F extends string>(first: F, ...others: readonly F[]) {
  const formats = [first, ...others];
  return {
    flags: '-f, --format <format>',
    help: 'output format',
    takes: 'text',
    default: first,
    choices: formats,
    parse: (text, { parseFormat }) => parseFormat(text, formats),
  } as const satisfies OptionRow;
}

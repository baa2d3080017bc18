/** The options that several commands share. */
import type { OptionRow } from './row.ts';

/** The option that names the DNS servers. */
export const DNS = {
  flags: '--dns <server[:port]>',
  help: 'DNS server to ask instead of the system’s (repeatable)',
  takes: 'list',
  config: { help: 'DNS servers to ask instead of the system’s: server[:port]' },
  parse: (servers, { parseDnsServers }) => parseDnsServers(servers),
} as const satisfies OptionRow;

/** The option that names the block lists to ask. */
export const DNSBL = {
  flags: '--dnsbl <zone>',
  help: 'block list zone, instead of the default lists (repeatable)',
  takes: 'list',
  config: { help: 'Block list zones, instead of the default lists' },
  sets: async (zones, { parseListZones }, flag) => ({ dnsblZones: await parseListZones(zones, flag) }),
} as const satisfies OptionRow;

/** The option that names block lists not to ask. */
export const DNSBL_EXCEPT = {
  flags: '--dnsbl-except <zone>',
  help: 'a block list not to ask (repeatable)',
  takes: 'list',
  config: { help: 'Block lists not to ask' },
  sets: async (zones, { parseListZones }, flag) => ({ dnsblExcept: await parseListZones(zones, flag) }),
} as const satisfies OptionRow;

/** The option that asks block lists at their own name servers. */
export const LISTS_DIRECT = {
  flags: '--lists-direct',
  help: 'ask every block list at its own name servers, not only those that refuse the resolver',
  negation: 'ask no block list at its own name servers',
  takes: 'flag',
  config: {
    help: 'Ask every block list at its own name servers, or with false none; when absent, those that refuse the resolver',
  },
  sets: (listsDirect) => ({ listsDirect }),
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
    config: { help: 'Time for the whole run of one target, in seconds' },
    parse: (text, { parseDuration }, flag) => parseDuration(text, flag),
  } as const satisfies OptionRow;
}

/** @returns the option that selects one of these output formats. The first one is the default. */
export function format<const F extends string>(first: F, ...others: readonly F[]) {
  const formats = [first, ...others];
  return {
    flags: '-f, --format <format>',
    help: 'how it is printed',
    takes: 'text',
    default: first,
    choices: formats,
    parse: (text, { parseFormat }) => parseFormat(text, formats),
  } as const satisfies OptionRow;
}

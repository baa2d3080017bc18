/** The options of the commands other than the check. */
import { PLAN_FORMAT_IDS } from '../plan-file/formats.ts';
import type { OptionRows, Options } from './row.ts';
import { COLOR, DNS, DNS_HOST, DNSBL, DNSBL_EXCEPT, format, JSON_FLAG, LISTS_DIRECT, timeout } from './shared.ts';

/** The options of `mailcheck init`. */
export const INIT_OPTIONS = {
  ip: {
    flags: '--ip <ip>',
    help: 'address that the mail is sent from (repeatable; default: those of the MX hosts below the domain)',
    takes: 'list',
  },
  helo: {
    flags: '--helo <name>',
    help: 'HELO name that the server announces',
    takes: 'text',
    parse: (name, { parseHelo }) => parseHelo(name),
  },
  selector: {
    flags: '--selector <name>',
    help: 'DKIM selector in use (repeatable; default: those that are found)',
    takes: 'list',
    parse: (names, { parseSelector }) => names.map(parseSelector),
  },
  ci: {
    flags: '--ci <kind>',
    help: 'also write a CI file for this service',
    takes: 'choice',
    choices: ['github', 'gitlab', 'none'],
  },
  outputDir: { flags: '--output-dir <folder>', help: 'folder to write to (default: the current one)', takes: 'file' },
  yes: { flags: '-y, --yes', help: 'ask nothing and use what is found', takes: 'flag' },
  dns: DNS,
  timeout: timeout('30', 'time limit for all DNS questions'),
} as const satisfies OptionRows;

/** The options of `mailcheck spf`. */
export const SPF_OPTIONS = {
  helo: { flags: '--helo <name>', help: 'HELO name that the server announces', takes: 'text' },
  dns: DNS,
  timeout: timeout('30', 'time limit for the whole evaluation'),
  format: format('pretty', 'json'),
  json: JSON_FLAG,
  color: COLOR,
} as const satisfies OptionRows;

/** The options of `mailcheck pool`. */
export const POOL_OPTIONS = {
  dns: DNS,
  dnsbl: DNSBL,
  dnsblExcept: DNSBL_EXCEPT,
  listsDirect: LISTS_DIRECT,
  timeout: timeout('60', 'time limit for the whole run'),
  format: format('pretty', 'json'),
  json: JSON_FLAG,
  color: COLOR,
} as const satisfies OptionRows;

/** The options of `mailcheck records`. */
export const RECORDS_OPTIONS = {
  helo: {
    flags: '--helo <name>',
    help: 'full name of the server (default: the MX host with this address, else mail.<domain>)',
    takes: 'text',
    parse: (name, { parseHelo }) => parseHelo(name),
  },
  selector: {
    flags: '--selector <name>',
    help: 'DKIM selector of the key (default: mail)',
    takes: 'text',
    parse: (name, { parseSelector }) => parseSelector(name),
  },
  dkimKey: {
    flags: '--dkim-key <file>',
    help: 'private DKIM key (PEM) that the server signs with',
    takes: 'file',
    parse: async (file, { readKey }) => (await readKey(file)).record,
  },
  generateDkim: {
    flags: '--generate-dkim <file>',
    help: 'create a DKIM key pair and write the private key to this file',
    takes: 'file',
  },
  nextCert: {
    flags: '--next-cert <file>',
    help: 'certificate (PEM) of the server, for its TLSA record (DANE) in a signed zone',
    takes: 'file',
    parse: (file, { readChain }) => readChain(file),
  },
  rua: {
    flags: '--rua <mailbox>',
    help: 'mailbox for DMARC and TLS reports (default: dmarc@<domain>)',
    takes: 'text',
    parse: (mailbox, { parseMailbox }) => parseMailbox(mailbox, 'dmarc@example.com'),
  },
  dnsHost: {
    flags: DNS_HOST.flags,
    help: DNS_HOST.help,
    takes: 'text',
    parse: async (id, { knownDnsHost }) => (await knownDnsHost(id)).id,
  },
  dns: DNS,
  timeout: timeout('30', 'time limit for all DNS questions'),
  format: format('zone', 'json', 'table', ...PLAN_FORMAT_IDS.filter((id) => id !== 'zone')),
  json: JSON_FLAG,
} as const satisfies OptionRows;

/** The options of `mailcheck providers`. */
export const PROVIDERS_OPTIONS = {
  all: { flags: '--all', help: 'also list providers that have closed or were renamed', takes: 'flag' },
  format: format('pretty', 'json'),
  json: JSON_FLAG,
  color: COLOR,
} as const satisfies OptionRows;

/** The options of `mailcheck dns-hosts`. */
export const DNS_HOSTS_OPTIONS = {
  format: format('pretty', 'json'),
  json: JSON_FLAG,
  color: COLOR,
} as const satisfies OptionRows;

/** The options of `mailcheck explain`. */
export const EXPLAIN_OPTIONS = {
  format: format('pretty', 'json'),
  json: JSON_FLAG,
  color: COLOR,
} as const satisfies OptionRows;

/** The options of `mailcheck lint`. */
export const LINT_OPTIONS = {
  domain: {
    flags: '--domain <domain>',
    help: 'zone to judge (default: by $ORIGIN, the SOA record or the file name; a plan names its zones)',
    takes: 'text',
    parse: (domain, { domainOf }) => domainOf(domain),
  },
  strict: { flags: '--strict', help: 'fail on warnings too', takes: 'flag' },
  format: format('pretty', 'json', 'github', 'sarif'),
  json: JSON_FLAG,
  color: COLOR,
} as const satisfies OptionRows;

export type LintOptions = Options<typeof LINT_OPTIONS>;
export type InitOptions = Options<typeof INIT_OPTIONS>;
export type SpfOptions = Options<typeof SPF_OPTIONS>;
export type PoolOptions = Options<typeof POOL_OPTIONS>;
export type RecordsOptions = Options<typeof RECORDS_OPTIONS>;
export type ProvidersOptions = Options<typeof PROVIDERS_OPTIONS>;
export type DnsHostsOptions = Options<typeof DNS_HOSTS_OPTIONS>;
export type ExplainOptions = Options<typeof EXPLAIN_OPTIONS>;

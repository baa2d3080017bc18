/** The options of the check that decide which rules run, what they look up, and from where. */
import type { OptionRows } from './row.ts';
import { DNS, DNSBL, DNSBL_EXCEPT, LISTS_DIRECT, timeout } from './shared.ts';

const VANTAGES = ['self', 'same-network', 'outside'] as const;
/** The port of the mail servers, unless an option names another. */
export const SMTP_PORT = 25;
const MAX_WAIT_MS = 24 * 3_600_000;

/** The options under the heading "Checks" of the help. */
export const CHECK_OPTIONS = {
  only: {
    flags: '--only <rules>',
    help: 'run these checks only (comma-separated, repeatable)',
    takes: 'list',
    isForOneRun: true,
    config: { help: 'Run these checks only' },
    parse: (ids, { parseRuleIds }) => parseRuleIds(ids),
  },
  skip: {
    flags: '--skip <rules>',
    help: 'do not run these checks (comma-separated, repeatable)',
    takes: 'list',
    isForOneRun: true,
    config: { help: 'Do not run these checks' },
    parse: (ids, { parseRuleIds }) => parseRuleIds(ids),
  },
  dnsOnly: {
    flags: '--dns-only',
    help: 'make no SMTP connection; the checks that need one are not run',
    takes: 'flag',
    config: { help: 'Make no SMTP connection; the checks that need one are not run' },
    sets: (dnsOnly) => ({ dnsOnly }),
  },
  dns: DNS,
  zone: {
    flags: '--zone <file>',
    help: 'check these records as if they were published: a zone file or JSON (repeatable)',
    takes: 'files',
    config: { key: 'zones', help: 'Zone files (or JSON) to check as if they were published' },
  },
  dnsbl: DNSBL,
  dnsblExcept: DNSBL_EXCEPT,
  listsDirect: LISTS_DIRECT,
  neighbours: {
    flags: '--neighbours',
    help: 'look up a sample of the /24 around each address too',
    takes: 'flag',
    config: { help: 'Look up a sample of the /24 around each address too' },
    sets: (neighbours) => ({ neighbours }),
  },
  asnLookup: {
    flags: '--no-asn-lookup',
    help: 'do not ask Team Cymru which network announces an address',
    takes: 'flag',
    config: { help: 'Ask Team Cymru which network announces an address; true when absent' },
    sets: (asnLookup) => ({ asnLookup }),
  },
  smtpPort: {
    flags: '--smtp-port <port>',
    help: 'SMTP port of the tested hosts',
    takes: 'port',
    default: String(SMTP_PORT),
    config: { help: 'SMTP port of the tested hosts' },
    sets: (port, { parsePort }) => ({ smtpPort: parsePort(port) }),
  },
  probeName: {
    flags: '--probe-name <name>',
    help: 'the name mailcheck gives in EHLO',
    takes: 'text',
    config: { help: 'The name mailcheck gives in EHLO' },
    sets: (name, { parseHelo }) => ({ probeName: parseHelo(name) }),
  },
  relayRcpt: {
    flags: '--relay-rcpt <mailbox>',
    help: 'a mailbox of yours elsewhere, as recipient of relay probes',
    takes: 'text',
    config: { help: 'A mailbox of yours elsewhere, as recipient of relay probes' },
    sets: (text, { parseMailbox, mailboxText }) => ({
      relayRecipient: mailboxText(parseMailbox(text, 'you@example.net')),
    }),
  },
  activeData: {
    flags: '--active-data',
    help: 'let relay probes go on to DATA, to the --relay-rcpt mailbox',
    takes: 'flag',
    config: { help: 'Let relay probes go on to DATA, to the relayRcpt mailbox', isForNamedFile: true },
    sets: (activeData) => ({ activeData }),
  },
  activeRcpt: {
    flags: '--active-rcpt',
    help: 'ask the MX hosts at RCPT if they take mail for postmaster',
    takes: 'flag',
    config: { help: 'Ask the MX hosts at RCPT if they take mail for postmaster' },
    sets: (activeRcpt) => ({ activeRcpt }),
  },
  greylistWait: {
    flags: '--greylist-wait <seconds>',
    help: 'try deferred relay probes once more after this time',
    takes: 'seconds',
    config: { help: 'Seconds after which deferred relay probes are tried once more' },
    sets: (seconds, { parseSeconds }) => ({ greylistWaitMs: parseSeconds(seconds) }),
  },
  probePause: {
    flags: '--probe-pause <seconds>',
    help: 'time between two connections to a host (default: 1 for relay probes, else 0)',
    takes: 'seconds',
    config: { help: 'Seconds between two connections to a host' },
    sets: (seconds, { parseSeconds }) => ({ probePauseMs: parseSeconds(seconds) }),
  },
  caFile: {
    flags: '--ca-file <file>',
    help: 'certificates (PEM) of a CA of your own, trusted besides the public ones',
    takes: 'file',
    config: { help: 'File with certificates (PEM) of a CA of your own' },
    sets: async (file, { readCertificates }) => ({ extraRoots: await readCertificates(file) }),
  },
  egressTarget: {
    flags: '--egress-target <host[:port]>',
    help: 'mail server to reach from the host, instead of well-known ones (repeatable)',
    takes: 'list',
    config: { key: 'egressTargets', help: 'Mail servers to reach from the host: host[:port]' },
    sets: (hosts, { parseHostPort }) => ({ egressTargets: hosts.map((host) => parseHostPort(host, SMTP_PORT)) }),
  },
  egressControl: {
    flags: '--egress-control <host:port>',
    help: 'service on another port that shows the network works (repeatable)',
    takes: 'list',
    config: { key: 'egressControls', help: 'Services on other ports that show the network works: host:port' },
    sets: (hosts, { parseHostPort }) => ({ egressControls: hosts.map((host) => parseHostPort(host)) }),
  },
  onHost: {
    flags: '--on-host',
    help: 'mailcheck runs on the mail host itself',
    takes: 'flag',
    config: { help: 'mailcheck runs on the mail host itself' },
    sets: (isOnHost) => (isOnHost ? { vantage: 'self' } : {}),
  },
  vantage: {
    flags: '--vantage <place>',
    help: 'where mailcheck runs, seen from the mail host',
    takes: 'choice',
    choices: VANTAGES,
    config: { help: 'Where mailcheck runs, seen from the mail host' },
    sets: (vantage, { oneOf }) => ({ vantage: oneOf(vantage, VANTAGES) }),
  },
  whoamiName: {
    flags: '--whoami-name <name>',
    help: 'DNS name that tells a machine behind NAT its public address; none: do not ask',
    takes: 'text',
    default: 'o-o.myaddr.l.google.com',
    config: { help: 'DNS name that tells a machine behind NAT its public address, or none' },
    sets: (name, { parseWhoamiName }) => (name === 'none' ? {} : { whoamiName: parseWhoamiName(name) }),
  },
  allowPrivate: {
    flags: '--allow-private',
    help: 'test and connect to private, loopback and documentation addresses',
    takes: 'flag',
    config: { help: 'Test and connect to private, loopback and documentation addresses', isForNamedFile: true },
    sets: (allowPrivate) => ({ allowPrivate }),
  },
  connectTo: {
    flags: '--connect-to <ip:port:ip:port>',
    help: 'connect to the second address instead of the first (repeatable)',
    takes: 'repeated',
    config: { help: 'Connect elsewhere instead: ip:port:ip:port', isForNamedFile: true },
    sets: async (texts, { parseConnectTo }) => ({ connectTo: await parseConnectTo(texts) }),
  },
  timeout: timeout('60', 'time for the whole run'),
  wait: {
    flags: '--wait <time>',
    help: 'repeat the check until nothing fails, or this time (90s, 10m, 2h) is up',
    takes: 'duration',
    isForOneRun: true,
    parse: (text, { parseDuration }, flag) => parseDuration(text, flag, MAX_WAIT_MS),
  },
  waitFor: {
    flags: '--wait-for <rules>',
    help: 'with --wait, wait for these checks only (comma-separated, repeatable)',
    takes: 'list',
    isForOneRun: true,
    parse: (ids, { parseRuleIds }) => parseRuleIds(ids),
  },
} as const satisfies OptionRows;

/** `mailcheck <domain> [ip…]`: reads the options, runs the check, writes the report, and says the exit code. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readSigningKey } from '../dkim/private-key.ts';
import { serverLabel } from '../dns/servers.ts';
import { parseDomain } from '../domain.ts';
import { parseIp } from '../ip.ts';
import { type ExitPolicy, exitCode } from '../report.ts';
import { ruleIds as knownRuleIds } from '../rules/selectable.ts';
import { type RunOptions, run } from '../run.ts';
import type { Settings } from '../settings.ts';
import { ANYWHERE } from '../smtp/client.ts';
import { parseArguments, parseHelo, parseSelector, quoteInput, UsageError } from '../target.ts';
import { interruptible } from './interrupt.ts';
import { parseListOptions } from './list-options.ts';
import { nearest, parseDnsServers, parseDuration, parseHostPort, parsePort } from './options.ts';
import { startProgress } from './progress.ts';
import { knownProvider } from './providers.ts';
import { parseReportOutputs, writeReports } from './report-outputs.ts';
import { readZones } from './zone-option.ts';

const SMTP_PORT = 25;

/** The options as commander gives them. */
export interface CheckArguments {
  readonly helo?: string;
  readonly selector?: readonly string[];
  readonly dkimKey?: string;
  readonly message?: string;
  readonly provider?: string;
  readonly volume: 'low' | 'bulk';
  readonly zone?: readonly string[];
  readonly asnLookup: boolean;
  readonly sendOnly?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsbl?: readonly string[];
  readonly dnsblExcept?: readonly string[];
  readonly neighbours?: boolean;
  readonly smtpPort: string;
  readonly probeName?: string;
  readonly relayRcpt?: string;
  readonly activeData?: boolean;
  readonly activeRcpt?: boolean;
  readonly greylistWait?: string;
  readonly probePause?: string;
  readonly caFile?: string;
  readonly egressTarget?: readonly string[];
  readonly egressControl?: readonly string[];
  readonly onHost?: boolean;
  readonly vantage?: 'self' | 'same-network' | 'outside';
  readonly whoamiName: string;
  readonly allowPrivate?: boolean;
  readonly connectTo?: readonly string[];
  readonly timeout: string;
  readonly format?: readonly string[];
  readonly output?: string;
  readonly strict?: boolean;
  readonly allowInconclusive?: string | true;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** @returns the exit code. @throws UsageError for anything typed wrong, or a file that cannot be read or written. */
export async function check(
  domainText: string | undefined,
  ipTexts: readonly string[],
  options: CheckArguments,
): Promise<number> {
  const typed = restoreSwallowed(domainText, ipTexts, options.allowInconclusive);
  if (typed.domain === undefined) {
    throw new UsageError(
      'which domain? Type: mailcheck <domain> [ip...], such as mailcheck example.com 203.0.113.5 (or --help)',
    );
  }
  const { domain, ips } = parseArguments(typed.domain, typed.ips);
  const outputs = parseReportOutputs(options.format, options.output);
  const policy: ExitPolicy = {
    failOn: options.strict ? 'warning' : 'error',
    allowInconclusive: typed.allowInconclusive,
  };
  const target = {
    domain,
    ips,
    selectors: [...new Set((options.selector ?? []).map(parseSelector))],
    ...(options.helo === undefined ? {} : { helo: parseHelo(options.helo) }),
  };
  const ruleIds = selectRules(options.only, options.skip);
  const dnsServers = parseDnsServers(options.dns);
  const proposed = await readZones(options.zone ?? [], domain);
  const interrupt = interruptible();
  const runOptions: RunOptions = {
    settings: await parseSettings(options),
    dnsServers,
    ruleIds,
    proposed,
    timeoutMs: parseDuration(options.timeout),
    signal: interrupt.signal,
    transcript: options.verbose ?? false,
    onRuleError: (id, error) => {
      process.stderr.write(`mailcheck: the check "${id}" broke off; please report this:\n${stackOf(error)}\n`);
    },
  };
  const progress = await startProgress(
    options.quiet ?? false,
    `${domain} (DNS: ${dnsServers.map(serverLabel).join(', ')})`,
  );
  try {
    const report = await run(target, { ...runOptions, onProgress: progress.show });
    progress.stop();
    await writeReports(outputs, [report], { verbose: options.verbose ?? false });
    return exitCode(report, policy);
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode();
    throw error;
  } finally {
    progress.stop();
    interrupt.stop();
  }
}

/**
 * `--allow-inconclusive` takes an optional value, so it swallows a domain or address that follows it: what cannot be
 * the name of a rule is given back.
 */
function restoreSwallowed(domain: string | undefined, ips: readonly string[], value: string | true | undefined) {
  const none: readonly string[] = [];
  if (value === undefined) return { domain, ips, allowInconclusive: none };
  if (value === true) return { domain, ips, allowInconclusive: 'all' as const };
  if (parseIp(value)) return { domain, ips: [...ips, value], allowInconclusive: 'all' as const };
  if (parseDomain(value)) {
    return { domain: value, ips: domain === undefined ? ips : [domain, ...ips], allowInconclusive: 'all' as const };
  }
  return { domain, ips, allowInconclusive: value.split(',').map((id) => knownRule(id.trim(), '--allow-inconclusive')) };
}

function selectRules(only: readonly string[] | undefined, skip: readonly string[] | undefined): string[] {
  const wanted = (only ?? knownRuleIds).map((id) => knownRule(id, '--only'));
  const unwanted = (skip ?? []).map((id) => knownRule(id, '--skip'));
  const selected = wanted.filter((id) => !unwanted.includes(id));
  if (selected.length === 0) throw new UsageError('--only and --skip leave nothing to check');
  return selected;
}

function knownRule(id: string, option: string): string {
  const ids = knownRuleIds;
  if (ids.includes(id)) return id;
  throw new UsageError(
    `${option}: there is no check ${quoteInput(id)}${nearest(id, ids)}. Type any of: ${ids.join(', ')}`,
  );
}

async function parseSettings(options: CheckArguments): Promise<Settings> {
  const vantage = options.onHost ? 'self' : options.vantage;
  if (options.onHost && options.vantage !== undefined && options.vantage !== 'self') {
    throw new UsageError('--on-host and --vantage contradict each other');
  }
  if (options.activeData && options.relayRcpt === undefined) {
    throw new UsageError(
      '--active-data needs a mailbox of yours to send the test message to: --relay-rcpt you@elsewhere.example',
    );
  }
  return {
    smtpPort: parsePort(options.smtpPort, '--smtp-port'),
    allowPrivate: options.allowPrivate ?? false,
    ...parseListOptions(options, process.env),
    ...(options.neighbours ? { neighbours: true } : {}),
    ...(vantage ? { vantage } : {}),
    ...(options.whoamiName === 'none' ? {} : { whoamiName: parseWhoamiName(options.whoamiName) }),
    ...(options.relayRcpt === undefined ? {} : { relayRecipient: parseMailbox(options.relayRcpt) }),
    ...(options.activeData ? { activeData: true } : {}),
    ...(options.greylistWait === undefined
      ? {}
      : { greylistWait: parseSeconds(options.greylistWait, '--greylist-wait') }),
    ...(options.probePause === undefined
      ? {}
      : { probePauseMs: parseSeconds(options.probePause, '--probe-pause') * 1000 }),
    ...(options.egressTarget
      ? { egressTargets: options.egressTarget.map((text) => parseHostPort(text, '--egress-target', SMTP_PORT)) }
      : {}),
    ...(options.egressControl
      ? { egressControls: options.egressControl.map((text) => parseHostPort(text, '--egress-control')) }
      : {}),
    ...(options.activeRcpt ? { activeRcpt: true } : {}),
    ...(options.caFile === undefined ? {} : { extraRoots: await readCertificates(options.caFile) }),
    ...(options.provider === undefined ? {} : { provider: knownProvider(options.provider).id }),
    asnLookup: options.asnLookup,
    volume: options.volume,
    ...(options.sendOnly ? { sendOnly: true } : {}),
    ...(options.probeName === undefined ? {} : { probeName: parseHelo(options.probeName) }),
    ...(options.connectTo ? { connectTo: parseConnectTo(options.connectTo) } : {}),
    ...(options.message === undefined ? {} : { message: await readMessage(options.message) }),
    ...(options.dkimKey === undefined ? {} : { dkimKeyPem: await readKey(options.dkimKey) }),
  };
}

function parseSeconds(text: string, option: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (seconds <= 3600) return seconds;
  throw new UsageError(`${option}: ${quoteInput(text)} is not a time. Type seconds, up to 3600`);
}

function parseWhoamiName(text: string): string {
  const name = parseDomain(text);
  if (name) return name;
  throw new UsageError(`--whoami-name: ${quoteInput(text)} is not a DNS name. Type one, or none`);
}

function parseMailbox(text: string): string {
  const [, local, domain] = /^<?([\x21-\x7e]+)@([^@>]+)>?$/.exec(text.trim()) ?? [];
  const parsed = parseDomain(domain ?? '');
  if (local && parsed && /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/.test(local)) return `${local}@${parsed}`;
  throw new UsageError(`--relay-rcpt: ${quoteInput(text)} is not a mailbox. Type one such as you@example.net`);
}

/**
 * Reads `203.0.113.5:25:127.0.0.1:2525`, with IPv6 addresses in brackets; as with curl's option of the name, an empty
 * first pair (`::127.0.0.1:2525`) stands for every address and port.
 */
function parseConnectTo(texts: readonly string[]): Map<string, { host: string; port: number }> {
  const address = String.raw`(\[[0-9A-Fa-f:.]+\]|[0-9.]+):(\d{1,5})`;
  const pattern = new RegExp(`^${address}:${address}$`);
  const anywhere = new RegExp(`^::${address}$`);
  return new Map(
    texts.map((text) => {
      const [, anyHost = '', anyPort = ''] = anywhere.exec(text.trim()) ?? [];
      const elsewhere = parseIp(anyHost.replace(/[[\]]/g, ''));
      if (elsewhere) return [ANYWHERE, { host: elsewhere, port: parsePort(anyPort, '--connect-to') }] as const;
      const [, from = '', fromPort = '', to = '', toPort = ''] = pattern.exec(text.trim()) ?? [];
      const source = parseIp(from.replace(/[[\]]/g, ''));
      const host = parseIp(to.replace(/[[\]]/g, ''));
      if (!source || !host) {
        throw new UsageError(
          `--connect-to: ${quoteInput(text)} is not of the form ip:port:ip:port. Type it such as 203.0.113.5:25:127.0.0.1:2525`,
        );
      }
      const key = source.includes(':') ? `[${source}]` : source;
      return [
        `${key}:${parsePort(fromPort, '--connect-to')}`,
        { host, port: parsePort(toPort, '--connect-to') },
      ] as const;
    }),
  );
}

/** Larger than any receiver takes; a sample need not be. */
const MAX_MESSAGE_BYTES = 50 * 1024 * 1024;

/** Reads a message, and refuses what does not begin with header fields (RFC 5322 §2.1). */
async function readMessage(file: string): Promise<Uint8Array> {
  const message = await readFile(file).catch((error: Error) => {
    throw new UsageError(`--message: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  if (message.length > MAX_MESSAGE_BYTES) throw new UsageError(`--message: ${quoteInput(file)} is larger than 50 MiB`);
  if (!/^(?:From [^\n]*\n)?[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(message.subarray(0, 2000).toString('latin1'))) {
    throw new UsageError(
      `--message: ${quoteInput(file)} is not a message: it must begin with its header fields, as saved with "show original"`,
    );
  }
  return message;
}

/** Reads the certificates of a PEM file, and refuses a file without any, or with one that cannot be read. */
async function readCertificates(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--ca-file: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const broken = blocks.length === 0 || blocks.some((block) => !isCertificate(block));
  if (broken) throw new UsageError(`--ca-file: ${quoteInput(file)} is not a file of certificates in PEM form`);
  return blocks;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Why a file is no key to sign with, in the words of the option. */
const UNUSABLE_KEYS = {
  encrypted: 'the key is encrypted; decrypt it first: openssl pkey -in key.pem -out plain.pem',
  public: 'this is the public half; the private key the host signs with is needed',
  'not-a-private-key': 'there is no private key in PEM form in it',
  'other-type': 'DKIM knows RSA and Ed25519 keys only (RFC 8301, RFC 8463)',
} as const;

/** Reads the private key, and refuses what is none before anything else is done. */
async function readKey(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--dkim-key: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  const reading = readSigningKey(pem);
  if (reading.kind === 'key') return pem;
  throw new UsageError(`--dkim-key: ${quoteInput(file)}: ${UNUSABLE_KEYS[reading.reason]}`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

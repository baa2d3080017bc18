/** The options of the check → Settings: each value is parsed by the parser of its option. */

import type { Settings } from '../../check/settings.ts';
import { parseHelo } from '../../check/target.ts';
import { parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { ANYWHERE } from '../../network/smtp/client.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { knownProvider } from '../commands/providers.ts';
import type { CheckArguments, OptionName } from './check-arguments.ts';
import { readCertificates, readKey, readMessage } from './files.ts';
import { parseListOptions } from './lists.ts';
import { parseHostPort, parsePort } from './parse.ts';

/** Runs the parser of an option; what it says of a value from the configuration begins with the place there. */
export type Reading = <T>(option: OptionName, parse: () => T | Promise<T>) => Promise<T>;

type Part = Partial<Settings>;

const SMTP_PORT = 25;

/** @throws UsageError */
export async function parseSettings(options: CheckArguments, read: Reading): Promise<Settings> {
  const { onHost, relayRcpt } = options;
  await read('onHost', () => {
    if (onHost && options.vantage !== undefined && options.vantage !== 'self') {
      throw new UsageError('--on-host and --vantage contradict each other');
    }
  });
  await read('activeData', () => {
    if (!options.activeData || relayRcpt !== undefined) return;
    throw new UsageError(
      '--active-data needs a mailbox of yours to send the test message to: --relay-rcpt you@elsewhere.example',
    );
  });
  const vantage = onHost ? 'self' : options.vantage;
  /** What one option sets, where it is given. */
  const given = async <O extends OptionName>(
    option: O,
    parse: (value: NonNullable<CheckArguments[O]>) => Part | Promise<Part>,
  ): Promise<Part> => {
    const value = options[option];
    return value === undefined || value === null ? {} : read(option, () => parse(value));
  };
  const parts = [
    await given('smtpPort', (text) => ({ smtpPort: parsePort(text, '--smtp-port') })),
    parseListOptions({}, process.env),
    await given('dnsbl', (dnsbl) => parseListOptions({ dnsbl }, {})),
    await given('dnsblExcept', (dnsblExcept) => parseListOptions({ dnsblExcept }, {})),
    await given('whoamiName', (text) => (text === 'none' ? {} : { whoamiName: parseWhoamiName(text) })),
    await given('relayRcpt', (text) => ({ relayRecipient: parseMailbox(text) })),
    await given('greylistWait', (text) => ({ greylistWait: parseSeconds(text, '--greylist-wait') })),
    await given('probePause', (text) => ({ probePauseMs: parseSeconds(text, '--probe-pause') * 1000 })),
    await given('egressTarget', (texts) => ({
      egressTargets: texts.map((text) => parseHostPort(text, '--egress-target', SMTP_PORT)),
    })),
    await given('egressControl', (texts) => ({
      egressControls: texts.map((text) => parseHostPort(text, '--egress-control')),
    })),
    await given('caFile', async (file) => ({ extraRoots: await readCertificates(file) })),
    await given('provider', (id) => ({ provider: knownProvider(id).id })),
    await given('probeName', (text) => ({ probeName: parseHelo(text) })),
    await given('connectTo', (texts) => ({ connectTo: parseConnectTo(texts) })),
    await given('message', async (file) => ({ message: await readMessage(file) })),
    await given('dkimKey', async (file) => ({ dkimKeyPem: await readKey(file) })),
  ];
  return Object.assign(
    {
      smtpPort: SMTP_PORT,
      allowPrivate: options.allowPrivate ?? false,
      asnLookup: options.asnLookup,
      volume: options.volume,
      ...(vantage ? { vantage } : {}),
      ...(options.neighbours ? { neighbours: true } : {}),
      ...(options.activeData ? { activeData: true } : {}),
      ...(options.activeRcpt ? { activeRcpt: true } : {}),
      ...(options.sendOnly ? { sendOnly: true } : {}),
    },
    ...parts,
  );
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

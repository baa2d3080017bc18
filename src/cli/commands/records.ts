/** `mailcheck records <domain> <ip…>`: the complete set of records that a correct host needs. */
import { generateKeyPairSync } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { gatherMailRoute } from '../../check/facts/mx.ts';
import { parseArguments, parseHelo, parseSelector } from '../../check/target.ts';
import { createDnsClient } from '../../network/dns/client.ts';
import { type Domain, isHostName } from '../../network/domain.ts';
import { type PlanRequest, planRecords } from '../../records/plan.ts';
import { EXIT } from '../../report/status.ts';
import { readSigningKey } from '../../standards/dkim/private-key.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { formatOption, parseDnsServers, parseDuration } from '../options/parse.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { writeText } from '../terminal/output.ts';
import { asTable, asZone } from './records-text.ts';

/** The options as commander gives them. */
export interface RecordsOptions {
  readonly helo?: string;
  readonly selector?: string;
  readonly dkimKey?: string;
  readonly generateDkim?: string;
  readonly rua?: string;
  readonly dns?: readonly string[];
  readonly timeout: string;
  readonly format: string;
}

/** @returns the exit code: 3 where the DNS did not say what is published. @throws UsageError */
export async function recordsCommand(
  domainText: string,
  ipTexts: readonly string[],
  options: RecordsOptions,
): Promise<number> {
  const { domain, ips } = parseArguments(domainText, ipTexts);
  const format = formatOption(options.format, ['zone', 'json', 'table']);
  const helo = options.helo === undefined ? undefined : parseHelo(options.helo);
  if (helo !== undefined && !isHostName(helo)) {
    throw new UsageError(`--helo: ${quoteInput(helo)} is not a full host name, so no record can be made for it`);
  }
  const selector = parseSelector(options.selector ?? 'mail');
  const reportsTo = parseMailbox(options.rua) ?? `dmarc@${domain}`;
  const servers = parseDnsServers(options.dns);
  const timeoutMs = parseDuration(options.timeout);
  const key = await signingKey(options);
  const interrupt = interruptible();
  const dns = createDnsClient({ servers, signal: interrupt.within(timeoutMs), onFault: reportFault });
  try {
    const request: PlanRequest = {
      domain,
      ips,
      heloName: helo ?? (await hostName(dns, domain, ips)),
      dkim: key === null ? null : { selector, record: key },
      reportsTo,
      now: Date.now(),
    };
    const records = await planRecords(dns, request);
    if (interrupt.signal.aborted) return interrupt.exitCode();
    const notes =
      key === null
        ? ['DKIM is left out: give the host’s key with --dkim-key, or have one made with --generate-dkim <file>.']
        : options.generateDkim === undefined
          ? []
          : [
              `The private key is in ${options.generateDkim}: let the mail server sign with it as selector ${selector}.`,
            ];
    const text =
      format === 'json'
        ? JSON.stringify({ domain, heloName: request.heloName, records, notes }, null, 2)
        : format === 'zone'
          ? asZone(records, notes)
          : asTable(records, notes);
    await writeText(process.stdout, `${text.trimEnd()}\n`);
    return records.some(({ status }) => status === 'unknown') ? EXIT.inconclusive : EXIT.ok;
  } finally {
    interrupt.stop();
  }
}

/** The MX host that has the address already, else the customary name. */
async function hostName(
  dns: ReturnType<typeof createDnsClient>,
  domain: Domain,
  ips: readonly string[],
): Promise<string> {
  const { hosts } = await gatherMailRoute(dns, domain);
  const host = hosts.find(({ name, addresses }) => isHostName(name) && addresses.some((ip) => ips.includes(ip)));
  return host?.name ?? `mail.${domain}`;
}

function parseMailbox(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // What is put into a record must be inert there: no separators of DMARC or TLS-RPT.
  if (/^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(text)) return text;
  throw new UsageError(`--rua: ${quoteInput(text)} is not a mailbox. Type one such as dmarc@example.com`);
}

/** @returns the key record for the host's key; a new key is written to a file that nobody else can read. */
async function signingKey({ dkimKey, generateDkim }: RecordsOptions): Promise<string | null> {
  if (dkimKey !== undefined && generateDkim !== undefined) {
    throw new UsageError('--dkim-key and --generate-dkim contradict each other');
  }
  if (generateDkim !== undefined) return generateKey(generateDkim);
  if (dkimKey === undefined) return null;
  const pem = await readFile(dkimKey, 'utf8').catch((error: Error) => {
    throw new UsageError(`--dkim-key: cannot read ${quoteInput(dkimKey)}: ${error.message}`);
  });
  return recordOf(pem, '--dkim-key', dkimKey);
}

function recordOf(pem: string, option: string, file: string): string {
  const reading = readSigningKey(pem);
  if (reading.kind === 'key') return reading.signingKey.record;
  throw new UsageError(`${option}: ${quoteInput(file)} holds no private key to sign with (${reading.reason})`);
}

/** RSA, since large receivers do not verify Ed25519; 2048 bits (RFC 8301 §3.2). */
const RSA_BITS = 2048;

async function generateKey(file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  try {
    // `wx`: a key that is in use must never be overwritten.
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(pem);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists already; use it with --dkim-key, or name another file' : message;
    throw new UsageError(`--generate-dkim: cannot write ${quoteInput(file)}: ${why}`);
  }
  return recordOf(pem, '--generate-dkim', file);
}

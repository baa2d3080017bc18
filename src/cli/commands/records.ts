/** Runs `mailcheck records <domain> <ip…>`, which prints the complete set of records that a correct host needs. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { gatherMailRoute } from '../../check/facts/mx.ts';
import { commandOf } from '../../check/rules/pasted.ts';
import { parseArguments } from '../../check/target.ts';
import { isConfirmed } from '../../knowledge/verification.ts';
import { webProxyAt } from '../../knowledge/web-proxies/catalogue.ts';
import { isFailure } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { type Domain, isHostName } from '../../network/domain.ts';
import { fileErrorText, isSystemError } from '../../network/fault.ts';
import type { IpAddress } from '../../network/ip.ts';
import { type PlannedRecords, planAtHosts } from '../../records/plan.ts';
import { confirmationMark } from '../../report/confirmation.ts';
import { type AtDnsHost, EXIT } from '../../report/status.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { RECORDS_OPTIONS, type RecordsOptions } from '../options/command-options.ts';
import { keyFileOf } from '../options/files.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { type OptionReader, optionReader } from '../options/read.ts';
import { formatNamed, isApplied } from '../plan-file/formats.ts';
import { neededContent } from '../plan-file/needed.ts';
import { planText } from '../plan-file/text.ts';
import { readersCommandLine } from '../terminal/look.ts';
import { warn, writeText } from '../terminal/output.ts';
import { type Asking, askDns } from './ask-dns.ts';
import { asTable, asZone } from './records-text.ts';
import { policyNotes, tlsaFor } from './records-transport.ts';

/** The records that a host needs, with what is to be said about them. */
interface PlannedHost {
  readonly host: HostName;
  readonly needed: PlannedRecords;
  readonly onTlsa: readonly string[];
}

/** What the user wants to know about the records of a host. */
export interface RecordsRequest extends Asking {
  readonly plan: (dns: DnsClient) => Promise<PlannedHost>;
  readonly textOf: (planned: PlannedHost) => Promise<RecordsText>;
}

/** The records in a format of the command. */
export interface RecordsText {
  /** The text with a final newline. */
  readonly text: string;
  /** What the format has no place for. */
  readonly notes: readonly string[];
  /** Whether some lookup failed, or an address is a web proxy's. */
  readonly isUnknown: boolean;
}

/**
 * Prints the records that a host needs.
 *
 * @returns the exit code: 3 if some lookup failed or an address is a web proxy's, and 0 otherwise.
 * @throws UsageError for an argument or option that cannot be used, or a key file that cannot be written.
 */
export async function recordsCommand(
  domainText: string,
  ipTexts: readonly string[],
  options: RecordsOptions,
): Promise<number> {
  const request = await recordsRequest(domainText, ipTexts, options);
  let isPrinted = false;
  try {
    return await askDns(request, request.plan, async (planned, signal) => {
      isPrinted = true;
      const { text, notes, isUnknown } = await request.textOf(planned);
      for (const note of notes) warn(note);
      await writeText(process.stdout, text, signal);
      return isUnknown ? EXIT.inconclusive : EXIT.ok;
    });
  } finally {
    // Nobody has seen the public key, so the new private key is of no use, and the next run would refuse its file.
    if (!isPrinted && options.generateDkim !== undefined) await rm(options.generateDkim, { force: true });
  }
}

/**
 * Reads the arguments and options of the command.
 *
 * @throws UsageError for an argument or option that cannot be used, or a key file that cannot be written.
 */
export async function recordsRequest(
  domainText: string,
  ipTexts: readonly string[],
  options: RecordsOptions,
): Promise<RecordsRequest> {
  const { domain, ips } = parseArguments(domainText, ipTexts);
  const reader = optionReader(RECORDS_OPTIONS, options);
  const format = await reader.read('format');
  const helo = await reader.read('helo');
  if (helo !== undefined && !isHostName(helo)) {
    throw new UsageError(`--helo: ${quoteInput(helo)} is not a full host name. Type one such as mail.example.com`);
  }
  const selector = (await reader.read('selector')) ?? 'mail';
  const reportsTo = await reader.read('rua');
  const dnsHost = await reader.read('dnsHost');
  const servers = dnsServersOf(await reader.read('dns'));
  const timeoutMs = await reader.read('timeout');
  const key = await signingKey(options, reader);
  const chain = await reader.read('nextCert');
  return {
    domain,
    servers,
    timeoutMs,
    async plan(dns) {
      const host = helo === undefined ? await hostName(dns, domain, ips) : { name: helo, isGuess: false };
      const heloName = host.name;
      const dkim = key === null ? null : { selector, record: key };
      const { record: tlsa, notes: onTlsa } = await tlsaFor(dns, heloName, chain);
      const request = { domain, ips, heloName, dkim, tlsa, now: Date.now(), seed: randomBytes(16).toString('hex') };
      const needed = await planAtHosts(dns, {
        ...request,
        wholeSets: !LIST_FORMATS.includes(format),
        ...(reportsTo === undefined ? {} : { reportsTo }),
        ...(dnsHost === undefined ? {} : { dnsHost }),
      });
      return { host, needed, onTlsa };
    },
    async textOf({ host, needed, onTlsa }) {
      const { records } = needed;
      const notes = [
        ...notesOnProxies(ips),
        ...notesOnHost(host, domain),
        ...notesOn(key, selector, options.generateDkim),
        ...onTlsa,
        ...policyNotes(domain, records),
      ];
      const typed = { domain, ips, heloName: host.name, selector: key === null ? undefined : selector };
      const written = await textOf(format, needed, notes, typed, options);
      const isUnknown =
        host.isGuess ||
        ips.some((ip) => webProxyAt(ip) !== undefined) ||
        records.some(({ status }) => status === 'unknown');
      return { ...written, text: `${written.text.trimEnd()}\n`, isUnknown };
    },
  };
}

/** The formats that list single records. The others hold whole record sets. */
const LIST_FORMATS: readonly string[] = ['zone', 'json', 'table'];

/** @returns the records in a format of the command, and the notes that the format has no place for. */
async function textOf(
  format: string,
  needed: PlannedRecords,
  notes: readonly string[],
  typed: Typed,
  options: RecordsOptions,
): Promise<Pick<RecordsText, 'text' | 'notes'>> {
  const { domain, ips, heloName } = typed;
  const { records, dnsHosts, atDnsHost, optionalAtDnsHost } = needed;
  const all = [...notes, ...notesOnCheck(typed, options)];
  switch (format) {
    case 'json':
      return {
        text: jsonText({ domain, heloName, records, dnsHosts, atDnsHost, optionalAtDnsHost, notes: all }),
        notes: [],
      };
    case 'zone':
      return { text: asZone(records, all, needed), notes: [] };
    case 'table': {
      const commandLine = await readersCommandLine();
      const shown = (places: readonly AtDnsHost[]): AtDnsHost[] =>
        places.map((place) => ({ ...place, commands: place.commands.map(commandLine) }));
      const places = { atDnsHost: shown(atDnsHost), optionalAtDnsHost: shown(optionalAtDnsHost) };
      return { text: asTable(records, all, places), notes: [] };
    }
    default: {
      const about = `The DNS records of ${domain} that mail from ${ips.join(', ')} needs, as they should be.`;
      const planFormat = formatNamed(format);
      const content = neededContent(needed, about, { notes, isApplied: isApplied(planFormat) });
      return {
        text: await planText(content, planFormat),
        notes: planFormat.comment === null ? content.notes.slice(1) : [],
      };
    }
  }
}

/** @returns the notes on the DKIM key that are printed below the records. */
function notesOn(key: string | null, selector: string, generated: string | undefined): string[] {
  if (key === null) {
    return [
      'No DKIM record: use the key of the server with --dkim-key <file>, or create one with --generate-dkim <file>.',
    ];
  }
  return generated === undefined
    ? []
    : [`The private key is in ${generated}. Configure the mail server to sign with it, selector ${selector}.`];
}

/** The host that the records are for. The selector is absent without a key. */
interface Typed {
  readonly domain: Domain;
  readonly ips: readonly IpAddress[];
  readonly heloName: string;
  readonly selector: string | undefined;
}

/**
 * @returns the note with the command that checks the records before they are published. It keeps the options of the user
 *   that the check has too.
 */
function notesOnCheck(
  { domain, ips, heloName, selector }: Typed,
  { dns = [], dkimKey, dnsHost, generateDkim, rua }: RecordsOptions,
): string[] {
  if (ips.some((ip) => webProxyAt(ip) !== undefined)) return [];
  const keyFile = dkimKey ?? generateDkim;
  const words = [
    ...['mailcheck', domain, ...ips, '--helo', heloName],
    ...(selector === undefined ? [] : ['--selector', selector]),
    ...(keyFile === undefined ? [] : ['--dkim-key', keyFile]),
    ...(rua === undefined ? [] : ['--rua', rua]),
    ...(dnsHost === undefined ? [] : ['--dns-host', dnsHost]),
    ...dns.flatMap((server) => ['--dns', server]),
    // The host as a whole is judged, not what the records change.
    ...['--zone', 'proposed.zone', '--gate', 'all'],
  ];
  return commandOf(words).map((command) => `Check these records before you publish them: ${command}`);
}

/** The name of the host, and whether it is a guess because the MX hosts could not be looked up. */
interface HostName {
  readonly name: string;
  readonly isGuess: boolean;
}

/** @returns a note on each address that is a web proxy's: no mail leaves from there, so the records are of no use. */
function notesOnProxies(ips: readonly IpAddress[]): string[] {
  return ips.flatMap((ip) => {
    const proxy = webProxyAt(ip);
    if (proxy === undefined) return [];
    const unsure = confirmationMark(isConfirmed(proxy, Date.now()));
    return [
      `${ip} belongs to ${proxy.name}’s web proxy${unsure}, which sends no mail. Do not publish these records. Run the command again with the mail server’s own address.`,
    ];
  });
}

/** @returns the note on a host name that is a guess. */
function notesOnHost({ name, isGuess }: HostName, domain: Domain): string[] {
  if (!isGuess) return [];
  return [
    `${name} is a guess, because not all MX hosts of ${domain} could be looked up. Set the server name with --helo.`,
  ];
}

/** Finds the name of the MX host that has one of the addresses. If there is none, it is `mail.<domain>`. */
async function hostName(dns: DnsClient, domain: Domain, ips: readonly string[]): Promise<HostName> {
  let isComplete = true;
  const { kind, hosts } = await gatherMailRoute(dns, domain, ({ looked, of }) => {
    if (looked < of) isComplete = false;
  });
  const host = hosts.find(({ name, addresses }) => isHostName(name) && addresses.some((ip) => ips.includes(ip)));
  if (host) return { name: host.name, isGuess: false };
  const isSeen = isComplete && kind !== 'unknown' && !hosts.some(({ a, aaaa }) => [a, aaaa].some(isFailure));
  return { name: `mail.${domain}`, isGuess: !isSeen };
}

/** @returns the DKIM key record (RFC 6376 §3.6.1) of the given or new key, or `null` if the user wants neither. */
async function signingKey(
  { dkimKey, generateDkim }: RecordsOptions,
  reader: OptionReader<typeof RECORDS_OPTIONS>,
): Promise<string | null> {
  if (dkimKey !== undefined && generateDkim !== undefined) {
    throw new UsageError('--dkim-key and --generate-dkim contradict each other');
  }
  if (generateDkim !== undefined) return generateKey(generateDkim);
  return (await reader.read('dkimKey')) ?? null;
}

/**
 * The length of a new key, as RFC 8301 §3.2 recommends. The key is RSA, since large receivers do not verify Ed25519.
 */
const RSA_BITS = 2048;

/**
 * Makes a new key pair, and writes the private key to the file. Only the user can read the file.
 *
 * @returns the DKIM key record of the public key.
 * @throws UsageError if the file exists already or cannot be written.
 */
async function generateKey(file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  try {
    // The flag `wx` refuses an existing file, because overwriting a key in use would break its signatures.
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(pem);
    } catch (error) {
      // A part of a key is of no use, and the next attempt would find a file that exists.
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const isTaken = isSystemError(error) && error.code === 'EEXIST';
    const why = fileErrorText(error, 'write') + (isTaken ? '. Use it with --dkim-key, or name another file' : '');
    throw new UsageError(`--generate-dkim: cannot write ${quoteInput(file)}: ${why}`);
  }
  return keyFileOf(file, pem).record;
}

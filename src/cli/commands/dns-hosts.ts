/** Runs `mailcheck dns-hosts [id]`, which prints what mailcheck knows about DNS hosts. */
import { dnsHosts } from '../../knowledge/dns-hosts/catalogue.ts';
import type { DnsHost, DnsHostCommand } from '../../knowledge/dns-hosts/schema.ts';
import { isConfirmed } from '../../knowledge/verification.ts';
import { confirmationMark, NOT_CONFIRMED } from '../../report/confirmation.ts';
import { shortName } from '../../report/short-name.ts';
import { EXIT } from '../../report/status.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { wrap } from '../../reporters/layout.ts';
import { provenanceWords } from '../../reporters/provider-words.ts';
import type { Tones } from '../../reporters/tones.ts';
import { DNS_HOSTS_OPTIONS, type DnsHostsOptions } from '../options/command-options.ts';
import { knownDnsHost } from '../options/dns-host.ts';
import { optionReader } from '../options/read.ts';
import { stdoutTones, writeText } from '../terminal/output.ts';
import { columns } from './columns.ts';

/**
 * Prints the page of one DNS host, or the table of all.
 *
 * @returns the exit code.
 * @throws UsageError for an unknown DNS host or format.
 */
export async function dnsHostsCommand(id: string | undefined, options: DnsHostsOptions): Promise<number> {
  const format = await optionReader(DNS_HOSTS_OPTIONS, options).read('format');
  const shown = id === undefined ? dnsHosts : knownDnsHost(id);
  const tones = stdoutTones();
  const now = Date.now();
  const text =
    format === 'json'
      ? jsonText(shown)
      : `${('id' in shown ? onePage(shown, tones, now) : table(shown, tones, now)).join('\n')}\n`;
  await writeText(process.stdout, text);
  return EXIT.ok;
}

function table(rows: readonly DnsHost[], tones: Tones, now: number): string[] {
  const cells = [
    ['DNS host', 'name', 'changed by', ''],
    ...[...rows]
      .sort((a, b) => a.id.localeCompare(b.id, 'en'))
      .map((row) => [row.id, shortName(row.name), waysOf(row), isConfirmed(row, now) ? '' : NOT_CONFIRMED]),
  ];
  const [head = '', ...lines] = columns(cells);
  return [tones.bold(head), ...lines];
}

/** @returns the tools of its commands, the one that most commands need first. A host without any has its console. */
function waysOf({ commands, console: page }: DnsHost): string {
  const tools = commands.map(({ tool }) => tool);
  const count = (tool: string): number => tools.filter((one) => one === tool).length;
  const ordered = [...new Set(tools)].sort((a, b) => count(b) - count(a));
  return ordered.length > 0 ? ordered.join(', ') : page === null ? '' : 'console';
}

const DOES: Readonly<Record<DnsHostCommand['does'], string>> = {
  set: 'Set a record set',
  create: 'Create a record set',
  update: 'Change a record set',
  delete: 'Delete a record set',
  add: 'Add a value',
  edit: 'Change a value',
  remove: 'Remove a value',
};

const INDENT = ' '.repeat(12);

function onePage(row: DnsHost, tones: Tones, now: number): string[] {
  const field = (label: string, text: string): string[] =>
    text === '' ? [] : wrap(text, 80, INDENT, tones.dim(label.padEnd(INDENT.length)));
  const { detect, console: page, commands, pitfalls, sources, api } = row;
  const signs = [
    ...(detect.nsSuffixes.length > 0 ? [`name servers under ${detect.nsSuffixes.join(', ')}`] : []),
    ...(detect.nsPatterns.length > 0 ? [`name servers such as ${detect.nsPatterns.join(', ')}`] : []),
    ...(detect.soaNames.length > 0 ? [`${detect.soaNames.join(', ')} in the SOA record`] : []),
  ].join('; ');
  const open = new Map(commands.flatMap(({ values }) => Object.entries(values)));
  return [
    `${tones.bold(row.name)} (${row.id})`,
    '',
    ...field('Recognised', signs === '' ? `only by --dns-host ${row.id}` : signs),
    ...field('Which one', detect.tellApart ?? ''),
    ...field('Console', page?.path ?? ''),
    ...field('', page?.url ?? ''),
    ...commands.flatMap((command, index) => [
      ...field(index === 0 ? 'Commands' : '', `${DOES[command.does]}${typesOf(command)}:`),
      `${INDENT}${tones.typed(command.text)}`,
      ...partsOf(command).map((line) => `${INDENT}${tones.dim(line)}`),
    ]),
    ...[...open].flatMap(([name, where], index) => field(index === 0 ? 'Values' : '', `{${name}}: ${where}`)),
    ...field('API', api ?? ''),
    ...pitfalls.flatMap(({ text }, index) => field(index === 0 ? 'Mind' : '', text)),
    ...field('Checked', `${checkedText(row)}; confidence ${row.confidence}${confirmationMark(isConfirmed(row, now))}`),
    ...sources.flatMap((source, index) => field(index === 0 ? 'Sources' : '', source)),
  ];
}

function typesOf({ types }: DnsHostCommand): string {
  return types === null ? '' : ` (${types.join(', ')})`;
}

/** @returns what stands at the parts of a command that have templates of their own. */
function partsOf({ each, body, lines }: DnsHostCommand): string[] {
  return [
    ...(each === null ? [] : [`{each}: ${each}`]),
    ...(body === null ? [] : [`{body}: ${JSON.stringify(body)}`]),
    ...(lines ?? []).map(({ text }) => `{lines}: ${text}`),
  ];
}

function checkedText({ verifiedOn, provenance }: DnsHost): string {
  return `${verifiedOn ?? 'no date'}, by ${provenanceWords(provenance)}`;
}

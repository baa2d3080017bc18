/** Runs `mailcheck providers [id]`, which prints what mailcheck knows about hosting providers. */

import { providers, relayOf } from '../../knowledge/providers/catalogue.ts';
import type { Provider } from '../../knowledge/providers/schema.ts';
import { isConfirmed } from '../../knowledge/verification.ts';
import { confirmationMark, NOT_CONFIRMED } from '../../report/confirmation.ts';
import { count } from '../../report/count.ts';
import { EXIT } from '../../report/status.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { wrap } from '../../reporters/layout.ts';
import { controlWords, egressWords, provenanceWords } from '../../reporters/provider-words.ts';
import type { Tones } from '../../reporters/tones.ts';
import { PROVIDERS_OPTIONS, type ProvidersOptions } from '../options/command-options.ts';
import { knownProvider } from '../options/provider.ts';
import { optionReader } from '../options/read.ts';
import { stdoutTones, warn, writeText } from '../terminal/output.ts';
import { columns } from './columns.ts';

/**
 * Prints the page of one provider, or the table of all.
 *
 * @returns the exit code.
 * @throws UsageError for an unknown provider or format.
 */
export async function providersCommand(id: string | undefined, options: ProvidersOptions): Promise<number> {
  const read = optionReader(PROVIDERS_OPTIONS, options);
  const format = await read.read('format');
  const isAll = (await read.read('all')) ?? false;
  const shown = id === undefined ? providers.filter(({ status }) => isAll || status === 'active') : knownProvider(id);
  const tones = stdoutTones();
  const now = Date.now();
  const text =
    format === 'json'
      ? jsonText(shown)
      : `${('id' in shown ? onePage(shown, tones, now) : table(shown, tones, now)).join('\n')}\n`;
  await writeText(process.stdout, text);
  // The table says so itself, and JSON has no place for it.
  if (format === 'json' && !('id' in shown) && shown.length < providers.length) {
    warn(hiddenText(providers.length - shown.length));
  }
  return EXIT.ok;
}

function table(rows: readonly Provider[], tones: Tones, now: number): string[] {
  const noteOf = (row: Provider): string =>
    row.status === 'active' ? (isConfirmed(row, now) ? '' : NOT_CONFIRMED) : row.status;
  const cells = [
    ['provider', 'outbound port 25', 'PTR', ''],
    ...byId(rows).map((row) => [row.id, egressWords(row.port25), controlWords(row.ptr.control), noteOf(row)]),
  ];
  const [head = '', ...lines] = columns(cells);
  return [tones.bold(head), ...lines, ...leftOut(providers.length - rows.length)];
}

/** The list shows ids, so it is in their order. The generic rows are last. */
function byId(rows: readonly Provider[]): Provider[] {
  return [...rows].sort((a, b) => Number(a.generic) - Number(b.generic) || a.id.localeCompare(b.id, 'en'));
}

const hiddenText = (number: number): string =>
  `${count(number, 'provider has', 'providers have')} closed or changed name. List them: mailcheck providers --all`;

function leftOut(number: number): string[] {
  if (number === 0) return [];
  return ['', hiddenText(number)];
}

function onePage(row: Provider, tones: Tones, now: number): string[] {
  const field = (label: string, text: string): string[] =>
    text === '' ? [] : wrap(text, 80, ' '.repeat(13), tones.dim(label.padEnd(13)));
  const { detect, port25, ptr, ipv6, blockReputation, relay } = row;
  const closed = port25.portsClosed.length > 0 ? ` (outbound ports: ${port25.portsClosed.join(', ')})` : '';
  const signs = [
    ...(detect.asns.length > 0 ? [`AS${detect.asns.join(', AS')}`] : []),
    ...(detect.ptrSuffixes.length > 0 ? [`PTR records under ${detect.ptrSuffixes.join(', ')}`] : []),
    ...(detect.nsSuffixes.length > 0 ? [`reverse zones at ${detect.nsSuffixes.join(', ')}`] : []),
  ].join('; ');
  return [
    `${tones.bold(row.name)} (${row.id})`,
    '',
    ...(row.history === null ? [] : field('Status', `${row.status}. ${row.history}`)),
    ...(row.successor === null ? [] : field('Successor', row.successor)),
    ...field('Recognised', row.generic || signs === '' ? `only by --provider ${row.id}` : signs),
    ...field('Port 25', `${egressWords(port25)}${closed}. ${port25.note}`),
    ...field('', port25.url ?? ''),
    ...field('PTR', `${controlWords(ptr.control)}${ptr.ui === '' ? '' : `: ${ptr.ui}`}. ${ptr.note}`.trim()),
    ...ptr.commands.flatMap((command, index) => [
      ...field('', labelOf(command) === labelOf(ptr.commands[index - 1]) ? '' : labelOf(command)),
      `${' '.repeat(13)}${tones.typed(command.text)}`,
    ]),
    ...field('', ptr.url ?? ''),
    ...field('PTR of IPv6', `${controlWords(ipv6.ptr)}${ipv6.ui === null ? '' : `: ${ipv6.ui}`}. ${ipv6.note}`.trim()),
    ...field('Block lists', blockReputation.note),
    ...field('Which one', detect.tellApart ?? ''),
    ...relayFields(relay).flatMap((text, index) => field(index === 0 ? 'Relay' : '', text)),
    ...field('Checked', `${checkedText(row)}; confidence ${row.confidence}${confirmationMark(isConfirmed(row, now))}`),
    ...row.sources.flatMap((source, index) => field(index === 0 ? 'Sources' : '', source)),
  ];
}

/** @returns for which case and which address family a command is, with a colon. Empty for a command for all, and for none. */
function labelOf(command: Provider['ptr']['commands'][number] | undefined): string {
  if (command === undefined) return '';
  const { for: its, family } = command;
  const words = [its, family === null ? null : `IPv${family}`].filter((word) => word !== null);
  return words.length === 0 ? '' : `${words.join(', ')}:`;
}

/** @returns the relay with its ports, and each of its endpoints. */
function relayFields(id: string | null): string[] {
  const relay = id === null ? undefined : relayOf(id);
  if (relay === undefined) return [];
  return [
    `${relay.name}, port ${relay.ports.join(', ')}`,
    ...relay.endpoints.map(({ region, host, spfInclude }) => {
      const spf = spfInclude === null ? 'its console shows the SPF record' : `SPF include:${spfInclude}`;
      return `${region === null ? '' : `${region}: `}${host}; ${spf}`;
    }),
    ...(relay.note === '' ? [] : [relay.note]),
  ];
}

function checkedText({ verifiedOn, provenance }: Provider): string {
  return `${verifiedOn ?? 'no date'}, by ${provenanceWords(provenance)}`;
}

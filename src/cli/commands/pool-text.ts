/** Formats the ranked pool for a terminal: one block for each address, the best one first. */

import type { PoolEntry, PoolListing, PoolStatus, PtrState } from '../../pool/rank.ts';
import { count } from '../../report/count.ts';
import { wrap } from '../../reporters/layout.ts';
import { printable } from '../../reporters/printable.ts';
import type { Tones } from '../../reporters/tones.ts';

const MARKS: Record<PoolStatus, { readonly symbol: string; readonly word: string }> = {
  clean: { symbol: '✔', word: 'clean' },
  minor: { symbol: '!', word: 'minor' },
  unknown: { symbol: '?', word: 'unknown' },
  listed: { symbol: '✖', word: 'LISTED' },
};

const PTR_WORDS: Record<PtrState, string> = {
  own: 'PTR record in the domain',
  confirmed: 'PTR record that resolves back',
  generic: 'default PTR record of the provider',
  mismatch: 'PTR record that does not resolve back',
  absent: 'no PTR record',
  unknown: 'PTR record unknown',
};

const WIDTH = 80;
const INDENT = ' '.repeat(17);

/** @returns the ranking as text with a final newline. All text from the network is made safe to print. */
export function formatPool(
  entries: readonly PoolEntry[],
  { domain, resolvers, tones }: { domain: string; resolvers: readonly string[]; tones: Tones },
): string {
  const column = Math.max(...entries.map(({ ip }) => ip.length));
  const lines = [
    tones.bold(`mailcheck pool ${printable(domain)}: ${count(entries.length, 'address', 'addresses')}, cleanest first`),
    tones.dim(`Resolver ${resolvers.join(', ')}`),
    '',
    ...entries.flatMap((entry) => entryLines(entry, column, tones)),
    '',
    ...verdict(entries).map((line) => tones.bold(line)),
    ...specialTexts(entries),
    tones.dim(tally(entries)),
  ];
  return `${lines.join('\n')}\n`;
}

function entryLines(entry: PoolEntry, column: number, tones: Tones): string[] {
  const { rank, ip, status, lists, listings, block, unknown, notVerified } = entry;
  const { symbol, word } = MARKS[status];
  const head = `${String(rank).padStart(3)}. ${toneser(status, tones)(`${symbol} ${word.padEnd(8)}`)} ${ip.padEnd(column)}  clean on ${lists.clean} of ${lists.asked}`;
  const below = [
    ptrText(entry),
    ...listings.map(listingText),
    ...block.map((listing) => `its network: ${listingText(listing)}`),
    ...unknownTexts(unknown),
    ...(notVerified.length > 0 ? [`test entries not seen: ${notVerified.join(', ')}`] : []),
  ];
  return [
    head,
    ...below.flatMap((text) => wrap(printable(text), WIDTH, `${INDENT}  `, INDENT)).map((line) => tones.dim(line)),
  ];
}

/** The most zones that are named for one reason. If there are more, only their number is shown. */
const MAX_ZONES = 4;

function unknownTexts(unknown: PoolEntry['unknown']): string[] {
  return [...new Set(unknown.map(({ reason }) => reason))].map((reason) => {
    const zones = unknown.filter((row) => row.reason === reason).map(({ zone }) => zone);
    return `no answer: ${zones.length > MAX_ZONES ? count(zones.length, 'list') : zones.join(', ')} (${reason})`;
  });
}

function specialTexts(entries: readonly PoolEntry[]): string[] {
  return [...new Set(entries.map(({ special }) => special))].flatMap((special) => {
    if (special === null) return [];
    const ips = entries.filter((entry) => entry.special === special).map(({ ip }) => ip);
    const rest = ips.length > 1 ? ` and ${ips.length - 1} more` : '';
    return wrap(`${ips[0]}${rest} cannot send mail to the internet: ${special}.`, WIDTH);
  });
}

function ptrText({ ptr }: PoolEntry): string {
  const words = PTR_WORDS[ptr.state];
  return ptr.names.length === 0 ? words : `${ptr.names.slice(0, 3).join(', ')} (${words})`;
}

function listingText({ list, codes, network, impact, txt }: PoolListing): string {
  const what = `${list}${codes.length > 0 ? ` ${codes.join(', ')}` : ''}${network === null ? '' : ` ${network}`}`;
  return `${what}, impact ${impact}${txt.length > 0 ? `: ${txt.join(' ')}` : ''}`;
}

function verdict(entries: readonly PoolEntry[]): string[] {
  const [first] = entries;
  if (first === undefined) return [];
  const best = entries.filter(({ status }) => status === 'clean' || status === 'minor');
  if (best.length === 0) {
    return first.status === 'unknown'
      ? ['Keep none yet: the lists did not say whether these addresses are clean.']
      : ['Keep none: return these addresses and get others.'];
  }
  return wrap(
    `Keep ${best
      .slice(0, 3)
      .map(({ ip }) => ip)
      .join(', then ')}.`,
    WIDTH,
  );
}

function tally(entries: readonly PoolEntry[]): string {
  return (['clean', 'minor', 'unknown', 'listed'] as const)
    .map((status) => ({ status, number: entries.filter((entry) => entry.status === status).length }))
    .filter(({ number }) => number > 0)
    .map(({ status, number }) => `${number} ${MARKS[status].word}`)
    .join(', ');
}

function toneser(status: PoolStatus, tones: Tones): (text: string) => string {
  switch (status) {
    case 'clean':
      return tones.pass;
    case 'minor':
      return tones.warn;
    case 'unknown':
      return tones.inconclusive;
    case 'listed':
      return tones.fail;
  }
}

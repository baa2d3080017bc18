/**
 * Finds the words in a PTR name that mark the line of an end user. The table follows two filters: SpamAssassin's
 * RDNS_DYNAMIC (rules/20_dynrdns.cf) and Rspamd's HFILTER_HOSTNAME (hfilter.lua). Both add points and reject nothing by
 * themselves. Most of their patterns want numbers of the line beside the word: a word alone is in the names of many
 * mail servers.
 */

/** What the filters make of the words of one row. */
interface Row {
  readonly words: readonly string[];
  /** The filters that score the word without numbers of the line. Empty when none does. */
  readonly alone: readonly Filter[];
  /** Whether SpamAssassin takes the word and two numbers for a line (`__RDNS_DYNAMIC_DHCP`, `__RDNS_DYNAMIC_HCC`). */
  readonly withTwoNumbers: boolean;
}

type Filter = 'SpamAssassin' | 'Rspamd';

const ROWS: readonly Row[] = [
  { words: ['dyn', 'dynamic'], alone: ['SpamAssassin', 'Rspamd'], withTwoNumbers: false },
  { words: ['dhcp', 'catv'], alone: ['SpamAssassin', 'Rspamd'], withTwoNumbers: true },
  { words: ['cpe', 'docsis'], alone: ['SpamAssassin'], withTwoNumbers: true },
  { words: ['res', 'resnet', 'client', 'clients'], alone: ['SpamAssassin'], withTwoNumbers: false },
  // SpamAssassin leaves these words alone because they are in too much wanted mail.
  { words: ['dsl', 'adsl', 'xdsl', 'vdsl', 'cable'], alone: ['Rspamd'], withTwoNumbers: true },
  {
    words:
      'dynip dial dialup ppp pppoe pptp pool modem broadband bredband gprs cdma wifi nat unused-addr in-addr'.split(
        ' ',
      ),
    alone: ['Rspamd'],
    withTwoNumbers: false,
  },
  // Rspamd gives the customer and the user its lowest weight, and neither filter has the other words.
  { words: ['cust', 'customer', 'user', 'mobile'], alone: [], withTwoNumbers: false },
];

/** The words that mark a static address. A name with one of them is no line of an end user. */
const STATIC_WORDS: ReadonlySet<string> = new Set(['static', 'fix', 'fixip']);

/** What the words in a name say. */
export interface LineWords {
  /** The word, if the name reads as the line of an end user. */
  readonly line: string | undefined;
  /** The word that filters score without numbers of the line, and these filters. */
  readonly scored: { readonly word: string; readonly filters: readonly string[] } | undefined;
}

/**
 * @param host the labels in front of the registered domain.
 * @param hasAddress whether the address of the host stands in them.
 * @param isOwn whether the sender chose the name: it is below the sender's own domain. Then numbers count hosts, and only
 *   the address shows a line.
 * @returns what the words in the name say. Both members are `undefined` when they say nothing.
 */
export function lineWords(host: string, hasAddress: boolean, isOwn: boolean): LineWords {
  if (host.split(/[.\-_]/).some((part) => STATIC_WORDS.has(part))) return { line: undefined, scored: undefined };
  const found = ROWS.flatMap((row) => row.words.filter((word) => isIn(host, word)).map((word) => ({ word, row })));
  const numbered = found.find(({ word, row }) => row.withTwoNumbers && hasTwoNumbers(host, word));
  const several = found.length > 1 && /\d/.test(host) ? found[0] : undefined;
  const line = hasAddress ? found[0] : isOwn ? undefined : (numbered ?? several);
  const scored = ROWS.filter(({ alone }) => alone.length > 0)
    .flatMap(({ words, alone: filters }) => words.map((word) => ({ word, filters })))
    .find(({ word }) => isApart(host, word));
  return { line: line?.word, scored };
}

/** @returns whether one of the words stands in the labels in front of the registered domain. */
export function hasLineWord(host: string): boolean {
  return ROWS.some(({ words }) => words.some((word) => isIn(host, word)));
}

/** Tells whether the word stands in the name, perhaps with a number behind it. */
function isIn(host: string, word: string): boolean {
  return new RegExp(`(?:^|[.\\-_])${word}\\d*(?:[.\\-_]|$)`).test(host);
}

/** Tells whether the word stands apart, as the filters want it: behind another part of the name, or beside a number. */
function isApart(host: string, word: string): boolean {
  return new RegExp(`[.-]${word}(?:[.-]|$)|(?:^|[.-])${word}[.-]\\d|\\d[.-]?${word}(?:[.-]|$)`).test(host);
}

/** Tells whether two numbers follow the word, or stand in front of the label that it is. */
function hasTwoNumbers(host: string, word: string): boolean {
  return new RegExp(`(?:^|[.\\-_])${word}[^\\d]*\\d+[^\\d]+\\d|\\d[^\\d]+\\d.*\\.${word}(?:\\.|$)`).test(host);
}

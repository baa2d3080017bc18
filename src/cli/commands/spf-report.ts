/**
 * Evaluates and formats one SPF check for `mailcheck spf <ip> <sender>`: its result, and the tree of evaluated terms.
 */

import type { Resolver } from '../../network/dns/answer.ts';
import { parseIp } from '../../network/ip.ts';
import { count } from '../../report/count.ts';
import { breakLines } from '../../reporters/layout.ts';
import { printable } from '../../reporters/printable.ts';
import { type Tones, tonesFor } from '../../reporters/tones.ts';
import {
  checkHost,
  MAX_LOOKUPS,
  MAX_VOID_LOOKUPS,
  type MatchedTerm,
  type RecordTrace,
  type SpfProblem,
  type SpfResult,
  type TermTrace,
} from '../../standards/spf/index.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** What one SPF check needs. */
export interface SpfArguments {
  readonly ip: string;
  /** The envelope sender: an address, a domain, or `''` or `<>` for an empty reverse path. */
  readonly sender: string;
  /** The HELO name, which an empty sender needs (RFC 7208 §2.4). The default is "unknown". */
  readonly helo?: string;
  readonly resolver: Resolver;
}

/** The JSON of `mailcheck spf --format json`. */
export interface SpfReport {
  readonly result: SpfResult;
  /** The domain's explanation of a fail (RFC 7208 §6.2), or `null`. */
  readonly explanation: string | null;
  readonly domain: string;
  readonly ip: string;
  readonly sender: string;
  readonly helo: string;
  /** The number of terms that needed a DNS lookup, which RFC 7208 §4.6.4 limits to 10. */
  readonly lookups: number;
  /** The number of lookups that found no record, which RFC 7208 §4.6.4 limits to 2. */
  readonly voidLookups: number;
  /** The terms that matched, from the domain's own record to the innermost include. */
  readonly matched: readonly MatchedTerm[];
  /** The reason for a permerror or temperror, or `null`. */
  readonly problem: SpfProblem | null;
  readonly trace: RecordTrace;
}

/**
 * Evaluates SPF for one address and sender (RFC 7208).
 *
 * @throws UsageError for text that is no IP address, and for an empty sender without a HELO name.
 */
export async function runSpf({ ip: text, sender, helo, resolver }: SpfArguments): Promise<SpfReport> {
  const ip = parseIp(text.trim().replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1'));
  if (!ip) {
    throw new UsageError(`${quoteInput(text)} is not an IP address. Type: mailcheck spf 203.0.113.5 user@example.com`);
  }
  if (helo === undefined && (sender === '' || sender === '<>')) {
    throw new UsageError('SPF judges a bounce by its HELO name. Type it: --helo mail.example.com');
  }
  const outcome = await checkHost({ ip, sender, heloName: helo ?? 'unknown', resolver });
  const { result, explanation, domain, lookups, voidLookups, matched, problem, trace } = outcome;
  return {
    result,
    explanation,
    domain,
    ip,
    sender: outcome.sender,
    helo: outcome.heloName,
    lookups,
    voidLookups,
    matched,
    problem,
    trace,
  };
}

/**
 * The mark of each outcome, one column wide. A word follows each mark, so no meaning depends on mark or colour alone.
 */
const MARKS: Readonly<Record<TermTrace['outcome'], string>> = {
  match: '✓',
  'no-match': '·',
  error: '✗',
  'not-evaluated': ' ',
  ignored: ' ',
};

/**
 * Formats the report for a terminal. All text from the network is made safe to print.
 *
 * @param options `width` is the width of the text in columns.
 * @returns the text, with a final newline.
 */
export function formatSpf(
  report: SpfReport,
  { tones = tonesFor(false), width = 80 }: { tones?: Tones; width?: number } = {},
): string {
  const paint = painter(report.result, tones);
  const head = [
    `${paint(tones.bold(report.result))}  ${show(report.ip)} for ${show(report.sender)}`,
    `${outOf(report.lookups, MAX_LOOKUPS)} lookups, ${outOf(report.voidLookups, MAX_VOID_LOOKUPS)} void lookups`,
  ];
  if (report.problem) head.push(...breakLines(`${show(report.problem.message)}${position(report.problem)}`, width));
  if (report.explanation !== null)
    head.push(...breakLines(`Explanation of the domain: ${show(report.explanation)}`, width));
  return `${[...head, '', ...recordLines(report.trace, '', tones, width)].join('\n')}\n`;
}

function recordLines(trace: RecordTrace, indent: string, tones: Tones, width: number): string[] {
  const title = `${indent}${tones.bold(show(trace.domain))} ${painter(trace.result, tones)(trace.result)}`;
  if (trace.record === null)
    return [title, ...breakLines(show(trace.reason), width, `${indent}  `).map((line) => tones.dim(line))];
  const record = breakLines(show(trace.record), width, `${indent}  `).map((line) => tones.dim(line));
  return [title, ...record, ...trace.terms.flatMap((term) => termLines(term, `${indent}  `, tones, width))];
}

function termLines(term: TermTrace, indent: string, tones: Tones, width: number): string[] {
  const cost =
    term.lookups > 0
      ? `  [${count(term.lookups, 'lookup')}${term.voidLookups > 0 ? `, ${term.voidLookups} void` : ''}]`
      : '';
  const text = `${MARKS[term.outcome]} ${show(term.text)}: ${outcomeWords(term)}${cost}`;
  const paint = termPainter(term, tones);
  const lines = breakLines(text, width, `${indent}    `, indent).map((line) => paint(line));
  return term.record ? [...lines, ...recordLines(term.record, `${indent}  `, tones, width)] : lines;
}

function outcomeWords({ outcome, reason }: TermTrace): string {
  switch (outcome) {
    case 'match':
      return `match, ${show(reason)}`;
    case 'no-match':
      return `no match, ${show(reason)}`;
    case 'error':
      return `error, ${show(reason)}`;
    case 'not-evaluated':
      return `not evaluated, ${show(reason)}`;
    case 'ignored':
      return `ignored, ${show(reason)}`;
  }
}

function termPainter({ outcome }: TermTrace, tones: Tones): (text: string) => string {
  if (outcome === 'match') return tones.pass;
  if (outcome === 'error') return tones.fail;
  return outcome === 'no-match' ? (text) => text : tones.dim;
}

function painter(result: SpfResult, tones: Tones): (text: string) => string {
  switch (result) {
    case 'pass':
      return tones.pass;
    case 'fail':
    case 'permerror':
      return tones.fail;
    default:
      return tones.warn;
  }
}

function position({ term, offset }: SpfProblem): string {
  return term === null || offset === null ? '' : ` (in "${show(term)}", at offset ${offset})`;
}

function outOf(number: number, limit: number): string {
  return `${number} of ${limit}`;
}

function show(text: string): string {
  return printable(text);
}

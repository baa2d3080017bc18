/** `mailcheck spf <ip> <sender>`: the result of one SPF check, and the tree of terms that led to it. */
import type { Resolver } from '../../network/dns/answer.ts';
import { parseIp } from '../../network/ip.ts';
import { printable } from '../../reporters/printable.ts';
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

export interface SpfArguments {
  readonly ip: string;
  /** An address, a domain, or `''` or `<>` for an empty reverse path. */
  readonly sender: string;
  /** Needed where the sender is empty; "unknown" where it is not given. */
  readonly helo?: string;
  readonly resolver: Resolver;
}

/** The JSON of `mailcheck spf --format json`. */
export interface SpfReport {
  readonly result: SpfResult;
  /** Text of the domain's own explanation of a fail, or `null`. */
  readonly explanation: string | null;
  readonly domain: string;
  readonly ip: string;
  readonly sender: string;
  readonly helo: string;
  readonly lookups: number;
  readonly voidLookups: number;
  /** The terms that decided, from the domain's own record inwards. */
  readonly matched: readonly MatchedTerm[];
  /** Why the result is permerror or temperror, or `null`. */
  readonly problem: SpfProblem | null;
  readonly trace: RecordTrace;
}

/** What `formatSpf` needs of chalk. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
}

/**
 * Checks one address and sender.
 *
 * @throws UsageError for an address that is none, and for an empty sender without a HELO name.
 */
export async function runSpf({ ip: text, sender, helo, resolver }: SpfArguments): Promise<SpfReport> {
  const ip = parseIp(text.trim().replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1'));
  if (!ip) {
    throw new UsageError(`${quoteInput(text)} is not an IP address. Type: mailcheck spf 203.0.113.5 user@example.com`);
  }
  if (helo === undefined && (sender === '' || sender === '<>')) {
    throw new UsageError('an empty sender is judged by the HELO name. Type it with --helo mail.example.com');
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

const PLAIN: Colours = {
  bold: (text) => text,
  dim: (text) => text,
  red: (text) => text,
  yellow: (text) => text,
  green: (text) => text,
};

/** One column wide each, with a word beside them: never told by the mark or its colour alone. */
const MARKS: Readonly<Record<TermTrace['outcome'], string>> = {
  match: '✓',
  'no-match': '·',
  error: '✗',
  'not-evaluated': ' ',
  ignored: ' ',
};

/** Columns of text left on every line, however deep the tree and narrow the terminal. */
const MIN_WIDTH = 30;

/** @returns the report for a person; `width` is in columns. Everything from the network is made printable first. */
export function formatSpf(
  report: SpfReport,
  { color = PLAIN, width = 80 }: { color?: Colours; width?: number } = {},
): string {
  const paint = painter(report.result, color);
  const head = [
    `${paint(color.bold(report.result))}  ${show(report.ip)} for ${show(report.sender)}`,
    `${count(report.lookups, MAX_LOOKUPS)} lookups, ${count(report.voidLookups, MAX_VOID_LOOKUPS)} void lookups`,
  ];
  if (report.problem) head.push(...wrap(`${show(report.problem.message)}${position(report.problem)}`, '', width));
  if (report.explanation !== null) head.push(...wrap(`The domain says: ${show(report.explanation)}`, '', width));
  return `${[...head, '', ...recordLines(report.trace, '', color, width)].join('\n')}\n`;
}

function recordLines(trace: RecordTrace, indent: string, color: Colours, width: number): string[] {
  const title = `${indent}${color.bold(show(trace.domain))} ${painter(trace.result, color)(trace.result)}`;
  if (trace.record === null)
    return [title, ...wrap(show(trace.reason), `${indent}  `, width).map((line) => color.dim(line))];
  const record = wrap(show(trace.record), `${indent}  `, width).map((line) => color.dim(line));
  return [title, ...record, ...trace.terms.flatMap((term) => termLines(term, `${indent}  `, color, width))];
}

function termLines(term: TermTrace, indent: string, color: Colours, width: number): string[] {
  const cost =
    term.lookups > 0
      ? `  [${plural(term.lookups, 'lookup')}${term.voidLookups > 0 ? `, ${term.voidLookups} void` : ''}]`
      : '';
  const text = `${MARKS[term.outcome]} ${show(term.text)}: ${outcomeWords(term)}${cost}`;
  const paint = termPainter(term, color);
  const lines = wrap(text, indent, width, '    ').map((line) => paint(line));
  return term.record ? [...lines, ...recordLines(term.record, `${indent}  `, color, width)] : lines;
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

function termPainter({ outcome }: TermTrace, color: Colours): (text: string) => string {
  if (outcome === 'match') return color.green;
  if (outcome === 'error') return color.red;
  return outcome === 'no-match' ? (text) => text : color.dim;
}

function painter(result: SpfResult, color: Colours): (text: string) => string {
  switch (result) {
    case 'pass':
      return color.green;
    case 'fail':
    case 'permerror':
      return color.red;
    default:
      return color.yellow;
  }
}

function position({ term, offset }: SpfProblem): string {
  return term === null || offset === null ? '' : ` (in "${show(term)}", at offset ${offset})`;
}

function count(number: number, limit: number): string {
  return `${number} of ${limit}`;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function show(text: string): string {
  return printable(text);
}

/** Breaks at spaces, and inside a word only where it is longer than a line. */
function wrap(text: string, indent: string, width: number, hanging = ''): string[] {
  const room = Math.max(MIN_WIDTH, width - indent.length - hanging.length);
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || longer.length <= room) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
    while (line.length > room) {
      lines.push(line.slice(0, room));
      line = line.slice(room);
    }
  }
  lines.push(line ?? '');
  return lines.map((part, index) => `${indent}${index === 0 ? '' : hanging}${part}`);
}

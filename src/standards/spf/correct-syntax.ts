/**
 * Corrects common typing errors in SPF records: `ipv4:` for `ip4:`, a full stop at the end, a dash of a word processor.
 */
import type { OctetString } from '../../network/dns/answer.ts';
import { isSpfRecord, parseRecord } from './parse.ts';

/** The dashes and the minus sign of word processors, as octets of UTF-8. */
const DASHES = /\u00e2\u0080[\u0090-\u0095]|\u00e2\u0088\u0092/g;

/** White space except the space itself. The no-break space of web pages is in octets of UTF-8 or of Latin-1. */
const OTHER_SPACES = /(?:[\t\r\n]|\u00c2?\u00a0)+/g;

/** Longest record in octets that is corrected. People do not type longer ones. */
const MAX_REPAIRED_OCTETS = 4096;

/** @returns the record without its syntax errors, or `null` when the intended meaning of one is not clear. */
export function correctSyntax(text: OctetString): string | null {
  if (text.length > MAX_REPAIRED_OCTETS) return null;
  const joined = text
    .replace(DASHES, '-')
    .replace(OTHER_SPACES, ' ')
    .replace(/ ([-~?+]) +all\b/i, ' $1all');
  if (!isSpfRecord(joined)) return null;
  const record = parseRecord(joined);
  const terms: { offset: number; text: string }[] = record.terms.map(({ offset, text: term }) => ({
    offset,
    text: term,
  }));
  for (const { term, offset, kind } of record.problems) {
    if (kind === 'duplicate-modifier') continue;
    const correct = correctTerm(term);
    if (correct === null) return null;
    terms.push({ offset, text: correct });
  }
  const texts = terms.sort((a, b) => a.offset - b.offset).map((term) => term.text);
  const repaired = ['v=spf1', ...texts].join(' ');
  return parseRecord(repaired).problems.length === 0 ? repaired : null;
}

function correctTerm(term: string): string | null {
  const parts = term.split(/[,;]+/).filter((part) => part !== '');
  const correct = parts.map(correctPart);
  return correct.length === 0 || correct.includes(null) ? null : correct.join(' ');
}

function correctPart(part: string): string | null {
  if (isValidTerm(part)) return part;
  const [, qualifier = '', body = ''] = /^([-~?+]?)(.*)$/s.exec(part) ?? [];
  for (const candidate of candidates(body)) {
    if (isValidTerm(qualifier + candidate)) return qualifier + candidate;
  }
  return null;
}

function* candidates(body: string): Generator<string> {
  // `all.`, `ip4:192.0.2.1.`, `all"`
  const trimmed = body.replace(/[.:"'\\]+$/, '');
  yield trimmed;
  yield trimmed.replace(/^(redirect|exp):/i, '$1=');
  yield trimmed.replace(/^includes?[:=]+/i, 'include:');
  yield trimmed.replace(/^al+$/i, 'all');
  // `ip4:192.0.2.0/024`
  yield trimmed.replace(/\/0+(\d)/, '/$1');
  // `ipv4:`, `ip:`, `ip4=`, `a:192.0.2.1`, `ip4:2001:db8::1`, or an address alone.
  const network = trimmed.replace(/^(ipv?[46]?|a|mx|include|ptr)[:=]+/i, '');
  yield `ip4:${network}`;
  yield `ip6:${network}`;
}

function isValidTerm(term: string): boolean {
  return term !== '' && parseRecord(`v=spf1 ${term}`).problems.length === 0;
}

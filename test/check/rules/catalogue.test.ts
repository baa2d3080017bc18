/** Every finding code: declared by its rule, explained, and emitted by some test. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from '../../../src/check/rules/index.ts';

/** The rule's own table; it names a code in full, or without the rule's id. */
function tableOf(ruleId: string): string {
  return readFileSync(new URL(`./${ruleId}.test.ts`, import.meta.url), 'utf8');
}

const codes = rules.flatMap((rule) => Object.entries(rule.findings).map(([code, spec]) => ({ code, spec, rule })));

test.each(codes)('$code is declared in full and expected by a test', ({ code, spec, rule }) => {
  expect(code.startsWith(`${rule.id}/`)).toBe(true);
  expect(code).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
  for (const text of [spec.title, spec.explanation, spec.reference]) expect(text.length).toBeGreaterThan(2);
  expect(spec.title).not.toMatch(/[.!]$/);
  expect(tableOf(rule.id)).toMatch(new RegExp(`'(?:${rule.id}/)?${code.slice(rule.id.length + 1)}[':,]`));
});

test.each(rules)('$id: its unfinished code is one of its own, and inconclusive', (rule) => {
  expect(rule.findings[rule.unfinished]?.severity).toBe('inconclusive');
});

test('codes and rule ids are unique', () => {
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

/** Rules in the order of the report, as a reader sees them. */
test('each rule says what it checks, and by which standard', () => {
  expect(rules.map(({ id, title, reference, unfinished }) => [id, title, reference, unfinished])).toEqual([
    ['dns', 'DNS zone and resolver', 'RFC 1034', 'dns/unreachable'],
    ['ptr', 'Reverse DNS (PTR)', 'RFC 8601 §3', 'ptr/inconclusive'],
    ['helo', 'HELO name', 'RFC 5321 §2.3.5', 'helo/unknown'],
    ['spf', 'SPF', 'RFC 7208', 'spf/inconclusive'],
    ['dkim', 'DKIM keys', 'RFC 6376', 'dkim/inconclusive'],
    ['dmarc', 'DMARC policy', 'RFC 9989', 'dmarc/inconclusive'],
    ['rbl', 'Block lists', 'RFC 5782', 'rbl/inconclusive'],
    ['provider', 'Provider', 'provider policies', 'provider/inconclusive'],
    ['egress', 'Outbound port 25', 'RFC 5321 §2.1', 'egress/inconclusive'],
    ['open-relay', 'Open relay', 'RFC 5321 §7.1', 'open-relay/inconclusive'],
    ['tls', 'TLS', 'RFC 3207', 'tls/inconclusive'],
    ['mx', 'Receiving path (MX)', 'RFC 5321 §5', 'mx/inconclusive'],
  ]);
});

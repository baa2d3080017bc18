/** Every finding code: declared by its rule, explained, and emitted by some test. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from '../src/rules/index.ts';

/** The rule's own table; it names a code in full, or without the rule's id. */
function tableOf(ruleId: string): string {
  return readFileSync(new URL(`./rules/${ruleId}.test.ts`, import.meta.url), 'utf8');
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

/** Every finding code: declared by its rule, and explained. That each appears is held by the table test of its rule. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checks, rules } from '../../../src/check/rules/index.ts';
import { parseDomain } from '../../../src/network/domain.ts';

const domain = parseDomain('example.com') ?? expect.unreachable();

const codes = rules.flatMap((rule) => Object.entries(rule.findings).map(([code, spec]) => ({ code, spec, rule })));

test.each(codes)('$code is declared in full', ({ code, spec, rule }) => {
  expect(code.startsWith(`${rule.namespace ?? rule.id}/`)).toBe(true);
  expect(code).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
  for (const text of [spec.title, spec.explanation, spec.reference]) expect(text.length).toBeGreaterThan(2);
  expect(spec.title).not.toMatch(/[.!]$/);
});

test.each(rules)('$id has a table test', ({ id }) => {
  expect(existsSync(new URL(`./${id}.test.ts`, import.meta.url))).toBe(true);
});

test.each(checks)('$id: what cannot be made is inconclusive, by a code of its own', (rule) => {
  const target = { domain, ips: [], ipSource: 'argument', selectors: [] } as const;
  for (const evidence of [
    { reason: 'no-address' },
    { reason: 'deadline' },
    { reason: 'fault', fault: 'Error: it broke' },
  ] as const) {
    const finding = rule.unfinished(evidence, target);
    expect(Object.keys(rule.findings)).toContain(finding.code);
    expect(finding.severity).toBe('inconclusive');
    expect(finding.message).toMatch(/\.$/);
    expect(finding.remediation.summary).toMatch(/^\S.{10}/);
  }
});

test('codes and rule ids are unique', () => {
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

/** Rules in the order of the report, as a reader sees them. */
test('each rule says what it checks, and by which standard', () => {
  expect(rules.map((rule) => [rule.id, rule.title, rule.reference, rule.kind])).toEqual([
    ['dns', 'DNS', 'RFC 1034', 'check'],
    ['ptr', 'PTR record', 'RFC 8601 §3', 'check'],
    ['helo', 'HELO name', 'RFC 5321 §2.3.5', 'check'],
    ['spf', 'SPF', 'RFC 7208', 'check'],
    ['dkim', 'DKIM', 'RFC 6376', 'check'],
    ['dmarc', 'DMARC', 'RFC 9989', 'check'],
    ['rbl', 'Block lists', 'RFC 5782', 'check'],
    ['provider', 'Provider', 'provider policies', 'check'],
    ['egress', 'Outbound port 25', 'RFC 5321 §2.1', 'check'],
    ['open-relay', 'Open relay', 'RFC 5321 §7.1', 'check'],
    ['tls', 'TLS', 'RFC 3207', 'check'],
    ['mx', 'MX hosts', 'RFC 5321 §5', 'check'],
    ['dnssec', 'DNSSEC', 'RFC 9364', 'check'],
    ['dane', 'DANE', 'RFC 7672', 'check'],
    ['mta-sts', 'MTA-STS', 'RFC 8461', 'check'],
    ['tls-rpt', 'TLS-RPT', 'RFC 8460', 'check'],
    ['bimi', 'BIMI', 'BIMI draft', 'check'],
    ['asked', 'Receivers, asked now', 'RFC 5321 §3.1', 'check'],
    ['receiver', 'What large receivers would answer', 'the receivers’ sender rules', 'consequence'],
  ]);
});

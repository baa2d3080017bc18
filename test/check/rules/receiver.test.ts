/** The receivers' answers as findings of a report; what each receiver would answer is tested in test/receivers. */
import { expect, test } from 'vitest';
import { findings } from '../../../src/check/rules/receiver/findings.ts';
import { exitCode } from '../../../src/report/status.ts';
import { checkIn, resultOf } from '../../world/check.ts';
import type { NameScript } from '../../world/dns.ts';
import { scenes } from '../../world/scenes.ts';

const POLICY = { allowInconclusive: 'all' as const };
const healthy = scenes.healthy.world;

async function receiverCodes(changes: Record<string, NameScript>) {
  const zone = { ...healthy.dns.zone, ...changes };
  const report = await checkIn({ ...healthy, dns: { ...healthy.dns, zone }, selectors: ['s1'] });
  const result = resultOf(report, 'receiver');
  return { report, result, codes: [...new Set(result.findings.map(({ code, severity }) => `${code}:${severity}`))] };
}

test('a healthy host: only what cannot be checked', async () => {
  const { report, codes, result } = await receiverCodes({});
  expect(codes).toEqual(['receiver/not-checkable:info']);
  expect(result.status).toBe('pass');
  expect(exitCode(report, POLICY)).toBe(0);
});

test('no reverse name: receiver/refuses, and receiver/degrades where it is only asked for', async () => {
  const { report, codes, result } = await receiverCodes({ '5.113.0.203.in-addr.arpa': 'nxdomain' });
  expect(codes).toEqual(['receiver/refuses:error', 'receiver/degrades:warning', 'receiver/not-checkable:info']);
  const affected = report.receivers.filter(({ severity }) => severity !== null).map(({ id }) => id);
  expect(affected.length).toBeGreaterThan(1);
  expect(result.findings.map(({ subject }) => subject)).toEqual([...affected, 'example.com']);
  expect(report.advice.steps.flatMap((step) => step.codes).filter((code) => code.startsWith('receiver/'))).toEqual([]);
});

test('a warning makes no receiver fail the report', async () => {
  const name = 'ip-203-0-113-5.example.com';
  const { report, codes } = await receiverCodes({
    '5.113.0.203.in-addr.arpa': { PTR: [name] },
    [name]: { A: ['203.0.113.5'] },
  });
  expect(codes).toContain('receiver/refuses:warning');
  expect(report.verdict).toBe('warn');
  expect(exitCode(report, POLICY)).toBe(0);
});

test('it is not answered for where it was not selected', async () => {
  const report = await checkIn({ ...healthy, rules: ['ptr'] });
  expect(resultOf(report, 'receiver').status).toBe('skipped');
  expect(report.receivers).toEqual([]);
});

test.each(Object.entries(findings))('%s is declared in full', (code, spec) => {
  expect(['receiver/refuses', 'receiver/degrades', 'receiver/not-checkable']).toContain(code);
  for (const text of [spec.title, spec.explanation, spec.reference]) expect(text.length).toBeGreaterThan(2);
});

/** The receivers' answers as findings of a report; what each receiver would answer is tested beside the prediction. */
import { expect, test } from 'vitest';
import receiver from '../../../src/check/rules/receiver/rule.ts';
import { exitCode, type Report } from '../../../src/report/status.ts';
import { checkIn, resultOf } from '../../world/check.ts';
import { type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import { scenes } from '../../world/scenes.ts';
import type { DnsScript } from '../../world/zone.ts';

type Code = keyof typeof receiver.findings;

const healthy = scenes.healthy.world;
const reverse = '5.113.0.203.in-addr.arpa';
const defaultName = 'ip-203-0-113-5.example.com';

const exitCodeOf = (report: Report): number => exitCode(report, { allowInconclusive: 'all' });

/** A host with everything in order, but for these names. */
function healthyBut(changes: DnsScript['zone']): Pick<RuleCase<Code>, 'zone' | 'dns' | 'hosts' | 'selectors'> {
  const { zone, ...dns } = healthy.dns;
  return { zone: { ...zone, ...changes }, dns, hosts: healthy.hosts, selectors: ['s1'] };
}

function codesAndSeverities({ findings }: Shown): string[] {
  return [...new Set(findings.map(({ code, severity }) => `${code}:${severity}`))];
}

ruleTest(receiver, [
  {
    when: 'a healthy host: only what cannot be checked',
    ...healthyBut({}),
    finds: [{ code: 'receiver/not-checkable', subject: 'example.com', about: {} }],
    status: 'pass',
    also: ({ report }) => {
      expect(exitCodeOf(report)).toBe(0);
    },
  },
  {
    when: 'no reverse name: some refuse the mail, and those that only ask for one distrust it',
    ...healthyBut({ [reverse]: 'nxdomain' }),
    finds: [
      { code: 'receiver/refuses', subject: 'gmail', about: { item: 'gmail' }, causes: ['ptr/missing'] },
      'receiver/degrades',
      'receiver/not-checkable',
    ],
    never: [],
    also: (shown) => {
      const { report, result } = shown;
      expect(codesAndSeverities(shown)).toEqual([
        'receiver/refuses:error',
        'receiver/degrades:warning',
        'receiver/not-checkable:info',
      ]);
      const affected = report.receivers.filter(({ severity }) => severity !== null).map(({ id }) => id);
      expect(affected.length).toBeGreaterThan(1);
      expect(result.findings.map(({ subject }) => subject)).toEqual([...affected, 'example.com']);
      const steps = report.advice.steps.flatMap(({ codes }) => codes);
      expect(steps.filter((code) => code.startsWith('receiver/'))).toEqual([]);
    },
  },
  {
    when: 'a default reverse name, which is a warning, makes no receiver fail the report',
    ...healthyBut({ [reverse]: { PTR: [defaultName] }, [defaultName]: { A: ['203.0.113.5'] } }),
    finds: [{ code: 'receiver/refuses', severity: 'warning', causes: ['ptr/generic'] }],
    never: [],
    also: ({ report, findings }) => {
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(report.verdict).toBe('warn');
      expect(exitCodeOf(report)).toBe(0);
    },
  },
]);

test('receiver: not selected → skipped', async () => {
  const report = await checkIn({ ...healthy, rules: ['ptr'] });
  expect(resultOf(report, 'receiver').status).toBe('skipped');
  expect(report.receivers).toEqual([]);
});

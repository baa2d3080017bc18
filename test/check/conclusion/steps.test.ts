/** The steps of the advice: what is told once, and what the plan says of the checks. */
import { expect, test } from 'vitest';
import type { AdviceStep, Report } from '../../../src/report/status.ts';
import { checkIn } from '../../world/check.ts';
import type { NameScript } from '../../world/zone.ts';

const IP = '198.51.100.7';
const NAME = 'mail.example.com';

const ZONE: Record<string, NameScript> = {
  'example.com': { MX: [`10 ${NAME}`], TXT: [`v=spf1 ip4:${IP} -all`] },
  [NAME]: { A: [IP] },
  '7.100.51.198.in-addr.arpa': { PTR: [NAME] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@example.com'] },
};

function reportOf(zone: Record<string, NameScript>, rules: readonly string[], ips = [IP]): Promise<Report> {
  return checkIn({ isInMemory: true, dns: { zone: { ...ZONE, ...zone } }, ips, helo: NAME, rules });
}

const stepsFor = ({ advice }: Report, code: string): AdviceStep[] =>
  advice.steps.filter(({ codes }) => codes.includes(code));

test('steps: several addresses of one web proxy are one step', async () => {
  const report = await reportOf({}, ['provider'], [IP, '104.21.10.20', '104.21.10.21']);
  expect(stepsFor(report, 'provider/web-proxy').map(({ subjects }) => subjects)).toEqual([
    ['104.21.10.20', '104.21.10.21'],
  ]);
});

test.each([
  ['all pass', {}, ['spf'], null],
  ['one passes', { 'example.com': { MX: [`10 ${NAME}`] } }, ['spf'], 'With these changes, SPF passes.'],
  [
    'one passes and one only warns',
    { 'example.com': { MX: [`10 ${NAME}`] }, '_dmarc.example.com': {} },
    ['spf', 'dmarc'],
    'With these changes, SPF passes; DMARC only warns.',
  ],
] as const)('plan: %s', async (_, zone, rules, summary) => {
  const { plan } = await reportOf(zone, rules);
  expect(plan?.summary ?? null).toBe(summary);
});

/** What the configuration makes of findings: severities, accepted deviations, and what follows from them. */
import { describe, expect, test } from 'vitest';
import { type Judgement, unneeded } from '../../../src/check/conclusion/judgement.ts';
import { exitCode, type Report } from '../../../src/report/status.ts';
import { closingWords } from '../../../src/reporters/closing-words.ts';
import { checkIn, resultOf } from '../../world/check.ts';
import type { NameScript } from '../../world/dns.ts';
import { scenes } from '../../world/scenes.ts';

const healthy = scenes.healthy.world;
const clock = { now: () => Date.parse('2026-03-01T23:59:59Z') };
const IP = '203.0.113.5';
const REVERSE = '5.113.0.203.in-addr.arpa';
const RULES = ['ptr', 'helo', 'spf', 'dkim', 'dmarc', 'rbl', 'receiver'];

function judged(
  judgement: Judgement,
  changes: Record<string, NameScript> = { [REVERSE]: 'nxdomain' },
  rules = RULES,
): Promise<Report> {
  const zone = { ...healthy.dns.zone, ...changes };
  return checkIn({ ...healthy, dns: { ...healthy.dns, zone }, selectors: ['s1'], rules }, { judgement, clock });
}

const accepting = (until: string, more: object = {}): Judgement => ({
  accept: [{ code: 'ptr/missing', reason: 'moves in March', until, ...more }],
});

/** `code:severity[:was default][:deviation]` of what is not a note by itself. */
function found(report: Report): string[] {
  return report.rules.flatMap(({ findings }) =>
    findings
      .filter(({ severity, defaultSeverity }) => severity !== 'info' || defaultSeverity !== undefined)
      .map(({ code, severity, defaultSeverity, deviation }) =>
        [
          code,
          severity,
          ...(defaultSeverity ? [`was ${defaultSeverity}`] : []),
          ...(deviation ? [deviation.state] : []),
        ].join(':'),
      ),
  );
}

describe('severity', () => {
  const cases: [Judgement['severity'], status: string, code: string][] = [
    [{}, 'fail', 'ptr/missing:error'],
    [{ 'ptr/missing': 'error' }, 'fail', 'ptr/missing:error'],
    [{ 'ptr/missing': 'warning' }, 'warn', 'ptr/missing:warning:was error'],
    [{ 'ptr/missing': 'info' }, 'pass', 'ptr/missing:info:was error'],
    [{ 'ptr/missing': 'off' }, 'pass', 'ptr/missing:info:was error'],
    [{ 'ptr/generic': 'off' }, 'fail', 'ptr/missing:error'],
  ];
  test.each(cases)('%j: %s', async (severity, status, code) => {
    const report = await judged({ severity: severity ?? {} });
    expect(resultOf(report, 'ptr').status).toBe(status);
    expect(found(report)).toContain(code);
  });

  test('what follows from a finding is no more severe than it, and the receivers’ table stays as it is', async () => {
    const [plain, lowered] = await Promise.all([
      judged({}),
      judged({ severity: { 'ptr/missing': 'warning', 'helo/no-fcrdns': 'off' } }),
    ]);
    expect(plain.verdict).toBe('fail');
    expect(lowered.verdict).toBe('warn');
    expect(found(lowered)).toContain('receiver/refuses:warning:was error');
    expect(lowered.receivers).toEqual(plain.receivers);
    expect(lowered.receivers.find(({ id }) => id === 'gmail')?.outcome).toBe('refuses');
  });

  test('a note can be made an error', async () => {
    const report = await judged({ severity: { 'dns/ip-not-public': 'error' } }, {}, ['dns']);
    expect(found(report)).toEqual(['dns/ip-not-public:error:was info']);
    expect(exitCode(report)).toBe(1);
  });
});

describe('accepted deviations', () => {
  const dates: [until: string, state: string, verdict: string][] = [
    ['2026-03-02', 'accepted', 'pass'],
    ['2026-03-01', 'accepted', 'pass'],
    ['2026-02-28', 'expired', 'fail'],
  ];
  test.each(dates)('until %s: %s at the end of March 1', async (until, state, verdict) => {
    const report = await judged(accepting(until));
    expect(resultOf(report, 'ptr').findings[0]?.deviation).toEqual({ reason: 'moves in March', until, state });
    expect(report.verdict).toBe(verdict);
    expect(exitCode(report)).toBe(verdict === 'pass' ? 0 : 1);
    expect(report.advice.steps.flatMap(({ codes }) => codes).includes('ptr/missing')).toBe(state === 'expired');
  });

  test('it counts nowhere, what follows from it is accepted with it, and the receivers’ answers are still told', async () => {
    const report = await judged(accepting('2026-12-31'));
    expect(found(report).filter((code) => code.startsWith('ptr/'))).toEqual(['ptr/missing:error:accepted']);
    const consequences = resultOf(report, 'receiver').findings.filter(({ code }) => code !== 'receiver/not-checkable');
    expect(consequences.length).toBeGreaterThan(3);
    expect(new Set(consequences.map(({ deviation }) => deviation?.state))).toEqual(new Set(['accepted']));
    expect(report.receivers.find(({ id }) => id === 'gmail')?.outcome).toBe('refuses');
    expect(closingWords(report)).toContain('Excused by the configuration: ');
  });

  test('a consequence with another cause is not accepted', async () => {
    const report = await judged(accepting('2026-12-31'), {
      [REVERSE]: 'nxdomain',
      'example.com': { SOA: [], NS: ['ns.example.com'], MX: ['10 mail.example.com'] },
      's1._domainkey.example.com': 'nxdomain',
    });
    const unaccepted = resultOf(report, 'receiver').findings.find(({ subject }) => subject === 'mail-ru');
    expect(unaccepted?.code).toBe('receiver/refuses');
    expect(unaccepted?.deviation).toBeUndefined();
    expect(report.verdict).toBe('fail');
  });

  const narrowings: [more: object, state: string | undefined][] = [
    [{ domain: 'Example.COM.' }, 'accepted'],
    [{ domain: 'example.net' }, undefined],
    [{ ip: IP }, 'accepted'],
    [{ ip: '203.0.113.6' }, undefined],
    [{ subject: IP }, 'accepted'],
    [{ subject: 'mail.example.com' }, undefined],
    [{ ip: IP, domain: 'example.net' }, undefined],
    [{ zone: 'zen.spamhaus.org' }, undefined],
  ];
  test.each(narrowings)('narrowed by %j: %s', async (more, state) => {
    const report = await judged(accepting('2026-12-31', more), undefined, ['ptr']);
    expect(resultOf(report, 'ptr').findings[0]?.deviation?.state).toBe(state);
  });

  test('of several, the one that holds longest', async () => {
    const accept = ['2026-01-01', '2026-05-01', '2026-04-01'].map((until) => ({
      code: 'ptr/missing',
      reason: 'r',
      until,
    }));
    const report = await judged({ accept }, undefined, ['ptr']);
    expect(resultOf(report, 'ptr').findings[0]?.deviation?.until).toBe('2026-05-01');
  });

  test('a listing by the zone of its list', async () => {
    const accept = [
      { code: 'rbl/listed', zone: 'zen.spamhaus.org', reason: 'delisting asked for', until: '2026-12-31' },
    ];

    const report = await judged(
      { accept },
      {
        '5.113.0.203.zen.spamhaus.org': { A: ['127.0.0.4'] },
        '5.113.0.203.b.barracudacentral.org': { A: ['127.0.0.2'] },
      },
      ['rbl'],
    );
    const states = resultOf(report, 'rbl').findings.map(({ evidence, deviation }) => [evidence.zone, deviation?.state]);
    expect(states).toContainEqual(['zen.spamhaus.org', 'accepted']);
    expect(states).toContainEqual(['b.barracudacentral.org', undefined]);
    expect(exitCode(report)).toBe(1);
  });
});

test('what could not be checked is neither lowered nor accepted', async () => {
  const judgement: Judgement = {
    severity: { 'ptr/lookup-failed': 'off' },
    accept: [{ code: 'ptr/lookup-failed', reason: 'flaky', until: '2026-12-31' }],
  };
  const report = await judged(judgement, { [REVERSE]: 'servfail' }, ['ptr']);
  expect(resultOf(report, 'ptr')).toMatchObject({ status: 'inconclusive', findings: [{ severity: 'inconclusive' }] });
  expect(resultOf(report, 'ptr').findings[0]?.deviation).toBeUndefined();
  expect(exitCode(report)).toBe(3);
});

describe('acceptances that nothing needs', () => {
  const missing = { code: 'ptr/missing', reason: 'r', until: '2026-12-31' };
  const cases: [name: string, changes: Record<string, NameScript>, rules: string[], accept: typeof missing, number][] =
    [
      ['what was found needs it', { [REVERSE]: 'nxdomain' }, ['ptr'], missing, 0],
      ['nothing was found', {}, ['ptr'], missing, 1],
      ['the check was not run', {}, ['spf'], missing, 0],
      ['the check could not see', { [REVERSE]: 'servfail' }, ['ptr'], missing, 0],
      ['it is about another target', {}, ['ptr'], { ...missing, ...{ domain: 'example.net' } }, 0],
    ];
  test.each(cases)('%s', async (_name, changes, rules, acceptance, expected) => {
    const report = await judged({}, changes, rules);
    expect(unneeded([acceptance], [report])).toHaveLength(expected);
  });
});

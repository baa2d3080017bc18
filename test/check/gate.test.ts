/** The gate in one run: which findings a change of DNS makes worse, and that a replay says the same. */
import { describe, expect, test } from 'vitest';
import { gated, type PublishedState } from '../../src/check/conclusion/gate.ts';
import type { Judgement } from '../../src/check/conclusion/judgement.ts';
import { specOf } from '../../src/check/rules/index.ts';
import type { ProposedZone } from '../../src/network/dns/proposal.ts';
import { compared } from '../../src/report/baseline.ts';
import { exitCode, type FindingResult, type Report, type RuleResult, statusOf } from '../../src/report/status.ts';
import { leftFindings } from '../../src/reporters/change-words.ts';
import { closingWords } from '../../src/reporters/closing-words.ts';
import { reporters } from '../../src/reporters/index.ts';
import { targetFields } from '../../src/reporters/words.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { type CheckCase, recordIn } from '../world/check.ts';
import type { DnsScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { defaultListZones } from '../world/world.ts';

type Given = Pick<FindingResult, 'code' | 'about'> & Partial<FindingResult>;

function finding({ code, about, ...others }: Given): FindingResult {
  return {
    code,
    about,
    severity: specOf(code)?.severity ?? 'error',
    title: code,
    message: code,
    explanation: '',
    subject: about.name ?? about.ip ?? 'example.com',
    rests: [{ name: 'example.com', type: 'TXT' }],
    evidence: {},
    remediation: { summary: '' },
    reference: '',
    ...others,
  };
}

function rule(id: string, findings: readonly FindingResult[]): RuleResult {
  const status = statusOf(findings);
  return { id, kind: 'check', title: id, reference: '', status, durationMs: 0, findings: [...findings] };
}

const domain = { name: 'example.com' };
const ip = { ip: '203.0.113.5' };
const ips = ['203.0.113.5'];
const missing = finding({ code: 'spf/missing', about: domain });
const several = finding({ code: 'spf/multiple-records', about: domain });
const softfail = finding({ code: 'spf/no-all', about: domain });
const unauthorised = finding({ code: 'spf/ip-not-authorized', about: ip });
const unknown = finding({ code: 'spf/inconclusive', about: { ...domain, item: 'TXT' } });
const unknownMx = finding({ code: 'spf/inconclusive', about: { ...domain, item: 'MX' } });
const unknownAt = (at: string) => finding({ code: 'spf/inconclusive', about: { ip: at } });
const cutOff = finding({ code: 'spf/inconclusive', about: {}, rests: [] });
const accepted = { deviation: { reason: 'known', until: '2027-01-31', state: 'accepted' as const } };

const published = (others: Partial<PublishedState> = {}): PublishedState => ({
  results: [],
  ips,
  newNames: new Set(),
  changed: new Set(),
  removed: new Map(),
  receiving: [],
  ...others,
});

interface Case {
  readonly when: string;
  readonly before: readonly FindingResult[];
  readonly now: readonly FindingResult[];
  readonly worse: readonly string[];
  readonly better?: readonly string[];
  readonly left?: readonly string[];
}

const cases: readonly Case[] = [
  { when: 'nothing changes', before: [missing], now: [missing], worse: [] },
  { when: 'a new error', before: [], now: [missing], worse: ['spf/missing'] },
  { when: 'a new warning', before: [], now: [softfail], worse: ['spf/no-all'] },
  { when: 'an error goes', before: [missing], now: [], worse: [], better: ['spf/missing'] },
  {
    when: 'a warning becomes an error',
    before: [{ ...missing, severity: 'warning' }],
    now: [missing],
    worse: ['spf/missing'],
  },
  {
    when: 'an error becomes a warning',
    before: [missing],
    now: [{ ...missing, severity: 'warning' }],
    worse: [],
    better: ['spf/missing'],
  },
  {
    when: 'an error takes the place of one about the same domain',
    before: [missing],
    now: [several],
    worse: [],
    better: ['spf/missing'],
    left: ['spf/multiple-records'],
  },
  {
    when: 'a record that nobody can read hides what it says of an address',
    before: [unauthorised],
    now: [several],
    worse: ['spf/multiple-records'],
  },
  { when: 'a graver fault hides a warning', before: [softfail], now: [several], worse: ['spf/multiple-records'] },
  {
    when: 'a new address is as unknown as each old one',
    before: [unknownAt('203.0.113.5')],
    now: [unknownAt('203.0.113.7')],
    worse: [],
  },
  {
    when: 'the address that a fault is about is another one',
    before: [unauthorised],
    now: [{ ...unauthorised, about: { ip: '203.0.113.7' } }],
    worse: ['spf/ip-not-authorized'],
  },
  {
    when: 'an error about an address comes where one about the domain goes',
    before: [several],
    now: [unauthorised],
    worse: ['spf/ip-not-authorized'],
    better: ['spf/multiple-records'],
  },
  {
    when: 'a record that nobody could read only warns now',
    before: [several],
    now: [softfail],
    worse: [],
    better: ['spf/multiple-records'],
    left: ['spf/no-all'],
  },
  {
    when: 'a warning comes beside an error that stays',
    before: [missing],
    now: [missing, softfail],
    worse: ['spf/no-all'],
  },
  { when: 'a check can no longer be made', before: [], now: [unknown], worse: ['spf/inconclusive'] },
  {
    when: 'a check can no longer be made, where it failed before',
    before: [missing],
    now: [unknown],
    worse: ['spf/inconclusive'],
  },
  { when: 'a check could not be made before either', before: [unknown], now: [unknown], worse: [] },
  { when: 'another lookup about the same domain fails', before: [unknown], now: [unknownMx], worse: [] },
  { when: 'the time of the run was up in both states', before: [cutOff], now: [cutOff], worse: ['spf/inconclusive'] },
  { when: 'what was accepted is accepted still', before: [], now: [{ ...missing, ...accepted }], worse: [] },
  {
    when: 'what was accepted is not any more',
    before: [{ ...missing, ...accepted }],
    now: [missing],
    worse: ['spf/missing'],
  },
];

describe('what a change makes worse', () => {
  test.each(cases)('$when', ({ before, now, worse, better = [], left = [] }) => {
    const { rules, gate } = gated([rule('spf', now)], published({ results: [rule('spf', before)] }));
    const found = rules.flatMap(({ findings }) => findings);
    expect(found.filter(({ change }) => change === 'worse').map(({ code }) => code)).toEqual(worse);
    expect(gate.better.map(({ code }) => code)).toEqual(better);
    expect([gate.worse, gate.same]).toEqual([worse.length, found.filter(({ change }) => change === 'same').length]);
    expect([gate.left, found.filter(({ change }) => change === 'left').map(({ code }) => code)]).toEqual([
      left.length,
      left,
    ]);
  });

  test('a rule that did not run over the published records is worse at a new address alone', () => {
    const listed = finding({ code: 'rbl/listed', about: ip });
    const elsewhere = finding({ code: 'rbl/listed', about: { ip: '203.0.113.7' } });
    const { rules } = gated([rule('rbl', [listed, elsewhere])], published());
    expect(rules[0]?.findings.map(({ change }) => change)).toEqual(['same', 'worse']);
  });

  test('it is worse at a new name, and where an answer that it rests on changes', () => {
    const at = (name: string, type = 'MX') =>
      finding({ code: 'tls/no-starttls', about: { name }, rests: [{ name: 'example.com', type }] });
    const { rules } = gated(
      [rule('tls', [at('mx.example.com'), at('NEW.example.com'), at('mx.example.com', 'TXT')])],
      published({ newNames: new Set(['new.example.com']), changed: new Set(['example.com TXT']) }),
    );
    expect(rules[0]?.findings.map(({ change }) => change)).toEqual(['same', 'worse', 'worse']);
  });

  test('without the published state everything is worse, and the report says what was not compared', () => {
    const { gate } = gated([rule('spf', [missing]), rule('dkim', [])], null);
    expect(gate).toMatchObject({ worse: 1, same: 0, better: [], notCompared: ['spf', 'dkim'] });
  });
});

const healthy = scenes.healthy.world;

/** A whole zone in which the DKIM key is gone. */
const WHOLE = `$ORIGIN example.com.
@ 3600 SOA ns hostmaster 1 7200 3600 1209600 3600
@ NS ns
@ MX 10 mail
@ A 203.0.113.5
@ TXT "v=spf1 ip4:203.0.113.5 -all"
ns A 192.0.2.53
mail A 203.0.113.5
mail TXT "v=spf1 a -all"
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
`;

/** A run of the gate over a healthy host, with this file as the change. The replay must give the same report. */
function change(text: string, others: Partial<CheckCase> = {}, judgement: Judgement = {}) {
  return proposing([parseZone(text, 'change.zone', 'example.com')], others, judgement);
}

function proposing(proposed: readonly ProposedZone[], others: Partial<CheckCase> = {}, judgement: Judgement = {}) {
  const { settings, ...given } = others;
  return recordIn(
    {
      ...healthy,
      selectors: ['s1'],
      helo: 'mail.example.com',
      settings: { gate: 'change', ...settings },
      rules: ['ptr', 'helo', 'spf', 'dkim', 'dmarc', 'mx', 'tls', 'mta-sts', 'receiver'],
      ...given,
    },
    { proposed, judgement },
  );
}

const worseIn = ({ rules }: Report) =>
  rules.flatMap(({ findings }) => findings.filter((one) => one.change === 'worse').map(({ code }) => code));

const connections = ({ hosts }: Awaited<ReturnType<typeof change>>) =>
  [...hosts.values()].reduce((sum, { sessions }) => sum + sessions.length, 0);

/** @returns what a run says of the findings that the change makes worse: the step, and the advice of the finding itself. */
function told({ rules, advice }: Report, code: string) {
  const [found] = rules.flatMap(({ findings }) =>
    findings.filter((one) => one.code === code && one.change === 'worse'),
  );
  const step = advice.steps.find(({ codes }) => codes.includes(code));
  return { summary: found?.remediation.summary, step: step?.summary, changes: step?.changes, commands: step?.commands };
}

const keep = (set: string) =>
  `The change removes ${set}, which is published now: keep it, unless you mean to remove it.`;

describe('a change that takes away what is published', () => {
  const key = 's1._domainkey.example.com';
  const withoutKey = {
    summary: keep(`${key} TXT`),
    step: keep(`${key} TXT`),
    changes: [],
    commands: [],
  };

  test('a removed DKIM record is kept first, and was asked for', async () => {
    const { report } = await proposing([
      { file: 'plan.yaml', format: 'octodns', records: [], removed: [{ name: key, type: 'TXT' }] },
    ]);
    expect(told(report, 'dkim/selector-missing')).toEqual(withoutKey);
    expect(report.proposed?.removedAsked).toEqual([`${key} TXT`]);
    expect(targetFields(report).find(({ label }) => label === 'Proposed')?.texts).toEqual([
      'plan.yaml: 0 records in place of what is published, 1 record set removed',
      `asked for: ${key} TXT (removed)`,
    ]);
  });

  test('a whole zone without the DKIM record', async () => {
    const { report } = await change(WHOLE);
    expect(told(report, 'dkim/selector-missing')).toEqual(withoutKey);
    for (const format of ['pretty', 'github', 'junit', 'sarif', 'markdown'] as const) {
      const text = reporters[format]([report], { color: false, verbose: false, width: 400 });
      expect(text.replace(/[`\\]/g, '')).toContain(keep(`${key} TXT`));
    }
  });

  test('an alias in the place of an address', async () => {
    const { report } = await change('mail CNAME host.example.net.', {
      dns: { ...healthy.dns, zone: { ...healthy.dns.zone, 'host.example.net': { A: ['203.0.113.5'] } } },
    });
    expect(told(report, 'mx/target-is-cname').step).toMatch(
      /^The change removes mail\.example\.com A, which is published now/,
    );
  });

  test('another target of an alias removes nothing', async () => {
    const { report } = await change(`${key}. CNAME gone.example.net.`, {
      dns: {
        ...healthy.dns,
        zone: {
          ...healthy.dns.zone,
          [key]: { CNAME: ['key.example.net'] },
          'key.example.net': healthy.dns.zone[key] ?? {},
        },
      },
    });
    expect(worseIn(report)).toContain('dkim/cname-broken');
    expect(told(report, 'dkim/cname-broken').step).not.toContain('The change removes');
  });

  test('what was missing before is not called removed', async () => {
    const { report } = await change(WHOLE, {
      dns: { ...healthy.dns, zone: { ...healthy.dns.zone, [key]: {} } },
    });
    expect(JSON.stringify(report.advice)).not.toContain(`The change removes ${key}`);
  });

  test.each([
    {
      when: 'a null MX',
      text: '@ MX 0 .',
      code: 'mx/null-mx',
      says: 'The change stops mail to example.com: ',
      exit: 1,
    },
    { when: 'a null MX of a host that only sends', text: '@ MX 0 .', sendOnly: true, exit: 0 },
  ])('$when ends with $exit', async ({ text, code, says = '', sendOnly = false, exit }) => {
    const { report } = await change(text, { settings: { sendOnly }, rules: ['mx'] });
    expect(exitCode(report)).toBe(exit);
    if (code === undefined) return;
    const [found] = report.rules.flatMap(({ findings }) => findings.filter((one) => one.code === code));
    expect([found?.severity, found?.defaultSeverity, found?.change]).toEqual(['error', undefined, 'worse']);
    expect(found?.message).toMatch(new RegExp(`^${says}`));
  });

  test('without its MX records, mail goes to an address of the domain: an error, unless an MX host has it', async () => {
    const goes = async (address: string) => {
      const zone = { ...healthy.dns.zone, 'example.com': { A: [address], MX: ['10 mail.example.com'] } };
      const { report } = await recordIn(
        { ...healthy, dns: { ...healthy.dns, zone }, rules: ['mx'], settings: { gate: 'change' } },
        {
          proposed: [
            { file: 'plan.json', format: 'terraform', records: [], removed: [{ name: 'example.com', type: 'MX' }] },
          ],
        },
      );
      const [found] = report.rules.flatMap(({ findings }) => findings.filter(({ code }) => code === 'mx/none'));
      return [found?.severity, exitCode(report), told(report, 'mx/none').step];
    };
    expect(await goes('198.51.100.80')).toEqual(['error', 1, keep('example.com MX')]);
    expect(await goes('203.0.113.5')).toEqual(['warning', 0, keep('example.com MX')]);
  });

  test('the configuration may still call it a warning', async () => {
    const { report } = await change('@ MX 0 .', { rules: ['mx'] }, { severity: { 'mx/null-mx': 'warning' } });
    expect([worseIn(report), exitCode(report)]).toEqual([['mx/null-mx'], 0]);
  });
});

describe('a run of the gate', () => {
  test('makes no SMTP connection, and says which checks that leaves out', async () => {
    const run = await change('www A 198.51.100.9');
    expect([connections(run), run.report.verdict, exitCode(run.report)]).toEqual([0, 'pass', 0]);
    expect(run.report.rules.find(({ id }) => id === 'tls')?.skipReason).toBe(
      'no SMTP connection for a change of DNS (--smtp)',
    );
  });

  test('connects with smtp, and a fault of the host is as before', async () => {
    const run = await change('www A 198.51.100.9', {
      hosts: { '203.0.113.5': { name: 'mail.example.com' } },
      settings: { smtp: true },
    });
    expect(connections(run)).toBeGreaterThan(0);
    expect(run.report.rules.find(({ id }) => id === 'tls')?.findings.map(({ code, change }) => [code, change])).toEqual(
      [['tls/no-starttls', 'same']],
    );
    expect(exitCode(run.report)).toBe(0);
  });

  test('a receiver that rejects mail by the change is worse too', async () => {
    const { report } = await change('@ TXT "v=spf1 ip4:203.0.113.6 -all"');
    expect(worseIn(report)).toEqual(expect.arrayContaining(['spf/ip-not-authorized', 'receiver/refuses']));
    expect(report.gate?.worse).toBe(
      report.rules
        .filter(({ kind }) => kind === 'check')
        .flatMap(({ findings }) => findings.filter((one) => one.change === 'worse')).length,
    );
    expect([report.verdict, exitCode(report)]).toEqual(['fail', 1]);
  });

  test('a new include that nobody answers for is incomplete', async () => {
    const zone: DnsScript['zone'] = { ...healthy.dns.zone, 'spf.example.net': { TXT: 'servfail' } };
    const { report } = await change('@ TXT "v=spf1 include:spf.example.net -all"', {
      dns: { ...healthy.dns, zone },
    });
    expect([report.verdict, exitCode(report)]).toEqual(['inconclusive', 3]);
    expect(exitCode(report, { allowInconclusive: ['spf', 'receiver'] })).toBe(0);
  });

  test('the addresses of the MX hosts are those of each state', async () => {
    const { report } = await change('@ MX 10 new.example.com.\nnew A 203.0.113.7', { ips: [] });
    expect(report.target.ips).toEqual(['203.0.113.7']);
    expect(worseIn(report)).toContain('ptr/missing');
    expect(report.gate?.notCompared).toEqual([]);
  });

  test('a fault of a host that the change makes an MX host is worse, though its address is as before', async () => {
    const zone: DnsScript['zone'] = { ...healthy.dns.zone, 'other.example.com': { A: ['203.0.113.5'] } };
    const world = { dns: { ...healthy.dns, zone }, rules: ['tls', 'mx'], settings: { smtp: true } };
    const tls = (report: Report) =>
      report.rules.find(({ id }) => id === 'tls')?.findings.map(({ code, change }) => [code, change]);
    const { report } = await change('@ MX 10 other.example.com.', world);
    expect(tls(report)).toContainEqual(['tls/cert-name-mismatch', 'worse']);
    const { report: same } = await change('@ MX 10 other.example.com.', {
      ...world,
      dns: { ...healthy.dns, zone: { ...zone, 'example.com': { MX: ['10 other.example.com'] } } },
    });
    expect(tls(same)).toContainEqual(['tls/cert-name-mismatch', 'same']);
  });

  test('a name that is on a block list is worse where the change brings it in', async () => {
    const { zone } = healthy.dns;
    const listed = {
      dns: {
        ...healthy.dns,
        zone: {
          ...zone,
          ...defaultListZones({ 'dbl.spamhaus.org': { 'example.net': { A: ['127.0.1.2'] } } }),
          'mail.example.net': { A: ['203.0.113.5'] },
        },
      },
      rules: ['rbl', 'ptr'],
    };
    const changes = async (text: string, dns = listed.dns) => {
      const { report } = await recordIn(
        { ...healthy, ...listed, dns, settings: { gate: 'change' } },
        { proposed: [parseZone(text, 'change.zone', 'example.com')] },
      );
      return report.rules
        .flatMap(({ findings }) => findings)
        .flatMap(({ code, change }) => (code.startsWith('rbl/') && change !== undefined ? [[code, change]] : []));
    };
    const ptr = '5.113.0.203.in-addr.arpa';
    expect(await changes(`${ptr}. PTR mail.example.net.`)).toContainEqual(['rbl/domain-listed', 'worse']);
    const before = { ...listed.dns, zone: { ...listed.dns.zone, [ptr]: { PTR: ['mail.example.net'] } } };
    expect(await changes('www A 198.51.100.9', before)).toContainEqual(['rbl/domain-listed', 'same']);
  });

  test('a lesser fault in the place of a graver one is left, and no format says that it was there before', async () => {
    const dns = { ...healthy.dns, zone: { ...healthy.dns.zone, '_dmarc.example.com': {} } };
    const { report } = await change('_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"', {
      dns,
      rules: ['dmarc'],
    });
    expect([report.gate?.worse, report.gate?.left, report.gate?.same]).toEqual([0, 1, 0]);
    expect(exitCode(report, { failOn: 'warning' })).toBe(0);
    expect(closingWords(report)).toContain('0 worse, 1 better, 1 left in its place, 0 as before');
    const [left] = leftFindings(report);
    expect(left).toMatchObject({ code: 'dmarc/policy-none' });
    for (const format of ['pretty', 'markdown', 'html'] as const) {
      const text = reporters[format]([report], { color: false, verbose: false, width: 400 });
      expect(text).toContain(`${left?.word}: ${left?.title}`);
      expect(text).not.toContain('as before: DMARC');
    }
  });

  test('gate all judges the state, as a run without a gate does', async () => {
    const zone: DnsScript['zone'] = { ...healthy.dns.zone, '_dmarc.example.com': {} };
    const dns = { ...healthy.dns, zone };
    const judged = async (gate: 'change' | 'all') => {
      const { report } = await change('www A 198.51.100.9', { dns, settings: { gate } });
      return [report.verdict, report.gate?.worse, exitCode(report, { failOn: 'warning' })];
    };
    expect(await judged('change')).toEqual(['pass', 0, 0]);
    expect(await judged('all')).toEqual([expect.stringMatching(/fail|warn/), undefined, 1]);
  });

  test('a warning that the change adds fails with failOn: warning, and not where the baseline knows it', async () => {
    const { report } = await change('_dmarc TXT "v=DMARC1; p=none"');
    expect([report.verdict, exitCode(report), exitCode(report, { failOn: 'warning' })]).toEqual(['warn', 0, 1]);
    const known = compared(report, { file: 'known.json', reports: [report] });
    expect(exitCode(known, { failOn: 'warning' })).toBe(0);
  });

  test('what the configuration accepts is not worse', async () => {
    const accept = [{ code: 'spf/ip-not-authorized', reason: 'another host sends', until: '2099-12-31' }];
    const { report } = await change('@ TXT "v=spf1 ip4:203.0.113.6 -all"', {}, { accept });
    expect([worseIn(report), exitCode(report)]).toEqual([[], 0]);
  });

  test('an MX change beside a policy that senders hold: its web server is asked, and nobody with dnsOnly', async () => {
    const mta = '203.0.113.80';
    const zone: DnsScript['zone'] = {
      ...healthy.dns.zone,
      'mta-sts.example.com': { A: [mta] },
      '_mta-sts.example.com': { TXT: ['v=STSv1; id=1;'] },
    };
    const body = 'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n';
    const world = { dns: { ...healthy.dns, zone }, web: { [mta]: { body } } };
    const text = '@ MX 10 new.example.com.\nnew A 203.0.113.7';
    const run = await change(text, world);
    const { findings = [] } = run.report.rules.find(({ id }) => id === 'mta-sts') ?? {};
    expect(findings.map(({ code, change, place }) => [code, change, place])).toEqual([
      ['mta-sts/change-not-covered', 'worse', { file: 'change.zone', line: 1 }],
    ]);
    expect([run.web.get(mta)?.requests.length, connections(run), exitCode(run.report)]).toEqual([1, 0, 1]);
    const without = await change(text, { ...world, settings: { dnsOnly: true } });
    expect([without.web.get(mta)?.requests.length, exitCode(without.report)]).toEqual([0, 0]);
  });
});

/** Tests which ways to send mail are open, and the order of the steps. */
import { describe, expect, test } from 'vitest';
import { remedy } from '../../../../src/check/conclusion/remediation/index.ts';
import { stepsOf } from '../../../../src/check/conclusion/steps.ts';
import { waysOut } from '../../../../src/check/conclusion/ways.ts';
import { checks } from '../../../../src/check/rules/index.ts';
import { providerOf, providers, relays } from '../../../../src/knowledge/providers/catalogue.ts';
import { parseIp } from '../../../../src/network/ip.ts';
import type { Remediation, RuleResult, Severity } from '../../../../src/report/status.ts';
import { NOW } from '../../../world/clock.ts';
import { NO_PLAN, resultsWith } from '../../../world/results.ts';

const ip = parseIp('203.0.113.5');

type Given = readonly [code: string, severity: Severity];

/** The action at the provider that a finding asks for. The tests of the rules check that it does. */
function atProvider(code: string): Remediation['atProvider'] {
  if (code.startsWith('ptr/')) return { action: 'set-ptr', ip: '203.0.113.5', name: 'mail.example.com' };
  return /^(?:egress|provider)\//.test(code) ? { action: 'open-port-25', provider: null } : undefined;
}

/** The results of rules that all ran to their end and found only what is given. */
function results(given: readonly Given[]): RuleResult[] {
  return resultsWith(
    given.map(([code, severity]) => {
      const action = atProvider(code);
      const remediation = { summary: code, ...(action ? { atProvider: action } : {}) };
      return { code, severity, about: { ip: '203.0.113.5' }, remediation };
    }),
  );
}

function outcome(given: readonly Given[], providerId?: string) {
  const provider = providerId === undefined ? undefined : providerOf(providerId);
  const candidates = provider ? [{ provider, signals: [{ kind: 'given' as const, value: provider.id }] }] : [];
  const ips = ip ? [ip] : [];
  const { results: remedied } = remedy(results(given), ips, () => candidates, NOW);
  const steps = stepsOf(remedied, NO_PLAN, new Map());
  return {
    ...waysOut(remedied, steps, ips, () => candidates, { now: NOW }),
    codes: steps.flatMap(({ codes }) => codes),
  };
}

const own = (given: readonly Given[], provider?: string) => outcome(given, provider).ways[0]?.state;

describe('sending from this host', () => {
  test.each<[string, readonly Given[], string | undefined, string]>([
    ['only info findings → ready', [['spf/all-softfail', 'info']], 'ovhcloud', 'ready'],
    ['only a warning → ready', [['dmarc/policy-none', 'warning']], 'ovhcloud', 'ready'],
    ['an inconclusive finding → unknown', [['rbl/inconclusive', 'inconclusive']], undefined, 'unknown'],
    ['an error to fix → after-steps', [['ptr/missing', 'error']], 'linode', 'after-steps'],
    [
      'port 25 is opened on request → after-steps',
      [['provider/port25-restricted', 'warning']],
      'linode',
      'after-steps',
    ],
    ['port 25 may be restricted, as info → ready', [['provider/port25-restricted', 'info']], 'hetzner-cloud', 'ready'],
    ['port 25 is never opened → closed', [['provider/smarthost-required', 'error']], 'digitalocean', 'closed'],
    ['port 25 was seen closed and is never opened → closed', [['egress/blocked', 'error']], 'digitalocean', 'closed'],
    [
      'port 25 was seen closed and is opened on request → after-steps',
      [['egress/blocked', 'error']],
      'vultr',
      'after-steps',
    ],
    ['SMTP is intercepted → closed', [['egress/intercepted', 'error']], undefined, 'closed'],
    [
      'the provider is gone, so the address may have another holder → after-steps',
      [['ptr/missing', 'error']],
      'gogrid',
      'after-steps',
    ],
    [
      'an email service sets the PTR record → after-steps',
      [['ptr/missing', 'error']],
      'third-party-email',
      'after-steps',
    ],
    ['no PTR record can be set → closed', [['ptr/missing', 'error']], 'fly-io', 'closed'],
  ])('%s', (_, given, provider, state) => {
    expect(own(given, provider)).toBe(state);
  });
});

test('ways: port 25 that was seen closed is an obstacle even if the configuration excuses it', () => {
  const closed = results([['egress/blocked', 'warning']]).map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) => ({ ...finding, defaultSeverity: 'error' as const })),
  }));
  const { ways, summary } = waysOut(closed, [], [], () => [], { now: NOW });
  expect(ways[0]?.state).toBe('closed');
  expect(summary).toContain('outbound port 25 is blocked, which the configuration accepts');
});

test('ways: without a completed check, nothing is known about this host', () => {
  const blind = results(checks.map(({ id }) => [`${id}/inconclusive`, 'inconclusive'] as const));
  expect(waysOut(blind, [], [], () => [], { now: NOW }).summary).toContain(
    `Nothing is known about mail from this host. Still open: ${checks.length} checks`,
  );
});

test('ways: the summary for a host that is ready names no other way', () => {
  expect(outcome([]).summary).toBe('This host is ready to send mail directly.');
});

test('ways: the summary for a closed host names a relay on an open port', () => {
  const { summary, ways } = outcome([['provider/smarthost-required', 'error']], 'digitalocean');
  expect(summary).toMatch(/^This host cannot send mail directly: DigitalOcean blocks port 25\. Instead, /);
  expect(ways.find(({ way }) => way === 'relay')?.relay).toMatchObject({ host: 'smtp.sendgrid.net', port: 2525 });
});

describe('where outbound port 25 was not tried', () => {
  const untried = (providerId: string): string => {
    const provider = providerOf(providerId);
    const candidates = provider ? [{ provider, signals: [] }] : [];
    return waysOut(resultsWith([], ['egress']), [], ip ? [ip] : [], () => candidates, { now: NOW }).summary;
  };

  test.each([
    ['google-cloud', 'Google Compute Engine blocks outbound port 25'],
    ['hetzner-cloud', 'Hetzner Cloud blocks outbound ports 25 and 465 until you ask'],
  ])('%s: nothing is said for sending from there', (provider, policy) => {
    expect(untried(provider)).toBe(
      `This run does not show whether this host can send mail. Still open: outbound port 25 was not tested (egress), and ${policy}.`,
    );
  });

  test('a provider of whom no policy is known', () => {
    expect(untried('leaseweb')).toBe(
      'No reason found not to send from this host, but outbound port 25 was not tested (egress), and it is not known whether Leaseweb blocks it.',
    );
  });

  test.each(['ovhcloud', 'third-party-email', 'equinix-metal'])('%s, of which there is nothing to say', (provider) => {
    expect(untried(provider)).toBe(
      'No reason found not to send from this host, but outbound port 25 was not tested (egress).',
    );
  });

  test('a port that was tried and is open, whatever the policy', () => {
    expect(outcome([], 'google-cloud').summary).toBe('This host is ready to send mail directly.');
  });
});

test.each(providers)(
  'ways: the relay for $id is on a port that is open there and that the relay has',
  ({ id, port25 }) => {
    const relay = outcome([], id).ways.find(({ way }) => way === 'relay')?.relay;
    if (relay === undefined) return expect(id).toBe('railway');
    expect(port25.portsClosed).not.toContain(relay.port);
    expect(relays.find(({ name }) => name === relay.name)?.ports).toContain(relay.port);
  },
);

describe('steps', () => {
  test('the address record comes before the PTR record, and that before port 25', () => {
    const given: Given[] = [
      ['egress/blocked', 'error'],
      ['ptr/missing', 'error'],
      ['helo/unresolvable', 'error'],
    ];
    expect(outcome(given, 'vultr').codes).toEqual(['helo/unresolvable', 'ptr/missing', 'egress/blocked']);
  });

  test('a default PTR name is fixed before port 25 is requested', () => {
    const given: Given[] = [
      ['provider/port25-restricted', 'error'],
      ['ptr/generic', 'warning'],
    ];
    expect(outcome(given, 'vultr').codes).toEqual(['ptr/generic', 'provider/port25-restricted']);
  });

  test('the findings of egress and provider about port 25 are one step', () => {
    const given: Given[] = [
      ['egress/blocked', 'error'],
      ['provider/port25-restricted', 'error'],
    ];
    expect(outcome(given, 'vultr').codes).toEqual(['egress/blocked', 'provider/port25-restricted']);
    const provider = providerOf('vultr');
    const candidates = provider ? [{ provider, signals: [] }] : [];
    const { results: remedied } = remedy(results(given), ip ? [ip] : [], () => candidates, NOW);
    expect(stepsOf(remedied, NO_PLAN, new Map())).toHaveLength(1);
  });
});

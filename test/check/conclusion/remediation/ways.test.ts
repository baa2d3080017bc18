/** Which way is open, and in which order the steps come. */
import { describe, expect, test } from 'vitest';
import { remedy } from '../../../../src/check/conclusion/remediation/index.ts';
import { stepsOf } from '../../../../src/check/conclusion/steps.ts';
import { waysOut } from '../../../../src/check/conclusion/ways.ts';
import { checks } from '../../../../src/check/rules/index.ts';
import { providerOf } from '../../../../src/knowledge/providers/catalogue.ts';
import { parseIp } from '../../../../src/network/ip.ts';
import type { Remediation, RuleResult, Severity } from '../../../../src/report/status.ts';
import { NOW } from '../../../world/clock.ts';
import { resultsWith } from '../../../world/results.ts';

const ip = parseIp('203.0.113.5');

type Given = readonly [code: string, severity: Severity];

/** What the findings here ask for at the provider; the rules' own tests hold that they do. */
function atProvider(code: string): Remediation['atProvider'] {
  if (code.startsWith('ptr/')) return { action: 'set-ptr', ip: '203.0.113.5', name: 'mail.example.com' };
  return /^(?:egress|provider)\//.test(code) ? { action: 'open-port-25', provider: null } : undefined;
}

/** Every rule ran to its end, but for what is given. */
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
  const remedied = remedy(results(given), ips, () => candidates, NOW);
  const steps = stepsOf(remedied);
  return {
    ...waysOut(remedied, steps, ips, () => candidates, { now: NOW }),
    codes: steps.flatMap(({ codes }) => codes),
  };
}

const own = (given: readonly Given[], provider?: string) => outcome(given, provider).ways[0]?.state;

describe('a server of one’s own, here', () => {
  test.each<[string, readonly Given[], string | undefined, string]>([
    ['nothing in the way', [['spf/all-softfail', 'info']], 'ovhcloud', 'ready'],
    ['a warning is not in the way', [['dmarc/policy-none', 'warning']], 'ovhcloud', 'ready'],
    ['something unknown', [['rbl/inconclusive', 'inconclusive']], undefined, 'unknown'],
    ['faults to settle', [['ptr/missing', 'error']], 'linode', 'after-steps'],
    ['port 25 to be asked for', [['provider/port25-restricted', 'warning']], 'linode', 'after-steps'],
    ['a hint about one of two', [['provider/port25-restricted', 'info']], 'hetzner-cloud', 'ready'],
    ['port 25 never opened', [['provider/smarthost-required', 'error']], 'digitalocean', 'closed'],
    ['closed as seen from here, and never opened', [['egress/blocked', 'error']], 'digitalocean', 'closed'],
    ['closed as seen from here, and opened on request', [['egress/blocked', 'error']], 'vultr', 'after-steps'],
    ['SMTP is redirected', [['egress/intercepted', 'error']], undefined, 'closed'],
    ['no reverse name can be set', [['ptr/missing', 'error']], 'fly-io', 'closed'],
  ])('%s', (_, given, provider, state) => {
    expect(own(given, provider)).toBe(state);
  });
});

test('port 25 that was seen closed stays closed, whatever the configuration makes of it', () => {
  const closed = results([['egress/blocked', 'warning']]).map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) => ({ ...finding, defaultSeverity: 'error' as const })),
  }));
  const { ways, summary } = waysOut(closed, [], [], () => [], { now: NOW });
  expect(ways[0]?.state).toBe('closed');
  expect(summary).toContain('outbound port 25 is closed, which the configuration excuses');
});

test('where no check could be completed, nothing is known', () => {
  const blind = results(checks.map(({ id }) => [`${id}/inconclusive`, 'inconclusive'] as const));
  expect(waysOut(blind, [], [], () => [], { now: NOW }).summary).toMatch(
    /^Nothing is known about sending from this host: 12 checks/,
  );
});

test('a host that is ready needs no other way named', () => {
  expect(outcome([]).summary).toBe('This host is ready to send mail directly.');
});

test('a closed one is told of a relay on a port that is open there', () => {
  const { summary, ways } = outcome([['provider/smarthost-required', 'error']], 'digitalocean');
  expect(summary).toMatch(
    /^A mail server of your own cannot send from here: DigitalOcean keeps port 25 closed\. Instead, /,
  );
  expect(ways.find(({ way }) => way === 'relay')?.relay).toMatchObject({ host: 'smtp.sendgrid.net', port: 2525 });
});

describe('order', () => {
  test('the address record, then the reverse name, then port 25', () => {
    const given: Given[] = [
      ['egress/blocked', 'error'],
      ['ptr/missing', 'error'],
      ['helo/unresolvable', 'error'],
    ];
    expect(outcome(given, 'vultr').codes).toEqual(['helo/unresolvable', 'ptr/missing', 'egress/blocked']);
  });

  test('a reverse name that is only bad style still comes before port 25 is asked for', () => {
    const given: Given[] = [
      ['provider/port25-restricted', 'error'],
      ['ptr/generic', 'warning'],
    ];
    expect(outcome(given, 'vultr').codes).toEqual(['ptr/generic', 'provider/port25-restricted']);
  });

  test('what was seen and what is published about port 25 are one step', () => {
    const given: Given[] = [
      ['egress/blocked', 'error'],
      ['provider/port25-restricted', 'error'],
    ];
    expect(outcome(given, 'vultr').codes).toEqual(['egress/blocked', 'provider/port25-restricted']);
    const provider = providerOf('vultr');
    const candidates = provider ? [{ provider, signals: [] }] : [];
    expect(stepsOf(remedy(results(given), ip ? [ip] : [], () => candidates, NOW))).toHaveLength(1);
  });
});

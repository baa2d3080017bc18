/**
 * Hosts and domains with one thing wrong each, judged through the whole of it: the built command line, unbound, and a
 * signed tree of BINDs. The tables are in `domain-cases.ts` and `network-cases.ts`; see README.md.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Case, domainCases } from './domain-cases.ts';
import { type Internet, RESOLVER, RESOLVER6, SINK, sinkhole, startInternet } from './internet.ts';
import { networkCases } from './network-cases.ts';
import { HOST, mailHosts } from './tree-zones.ts';

let lab: Internet;
beforeAll(async () => {
  lab = await startInternet(['relay', 'cleartext', 'selfsigned', 'expired', 'closed', 'slow', 'v4only', 'blocked']);
});
afterAll(() => lab?.close());

describe.concurrent.each([...domainCases, ...networkCases])('%s', (_, cases) => {
  test.each<Case>(cases)('%s', async (_name, args, code, rules) => {
    const judged = await lab.mailcheck(args.split(' '));
    expect({ code: judged.code, rules: judged.rules }).toEqual({ code, rules });
  });
});

describe('MX', () => {
  test('to a private address, which nothing is sent to', async () => {
    const { code, stdout } = await lab.run(
      `privatemx.example.net ${HOST} --only mx --dns ${RESOLVER} -q -f json`.split(' '),
    );
    expect(code).toBe(1);
    expect(stdout).toContain('mx/target-not-public');
  });
});

describe('DNSSEC', () => {
  test.each(['expired', 'wrong-ds'])('%s: the reason is DNSSEC', async (zone) => {
    const { report } = await lab.mailcheck([
      `${zone}.example.com`,
      HOST,
      ...'--only dns,spf,dkim,dmarc --selector s1 --helo mail.example.com'.split(' '),
    ]);
    const seen = report.rules.flatMap(({ id, findings }) =>
      JSON.stringify(findings).includes('"rcode":"bogus"') ? [id] : [],
    );
    expect(seen).toEqual(['dns', 'spf', 'dkim', 'dmarc']);
  });

  test('unbound validates what it passes on', async () => {
    const flags = async (name: string) => {
      const { stdout } = await lab.prober.run(['dig', `@${RESOLVER}`, name, 'TXT']);
      return /flags: [a-z ]+/.exec(stdout)?.[0];
    };
    expect(await flags('signed.example.com')).toBe('flags: qr rd ra ad');
    expect(await flags('s2._domainkey.nsec3.example.com')).toBe('flags: qr rd ra ad');
    expect(await flags('island.example.com')).toBe('flags: qr rd ra');
  });
});

describe('outbound port 25 of the host itself', () => {
  const CONTROL = `${RESOLVER}:53`;
  const [ip, ip6] = mailHosts.blocked;

  /** Runs on the host, whose network does this to port 25. */
  async function egress(family: '-4' | '-6', action: readonly string[], target: string = HOST, control = CONTROL) {
    const host = lab.net.host('blocked');
    const rule = ['ipproto', 'tcp', 'dport', '25', ...action];
    if (action.length > 0) host.ip(family, 'rule', 'add', ...rule);
    try {
      const args = `blocked.example.net ${ip} --only egress --on-host --vantage self --egress-target ${target}`;
      const { code, rules } = await lab.mailcheck([...args.split(' '), '--egress-control', control], host);
      return { code, ...rules };
    } finally {
      if (action.length > 0) host.ip(family, 'rule', 'del', ...rule);
    }
  }

  test('open', async () => {
    expect(await egress('-4', [])).toEqual({ code: 0, egress: 'pass' });
  });

  test('its network drops what goes there', async () => {
    sinkhole(lab.net.host('blocked'));
    expect(await egress('-4', ['lookup', SINK])).toEqual({ code: 1, egress: 'fail egress/blocked' });
  });

  test('its network rejects what goes there', async () => {
    expect(await egress('-4', ['unreachable'])).toEqual({ code: 1, egress: 'fail egress/blocked' });
  });

  test('its network rejects it by IPv6 only', async () => {
    const found = await egress('-6', ['unreachable'], `mail.example.com ${ip6}`, `[${RESOLVER6}]:53`);
    expect(found).toEqual({ code: 0, egress: 'warn egress/ipv6-blocked' });
  });

  test('nothing else answers either: nobody can tell', async () => {
    const found = await egress('-4', ['unreachable'], HOST, `${mailHosts.closed[0]}:587`);
    expect(found).toEqual({ code: 3, egress: 'inconclusive egress/inconclusive' });
  });
});

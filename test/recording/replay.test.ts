/** Tests that a replay gives exactly the report of the recorded run, and that the recording contains no secret. */
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../src/check/token.ts';
import { parseDomain } from '../../src/network/domain.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { Exchange, RecordedRun } from '../../src/recording/schema.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { PAIR } from '../standards/dkim/keys.ts';
import { signMessage } from '../standards/dkim/sign.ts';
import { type CheckCase, resultOf } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';
import { closed, greylist, openRelay } from '../world/smtp.ts';
import { listZone, worldAuthority } from '../world/world.ts';
import { recordAndReplay } from './record-and-replay.ts';

const IP = '203.0.113.5';
const HOST = { name: 'mail.example.com', extensions: ['PIPELINING'], rcpt: closed() };
const TLS = { identity: worldAuthority.issue({ names: ['mail.example.com'] }) };
const ZONE = scenes.healthy.world.dns.zone;
const OWN_MAILBOX = { relayRecipient: 'you@example.net' };

describe('replay: the same report, byte by byte', () => {
  test.each(Object.entries(scenes))('of the scene "%s"', async (_, { world, args }) => {
    const [domain = '', ip = ''] = args;
    const both = await recordAndReplay({ ...world, domain, ips: [ip] });
    expect(both.replayed).toBe(both.live);
  });

  const cases: Record<string, CheckCase> = {
    'a DNS server that is silent, until the deadline': { dns: { zone: {}, fault: 'timeout' }, timeoutMs: 700 },
    'DNS answers that come too late': { dns: { zone: ZONE, delayMs: 400 }, timeoutMs: 1000 },
    'a mail server that never greets, until the deadline': {
      dns: { zone: ZONE },
      hosts: { [IP]: { ...HOST, greeting: null } },
      timeoutMs: 900,
    },
    'a mail server that sends a byte at a time, until the deadline': {
      dns: { zone: ZONE },
      hosts: { [IP]: { ...HOST, tarpitMs: 5 } },
      rules: ['open-relay', 'tls', 'helo'],
      timeoutMs: 1200,
    },
    'a handshake that never ends, until the deadline': {
      dns: { zone: ZONE },
      hosts: { [IP]: { ...HOST, tls: { ...TLS, fault: 'silent' } } },
      rules: ['tls'],
      timeoutMs: 900,
    },
    'a port that is closed': { dns: { zone: ZONE }, hosts: { [IP]: 'refused' } },
    'TLS on every port': {
      dns: { zone: ZONE },
      hosts: {
        [IP]: { ...HOST, tls: TLS },
        [`${IP}:587`]: { ...HOST, tls: TLS },
        [`${IP}:465`]: { ...HOST, tls: TLS, implicitTls: true },
      },
      settings: { submissionPorts: [587, 465], activeRcpt: true },
    },
    'greylisting with a second try': {
      dns: { zone: ZONE },
      hosts: { [IP]: { ...HOST, rcpt: greylist() } },
      settings: { greylistWaitMs: 100, probePauseMs: 10 },
      rules: ['open-relay'],
    },
    'a relayed test message': {
      dns: { zone: ZONE },
      hosts: { [IP]: { ...HOST, rcpt: openRelay } },
      settings: { ...OWN_MAILBOX, activeData: true },
      rules: ['open-relay'],
    },
    'a check on the mail host itself, with egress tests': {
      dns: { zone: { ...ZONE, 'mx.example.net': { A: ['198.51.100.1'] } } },
      hosts: { [IP]: HOST, '198.51.100.1': { name: 'mx.example.net' }, '198.51.100.2:443': {} },
      settings: {
        vantage: 'self',
        egressTargets: [{ host: 'mx.example.net', port: 25 }],
        egressControls: [{ host: '198.51.100.2', port: 443 }],
      },
      rules: ['egress', 'open-relay'],
    },
    'a resolver that invents answers': { dns: { zone: ZONE, rewriteTo: '192.0.2.80' } },
    'a check of the addresses of the MX hosts': { dns: { zone: ZONE }, hosts: { [IP]: HOST }, ips: [] },
    'a check of the neighbouring addresses': { dns: { zone: ZONE }, settings: { neighbours: true }, rules: ['rbl'] },
  };
  test.each(Object.entries(cases))('%s', async (name, world) => {
    const both = await recordAndReplay(world);
    expect(both.report.timing.deadlineReached).toBe(/until the deadline|too late/.test(name));
    expect(both.replayed).toBe(both.live);
  });

  test('a DNS question that is unanswered at the end of the run', async () => {
    const zone = { ...ZONE, 'mail.example.com': { A: [IP], TXT: ['v=spf1 a include:slow.example.com -all'] } };
    const slow = { 'slow.example.com': { TXT: { records: ['v=spf1 -all'], delayMs: 2500 } } };
    const both = await recordAndReplay({
      dns: { zone: { ...zone, ...slow } },
      helo: 'mail.example.com',
      rules: ['helo'],
    });
    expect(both.run.unfinished.join()).toContain('slow.example.com TXT');
    expect(both.file).not.toContain('"name":"slow.example.com"');
    expect(both.replayed).toBe(both.live);
  });

  test('proposed records, other severities and accepted deviations', async () => {
    const domain = parseDomain('example.com');
    if (domain === undefined) throw new Error('unreachable');
    const zone = parseZone('@ IN TXT "v=spf1 ip4:192.0.2.1 -all"\n@ IN MX 10 mail\n@ IN SPF "x"', 'new.zone', domain);
    const both = await recordAndReplay(
      { dns: { zone: ZONE }, rules: ['spf', 'mx', 'ptr'] },
      {
        proposed: [zone],
        judgement: {
          severity: { 'spf/ip-not-authorized': 'warning' },
          accept: [{ code: 'mx/unreachable', reason: 'not yet built', until: '2999-12-31' }],
        },
      },
    );
    expect(both.report.proposed?.used).toContain('example.com TXT');
    expect(both.replayed).toBe(both.live);
  });

  test('two replays at once do not disturb each other', async () => {
    const [first, second] = await Promise.all([
      recordAndReplay({ ...scenes.healthy.world, rules: ['ptr', 'spf'] }),
      recordAndReplay({ ...scenes.fresh.world, domain: 'example.net', ips: ['198.51.100.7'], rules: ['ptr', 'spf'] }),
    ]);
    const again = await Promise.all([first, second].map(({ run }) => replayRun(run)));
    expect(again.map(({ report }) => JSON.stringify(report, null, 1))).toEqual([first.live, second.live]);
  });
});

describe('recording: the file contains no secret', () => {
  test('list keys are masked, even if two lists have the same key', async () => {
    const key = 'a1b2c3d4e5f6a7b8c9d0e1f2g3';
    const both = await recordAndReplay({
      dns: { zone: { ...listZone({ zone: `${key}.zen.dq.spamhaus.net`, kind: 'ip', canary: null, families: [4] }) } },
      settings: { listKeys: { SPAMHAUS_DQS_KEY: key.toUpperCase(), ABUSIX_API_KEY: key.toUpperCase() } },
      rules: ['rbl'],
    });
    expect(both.replayed).toBe(both.live);
    expect(both.file.toLowerCase()).not.toContain(key);
    expect(both.live.toLowerCase()).not.toContain(key);
    expect(both.file).toContain('_KEY].zen.dq.spamhaus.net');
  });

  test('of a private key, the file contains only its public key', async () => {
    const both = await recordAndReplay({
      dns: { zone: ZONE },
      settings: { dkimKeyPem: PAIR.privatePem },
      selectors: ['s1'],
      rules: ['dkim'],
    });
    expect(resultOf(both.report, 'dkim').findings.map(({ code }) => code)).toContain('dkim/key-mismatch');
    expect(both.replayed).toBe(both.live);
    expect(both.file).not.toContain('PRIVATE KEY');
    for (const line of PAIR.privatePem.split('\n').filter((text) => text.length > 20 && !text.startsWith('-'))) {
      expect(both.file).not.toContain(line);
    }
  });

  test('of a message, the file contains only the results of its signatures', async () => {
    const message = 'From: alice@example.com\r\nTo: bob@example.net\r\nSubject: Lunch\r\n\r\nSee you at noon.\r\n';
    const key = { signingDomain: 'example.com', selector: 's7', privateKey: PAIR.privatePem };
    // Without a time mailauth reads the clock twice. The signature is wrong if a second passes in between.
    const signTime = new Date('2026-01-05T12:00:00Z');
    const { signatures } = await dkimSign(message, { ...key, signTime, signatureData: [key] });
    const both = await recordAndReplay({
      dns: { zone: ZONE },
      settings: { message: Buffer.from(signatures + message) },
      rules: ['dkim'],
    });
    expect(both.report.target.selectors).toEqual(['s7']);
    expect(resultOf(both.report, 'dkim').findings.length).toBeGreaterThan(0);
    expect(both.replayed).toBe(both.live);
    for (const part of ['Lunch', 'noon', 'bob@', 'DKIM-Signature']) expect(both.file).not.toContain(part);
  });

  test('of a message with bad signatures, the file contains their defects and the number left out', async () => {
    const message = 'From: alice@example.com\r\nTo: bob@example.net\r\nSubject: Lunch\r\n\r\nSee you at noon.\r\n';
    const good = signMessage(message, { selector: 's7', length: 4 });
    const many = signMessage(message, { selector: 's8', hash: 'sha1' }).slice(0, -message.length).repeat(11);
    const key = `v=DKIM1; t=y; p=${PAIR.publicBase64}`;
    const zone = { ...ZONE, 's7._domainkey.example.com': { TXT: [[key.slice(0, 250), key.slice(250)]] } };
    const both = await recordAndReplay({
      dns: { zone },
      settings: { message: Buffer.from(good.slice(0, -message.length) + many + message) },
      rules: ['dkim'],
    });
    const verified = resultOf(both.report, 'dkim').findings.find(({ code }) => code === 'dkim/message-verified');
    expect(verified?.evidence).toMatchObject({ isTesting: true, unsignedOctets: 14, leftOut: 2 });
    expect(both.live).toContain('rsa-sha1');
    expect(both.replayed).toBe(both.live);
  });
});

describe('replay: a question that is not in the recording → inconclusive', () => {
  const isOf = (asked: string) => (exchange: Exchange) => exchange.asked.includes(asked);

  async function without(world: CheckCase, ...asked: string[]) {
    const { run } = await recordAndReplay(world);
    const exchanges = run.exchanges.filter((exchange) => !asked.some((part) => isOf(part)(exchange)));
    expect(exchanges.length).toBeLessThan(run.exchanges.length);
    return replayRun({ ...run, exchanges });
  }

  const hosts = { [IP]: { ...HOST, tls: TLS } };
  const cases: [what: string, world: CheckCase, asked: string, rule: string][] = [
    ['the PTR record', { dns: { zone: ZONE } }, 'in-addr.arpa PTR', 'ptr'],
    ['the SPF record', { dns: { zone: ZONE } }, ': example.com TXT', 'spf'],
    ['a connection', { dns: { zone: ZONE }, hosts }, `${IP}:25 greeting`, 'open-relay'],
    ['the replies to the relay test', { dns: { zone: ZONE }, hosts }, `${IP}:25 relay, step 2`, 'open-relay'],
    ['a handshake', { dns: { zone: ZONE }, hosts }, 'starttls', 'tls'],
  ];
  test.each(cases)('%s', async (_, world, asked, rule) => {
    const { report, missing } = await without({ ...world, rules: [rule] }, asked);
    expect(resultOf(report, rule).status).toBe('inconclusive');
    expect(missing.some((question) => question.includes(asked))).toBe(true);
  });

  test('a reply to another command than the recorded one', async () => {
    const { run } = await recordAndReplay({
      dns: { zone: ZONE },
      hosts: { [IP]: { ...HOST, extensions: [] } },
      rules: ['open-relay'],
    });
    const tampered = { ...run, environment: { ...run.environment, probeName: 'other.example.net' } };
    const { report, missing } = await replayRun(tampered);
    expect(resultOf(report, 'open-relay').status).toBe('inconclusive');
    expect(missing.some((question) => question.includes('hello'))).toBe(true);
  });

  test('a block list without an answer does not count as clean', async () => {
    const { report } = await without({ dns: { zone: ZONE }, rules: ['rbl'] }, 'zen.spamhaus.org A');
    const { status, findings } = resultOf(report, 'rbl');
    expect(status).toBe('inconclusive');
    expect(JSON.stringify(findings)).toContain('zen.spamhaus.org');
  });
});

describe('replay: nothing comes from this machine', () => {
  async function recorded(): Promise<RecordedRun> {
    return (await recordAndReplay({ dns: { zone: ZONE }, hosts: { [IP]: HOST }, rules: ['dns', 'open-relay'] })).run;
  }

  test('the DNS servers, time, EHLO name and random tokens are those of the recorded run', async () => {
    const run = await recorded();
    const { dnsServers, startedAt, seed, probeName } = run.environment;
    const { report } = await replayRun(run);
    expect(report.target.resolvers).toEqual(dnsServers.map(({ address, port }) => `${address}#${port}`));
    expect(report.timing.startedAt).toBe(new Date(startedAt).toISOString());
    const spoken = report.transcript?.smtp.flatMap(({ lines }) => lines.map(({ text }) => text)) ?? [];
    expect(spoken).toContain(`EHLO ${probeName}`);
    const asked = report.transcript?.dns.map(({ name }) => name) ?? [];
    expect(asked).toContain(`mailcheck-${tokensOf(seed)('dns honesty')}.invalid`);
  });

  test('a signal aborts the replay', async () => {
    const run = await recorded();
    await expect(replayRun(run, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error('enough now'));
    await expect(replayRun(run, { signal: controller.signal, onProgress })).rejects.toThrow('enough now');
  });
});

/** Tests that the key of a list is in query names and in no output. */
import { describe, expect, test } from 'vitest';
import { chooseLists } from '../../../src/knowledge/lists/catalogue.ts';
import type { DnsAnswer } from '../../../src/network/dns/answer.ts';
import { redactor } from '../../../src/network/dns/redact.ts';
import { sample } from '../../sample.ts';
import type { NameScript } from '../../world/dns.ts';
import { defaultListZones, listZone, mailcheck, startWorld, type World } from '../../world/world.ts';

const keys = {
  SPAMHAUS_DQS_KEY: 'SpamhausKeyabcdef0123456789',
  ABUSIX_API_KEY: 'abusixkey0123456789abcdef0123456',
  SPAMRATS_API_KEY: 'rats-key-0123456789',
};
const own = '5.113.0.203';

/** Starts a world with every list that the keys open. `script` gives the answer of all keyed zones. */
async function keyedWorld(script?: NameScript): Promise<World> {
  const keyed = chooseLists({ keys }).asked.filter(({ keyedBy }) => keyedBy !== null);
  const zone: Record<string, NameScript> = { 'example.com': { TXT: [] }, ...defaultListZones() };
  for (const list of keyed) {
    const at = list.queryZone.toLowerCase();
    if (script !== undefined) zone[`*.${at}`] = script;
    else Object.assign(zone, listZone({ ...list, zone: at }, { [own]: { A: ['127.0.0.3'], TXT: [`see ${at}`] } }));
  }
  return startWorld({ dns: { zone } });
}

describe('no output shows a list key', () => {
  const scripts: [name: string, script: NameScript | undefined][] = [
    ['listed, with the key in the TXT record', undefined],
    ['SERVFAIL', 'servfail'],
    ['REFUSED', 'refused'],
    ['no reply', 'timeout'],
    ['a reply that cannot be read', 'malformed'],
    ['a refusal by code', { A: ['127.255.255.254'] }],
    ['an alias back to the keyed zone', { CNAME: [`x.${keys.SPAMHAUS_DQS_KEY}.zen.dq.spamhaus.net`] }],
  ];
  test.each(sample(scripts, 3))('%s', async (_, script) => {
    const running = await keyedWorld(script);
    const args = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--only', 'rbl', '--timeout', '4'];
    const runs = await Promise.all(
      [
        [...args, '-f', 'json', '-v'],
        [...args, '-v'],
        ['pool', 'example.com', '203.0.113.5', '--timeout', '4', '--dns', running.dns.server],
        ['pool', 'example.com', '203.0.113.5', '--timeout', '4', '--dns', running.dns.server, '-f', 'json'],
      ].map((words) => mailcheck(words[0] === 'pool' ? words : [...words, ...running.args], { env: keys })),
    );
    const asked = running.dns.asked.map(({ name }) => name);
    await running.close();
    for (const [variable, key] of Object.entries(keys)) {
      expect(asked.some((name) => name.includes(key.toLowerCase()))).toBe(true);
      for (const { stdout, stderr } of runs)
        expect(`${stdout}${stderr}`.toLowerCase()).not.toContain(key.toLowerCase());
      expect(runs[0]?.stdout).toContain(`[${variable}]`);
    }
  });
});

test('list keys: an invalid key is refused and not printed', async () => {
  const { code, stderr } = await mailcheck(['example.com', '203.0.113.5'], {
    env: { SPAMHAUS_DQS_KEY: 'no.key at all' },
  });
  expect(code).toBe(2);
  expect(stderr).toBe(
    'mailcheck: SPAMHAUS_DQS_KEY does not contain a key. Set it to the 8 to 63 letters and digits that the operator of the list gave you\n',
  );
  expect(stderr).not.toContain('no.key');
});

test('list keys: a key on the command line is refused and not printed', async () => {
  const key = keys.SPAMHAUS_DQS_KEY;
  const { code, stderr } = await mailcheck(['example.com', '203.0.113.5', '--dnsbl', `${key}.zen.dq.spamhaus.net`]);
  expect(code).toBe(2);
  expect(stderr).toContain('SPAMHAUS_DQS_KEY and type --dnsbl zen.spamhaus.org');
  expect(stderr.toLowerCase()).not.toContain(key.toLowerCase());
});

test('list keys: with a wrong key the list is ignored and the variable is named', async () => {
  const running = await startWorld({ dns: { zone: { 'example.com': { TXT: [] }, ...defaultListZones() } } });
  const args = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--only', 'rbl', ...running.args];
  const { code, stdout } = await mailcheck(args, { env: { SPAMHAUS_DQS_KEY: keys.SPAMHAUS_DQS_KEY } });
  await running.close();
  expect(code).toBe(3);
  expect(stdout.replace(/\s+/g, ' ')).toContain('the key in SPAMHAUS_DQS_KEY may be wrong or used up');
});

test('list keys: a key is masked in every text of an answer, in upper and lower case', () => {
  const redact = redactor(new Map([['secret.key', 'VARIABLE']]));
  const answer: DnsAnswer<'TXT'> = {
    name: 'x.secret.key.example',
    type: 'TXT',
    server: '192.0.2.53#53',
    transport: 'udp',
    durationMs: 1,
    chain: ['SECRET.KEY.example'],
    authenticated: false,
    authoritative: false,
    extendedErrors: ['22: at Secret.Key.example'],
    status: 'answer',
    records: [['asked with secret.key', 'secretXkey']],
    ttl: 60,
  };
  expect(redact(answer)).toEqual({
    ...answer,
    name: 'x.[VARIABLE].example',
    chain: ['[VARIABLE].example'],
    extendedErrors: ['22: at [VARIABLE].example'],
    records: [['asked with [VARIABLE]', 'secretXkey']],
  });
});

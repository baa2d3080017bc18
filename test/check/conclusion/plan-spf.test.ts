/** The planner of SPF: all edits of one record give one final value, and every difference is said. */
import { describe, expect, test } from 'vitest';
import { planSpf } from '../../../src/check/conclusion/plan/spf.ts';
import type { SpfChange } from '../../../src/check/rules/edit.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { parseIp } from '../../../src/network/ip.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

const IP = '203.0.113.5';
const ips = [IP].flatMap((ip) => parseIp(ip) ?? []);
const CORRECT: SpfChange = { do: 'correct' };
const AUTHORISE: SpfChange = { do: 'authorise', ips };

const SURROUNDINGS: ZoneScript = {
  'spf.example.net': 'v=spf1 ip4:198.51.100.0/24 -all',
  'mail.example.com': { A: ['203.0.113.9'] },
  'out.example.net': { A: ['203.0.113.8'] },
};

/** Plans over a zone. The TXT records of example.com are those published. */
async function planned(published: readonly string[], changes: readonly SpfChange[], zone: ZoneScript = {}) {
  const { domain } = parseArguments('example.com', [IP]);
  const own = typeof zone['example.com'] === 'object' ? zone['example.com'] : {};
  const dns = zoneResolver({ zone: { ...SURROUNDINGS, ...zone, 'example.com': { ...own, TXT: [...published] } } });
  const target = { domain, ips, ipSource: 'argument', helo: 'mail.example.com', selectors: [] } as const;
  const heloName = () => 'mail.example.com';
  return planSpf(
    'example.com',
    published.map((text) => [text]),
    changes,
    { target, dns, heloName },
  );
}

/** The final record, with what changes. Planning it again changes nothing. */
async function final(published: readonly string[], changes: readonly SpfChange[], zone: ZoneScript = {}) {
  const plan = await planned(published, changes, zone);
  if (plan.kind === 'undecided') return plan.decide;
  const left = published.filter((text) => !plan.remove.includes(text));
  const again = await planned([...left, ...plan.add], changes, zone);
  expect(again).toMatchObject({ kind: 'proposal', remove: [], add: [] });
  return { record: [...left, ...plan.add].filter((text) => text.startsWith('v=spf1')), notes: plan.notes };
}

describe('planSpf', () => {
  test.each<[string, string[], SpfChange[], string, string[]]>([
    [
      'adds an address before the ending',
      ['v=spf1 include:spf.example.net -all'],
      [AUTHORISE, AUTHORISE],
      `v=spf1 include:spf.example.net ip4:${IP} -all`,
      [`adds ip4:${IP}`],
    ],
    [
      'gives a name without record a new one',
      ['token'],
      [AUTHORISE],
      `v=spf1 ip4:${IP} -all`,
      [`adds an SPF record that authorises ${IP}`],
    ],
    [
      'corrects, leaves out, ends and adds in one record',
      ['v=spf1 a:gone.example.net ipv4:192.0.2.1 ?all MS=ms1'],
      [
        CORRECT,
        { do: 'leave-out', terms: ['A:gone.example.net'], because: 'gone.example.net does not exist' },
        { do: 'end', with: '~all' },
        AUTHORISE,
      ],
      `v=spf1 ip4:192.0.2.1 ip4:${IP} ~all`,
      [
        'changes "ipv4:192.0.2.1" to "ip4:192.0.2.1": the name of the term is misspelt',
        'removes "MS=ms1": it is a token of another service, which needs its own TXT record',
        'ends with ~all, not ?all',
        'removes "a:gone.example.net": gone.example.net does not exist',
        `adds ip4:${IP}`,
      ],
    ],
    [
      'writes other terms for a term, each once',
      [`v=spf1 a:out.example.net ip4:203.0.113.8 ip4:${IP} -all`],
      [{ do: 'replace', term: 'a:out.example.net', by: ['ip4:203.0.113.8'], because: 'it has no IPv6 address' }],
      `v=spf1 ip4:203.0.113.8 ip4:${IP} -all`,
      ['changes "a:out.example.net" to "ip4:203.0.113.8": it has no IPv6 address'],
    ],
    [
      'merges records with the stricter ending, which no other change weakens',
      ['v=spf1 include:spf.example.net ?all', `v=spf1 ip4:${IP} -all`],
      [CORRECT, { do: 'end', with: '~all' }],
      `v=spf1 include:spf.example.net ip4:${IP} -all`,
      [
        'merges the 2 SPF records: a domain may have only one SPF record',
        'changes "?all" to "-all": of several endings the strictest one is kept',
      ],
    ],
    [
      'leaves a redirect out that never counted and leads to no record',
      [`v=spf1 redirect=none.example.net ip4:${IP} -all`],
      [CORRECT],
      `v=spf1 ip4:${IP} -all`,
      ['removes "redirect=none.example.net": receivers ignore it, and that name has no SPF record'],
    ],
    [
      'keeps what is odd but valid as it is if no correction is asked for',
      ['v=spf1 -all include:spf.example.net'],
      [AUTHORISE],
      `v=spf1 ip4:${IP} -all include:spf.example.net`,
      [`adds ip4:${IP}`],
    ],
  ])('%s', async (_, published, changes, record, notes) => {
    expect(await final(published, changes)).toEqual({ record: [record], notes });
  });

  test.each<[string, string[], SpfChange[]]>([
    ['a record that lets the address pass', [`v=spf1  ip4:${IP}  -all `], [AUTHORISE]],
    ['a name without SPF and without address', ['token'], [CORRECT]],
    ['a term that is not there', ['v=spf1 mx -all'], [{ do: 'leave-out', terms: ['a'], because: '' }]],
    ['a stricter ending', ['v=spf1 mx -all'], [{ do: 'end', with: '~all' }]],
    ['a redirect, which is an ending', ['v=spf1 redirect=spf.example.net'], [{ do: 'end', with: '~all' }]],
  ])('changes nothing: %s', async (_, published, changes) => {
    expect(await planned(published, changes)).toEqual({ kind: 'proposal', remove: [], add: [], notes: [] });
  });

  test('keeps a term that found nothing, if the plan has given its name a record', async () => {
    const change: SpfChange = { do: 'leave-out', terms: ['mx'], because: 'example.com has no such record' };
    const zone: ZoneScript = { 'example.com': { MX: ['10 mail.example.com'] } };
    expect(await final([`v=spf1 mx ip4:${IP} -all`], [change], zone)).toMatchObject({
      record: [`v=spf1 mx ip4:${IP} -all`],
    });
    expect(await final([`v=spf1 mx ip4:${IP} -all`], [change])).toMatchObject({ record: [`v=spf1 ip4:${IP} -all`] });
  });

  test('keeps the other TXT records of the name', async () => {
    const plan = await planned(['token', ' v=spf1 mx -all', 'other'], [CORRECT]);
    expect(plan).toMatchObject({ remove: [' v=spf1 mx -all'], add: ['v=spf1 mx -all'] });
  });

  test('says what cannot be read, and proposes nothing', async () => {
    expect(await final(['v=spf1 what:mail.example.com mail.example.com -all'], [CORRECT, AUTHORISE])).toMatch(
      /^The SPF record of example\.com has parts whose meaning is not certain \("what:mail\.example\.com", "mail\.example\.com"\)/,
    );
  });

  describe('the limit of lookups', () => {
    const includes = (count: number) => Array.from({ length: count }, (_, n) => `include:s${n}.example.net`);
    const zone: ZoneScript = {
      ...Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`s${n}.example.net`, 'v=spf1 -all' as const])),
      'example.com': { A: ['203.0.113.7'] },
    };

    test('writes the own hosts as addresses, and leaves hosts of others while that is enough', async () => {
      const text = ['v=spf1', 'a:out.example.net', 'a', ...includes(9), '~all'].join(' ');
      expect(await final([text], [{ do: 'relieve' }, AUTHORISE], zone)).toEqual({
        record: [['v=spf1', 'a:out.example.net', 'ip4:203.0.113.7', ...includes(9), `ip4:${IP}`, '~all'].join(' ')],
        notes: ['changes "a" to "ip4:203.0.113.7": addresses cost no lookup', `adds ip4:${IP}`],
      });
    });

    test('says that the addresses of others may change', async () => {
      const text = ['v=spf1', 'a:out.example.net', ...includes(10), '~all'].join(' ');
      expect(await final([text], [{ do: 'relieve' }], zone)).toMatchObject({
        notes: [expect.stringMatching(/ask its owner to tell you when they change$/)],
      });
    });

    test('counts on the merge, and says what to decide if nothing helps', async () => {
      const halves = [includes(6), includes(12).slice(6)].map((terms) => ['v=spf1', ...terms, '-all'].join(' '));
      expect(await final(halves, [CORRECT], zone)).toMatch(
        /^The SPF record of example\.com needs 12 DNS lookups, and 10 are allowed\. Decide .* "include:s0\.example\.net" \(1\)/,
      );
    });
  });
});

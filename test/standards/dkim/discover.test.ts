import { describe, expect, it } from 'vitest';
import { tokensOf } from '../../../src/check/token.ts';
import { discoverKeys } from '../../../src/standards/dkim/discover.ts';
import { candidateSelectors, MAX_CANDIDATES, namesInSpf } from '../../../src/standards/dkim/selectors.ts';
import type { DnsScript, NameScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { KEY_RECORD } from './keys.ts';
import { NOW } from './sign.ts';

type Quirks = Pick<DnsScript, 'breaksEmptyNonTerminals' | 'neverNxdomain'>;

const TOKEN = tokensOf('test');
const APEX = { 'example.com': { TXT: ['v=spf1 -all'] } };
const KEY = { TXT: [KEY_RECORD] };

function discover(zone: Record<string, NameScript>, quirks?: Quirks) {
  return discoverKeys(
    zoneResolver({ zone: { ...APEX, ...zone }, ...quirks }),
    'example.com',
    candidateSelectors([], NOW),
    TOKEN,
  );
}

describe('DKIM: whether any selector exists (RFC 8020 §2 and its controls)', () => {
  const cases: [
    string,
    Record<string, NameScript>,
    Quirks,
    { existence: string; found: string[]; truthful?: boolean },
  ][] = [
    ['no name below _domainkey', {}, {}, { existence: 'none', found: [] }],
    ['a key under a listed selector', { 's1._domainkey.example.com': KEY }, {}, { existence: 'some', found: ['s1'] }],
    [
      'a key under a selector that is not guessed',
      { 'u7wq._domainkey.example.com': KEY },
      {},
      { existence: 'some', found: [] },
    ],
    [
      'a server that denies empty non-terminals: the guess that answers wins',
      { 's1._domainkey.example.com': KEY },
      { breaksEmptyNonTerminals: true },
      { existence: 'some', found: ['s1'], truthful: false },
    ],
    [
      'a server that denies empty non-terminals: a guess without TXT is enough to doubt it',
      { 's1._domainkey.example.com': { A: ['192.0.2.1'] } },
      { breaksEmptyNonTerminals: true },
      { existence: 'unknown', found: [], truthful: false },
    ],
    [
      'compact denial (RFC 9824): NODATA proves nothing',
      {},
      { neverNxdomain: true },
      { existence: 'unknown', found: [] },
    ],
    [
      'a wildcard in the zone: the control is answered, so nothing is denied',
      { '*.example.com': { A: ['192.0.2.1'] } },
      {},
      { existence: 'unknown', found: [] },
    ],
    [
      'a wildcard TXT that is no key',
      { '*.example.com': { TXT: ['v=spf1 -all'] } },
      {},
      { existence: 'unknown', found: [] },
    ],
    ['a wildcard TXT that is no key', { '*.example.com': 'v=spf1 -all' }, {}, { existence: 'unknown', found: [] }],
    [
      'a wildcard alias to a name without TXT',
      { '*.example.com': { CNAME: ['www.example.net'] }, 'www.example.net': { A: ['192.0.2.1'] } },
      {},
      { existence: 'unknown', found: [] },
    ],
    ['a wildcard key counts once', { '*._domainkey.example.com': KEY }, {}, { existence: 'some', found: ['*'] }],
    [
      'a key beside a wildcard key',
      { '*._domainkey.example.com': { TXT: ['v=DKIM1; p='] }, 'mail._domainkey.example.com': KEY },
      {},
      { existence: 'some', found: ['mail', '*'] },
    ],
    [
      '_domainkey has a TXT record of its own (RFC 4870 policy)',
      { '_domainkey.example.com': { TXT: ['o=~'] } },
      {},
      { existence: 'unknown', found: [] },
    ],
    [
      'an alias that leads nowhere',
      { 'selector1._domainkey.example.com': { CNAME: ['selector1-example-com._domainkey.example.net'] } },
      {},
      { existence: 'some', found: ['selector1'] },
    ],
    [
      'the lookup of _domainkey fails',
      { '_domainkey.example.com': 'servfail' },
      {},
      { existence: 'unknown', found: [] },
    ],
    [
      'one guess fails: it may be the one that exists',
      { 's2._domainkey.example.com': 'timeout' },
      { breaksEmptyNonTerminals: true },
      { existence: 'unknown', found: [] },
    ],
  ];
  it.each(cases)('%s', async (_, zone, quirks, { existence, found, truthful = true }) => {
    const discovery = await discover(zone, quirks);
    expect(discovery.existence).toBe(existence);
    expect(discovery.found.map(({ selector }) => selector)).toEqual(found);
    expect(discovery.deniesTruthfully).toBe(truthful);
  });

  it('sends all queries at once, and only those for the guesses and three controls', async () => {
    const resolver = zoneResolver({ zone: APEX });
    const waiting = discoverKeys(resolver, 'example.com', candidateSelectors([], NOW), TOKEN);
    expect(resolver.asked).toHaveLength(MAX_CANDIDATES + 3);
    await waiting;
    expect(resolver.asked).toHaveLength(MAX_CANDIDATES + 3);
  });
});

describe('DKIM: selectors to guess', () => {
  const guessed = candidateSelectors([], NOW);

  it.each([
    ['Google', ['google']],
    ['Microsoft', ['selector1', 'selector2']],
    ['Mailchimp', ['k1', 'k2', 'k3', 'mandrill', 'mte1', 'mte2']],
    ['SendGrid', ['s1', 's2', 'smtpapi', 'em', 'm1']],
    ['Mailgun', ['mx', 'mailo', 'smtp', 'pic', 'krs', 'pdk1', 'pdk2']],
    ['Postmark and Zoho', ['pm', 'zoho', 'zmail', 'default']],
    ['Proton and Fastmail', ['protonmail', 'protonmail2', 'protonmail3', 'fm1', 'fm2', 'fm3']],
    ['iCloud and Brevo', ['sig1', 'mail', 'brevo1', 'brevo2', 'sib']],
    [
      'marketing',
      ['kl', 'kl2', 'dkim1', 'mailjet', 'zendesk1', 'zendesk2', 'ctct1', 'ctct2', 'resend', 'cm', 'cf2024-1'],
    ],
    ['Migadu, mailbox.org', ['key1', 'key2', 'key3', 'mbo0001', 'mbo0002', 'mbo0003', 'mbo0004']],
    ['Gandi, IONOS', ['gm1', 'gm2', 'gm3', 's1-ionos', 's2-ionos']],
    ['own servers', ['default', 'x', 'dkim', 'mail']],
    ['habits', ['selector', 'dk', 'dkim2', 'mta', 'email', 's1024', 's2048', 'rsa', 'ed25519']],
    ['dates of the last 18 months', ['2026', '2025', '202609', '202601', '202512', '202504']],
  ])('include those of %s', (_, selectors) => {
    expect(selectors.filter((selector) => !guessed.includes(selector))).toEqual([]);
  });

  it.each([
    ['SPF of Google', 'v=spf1 include:_spf.google.com ~all', ['google', '20230601']],
    ['SPF of SparkPost', 'v=spf1 include:sparkpostmail.com -all', ['scph0926', 'scph0425']],
    [
      'SPF of HubSpot, which has the customer number',
      'v=spf1 include:1234567.spf05.hubspotemail.net -all',
      ['hs1-1234567', 'hs2-1234567'],
    ],
    ['redirect to Mail.ru', 'v=spf1 redirect=_spf.mail.ru', ['mailru']],
    ['SPF of IONOS', 'v=spf1 ?include:_spf-eu.ionos.com ~all', ['s42582890', 's1-ionos']],
  ])('start with the hinted ones: %s', (_, spf, expected) => {
    const candidates = candidateSelectors(namesInSpf(spf), NOW);
    expect(candidates.slice(0, 20)).toEqual(expect.arrayContaining(expected));
    expect(candidates.length).toBeLessThanOrEqual(MAX_CANDIDATES);
    expect(new Set(candidates).size).toBe(candidates.length);
  });

  it('start with those hinted by an MX host', () => {
    expect(candidateSelectors(['in1-smtp.messagingengine.com'], NOW).slice(0, 4)).toEqual([
      'fm1',
      'fm2',
      'fm3',
      'mesmtp',
    ]);
  });

  it('are not hinted by a name with only the same ending', () => {
    expect(candidateSelectors(['notmessagingengine.com'], NOW)).toEqual(guessed);
  });

  it('take no hints from a record that is not SPF, nor from names with macros', () => {
    expect(namesInSpf('v=spf10 include:a.example')).toEqual([]);
    expect(namesInSpf('v=spf1 include:%{d}.a.example exists:b.example -include:c.example')).toEqual(['c.example']);
  });
});

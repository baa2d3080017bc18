import { describe, expect, it } from 'vitest';
import { alignmentBySuffixList, alignmentByTreeWalk } from '../../../src/standards/dmarc/alignment.ts';
import { policyBySuffixList, policyByTreeWalk } from '../../../src/standards/dmarc/policy.ts';
import {
  lookUpPolicyRecord,
  MAX_WALK_QUERIES,
  walkedDomains,
  walkTree,
} from '../../../src/standards/dmarc/tree-walk.ts';
import { organizationalDomain } from '../../../src/standards/organizational-domain.ts';
import fc from '../../fast-check.ts';
import type { TypeEntry, ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

/** `{domain: record}` as the zone of their `_dmarc` names. */
function published(records: Record<string, TypeEntry>): ZoneScript {
  return Object.fromEntries(Object.entries(records).map(([domain, TXT]) => [`_dmarc.${domain}`, { TXT }]));
}

describe('DMARC tree walk, RFC 9989 §4.10: the queried names', () => {
  it('13 labels → eight queries, as in the example of the standard', () => {
    expect(walkedDomains('a.b.c.d.e.f.g.h.i.j.mail.example.com')).toEqual([
      'a.b.c.d.e.f.g.h.i.j.mail.example.com',
      'g.h.i.j.mail.example.com',
      'h.i.j.mail.example.com',
      'i.j.mail.example.com',
      'j.mail.example.com',
      'mail.example.com',
      'example.com',
      'com',
    ]);
  });

  it.each([
    [2, 2],
    [7, 7],
    [8, 8],
    [9, 8],
    [10, 8],
    [40, 8],
  ])('%i labels → %i queries', async (labels, queries) => {
    const domain = [...Array.from({ length: labels - 2 }, (_, index) => `l${index}`), 'example', 'com'].join('.');
    const resolver = zoneResolver({ zone: {} });
    await walkTree(resolver, domain);
    expect(resolver.asked).toHaveLength(queries);
    expect(new Set(resolver.asked).size).toBe(queries);
  });

  it('makes at most eight queries, each for a shorter parent of the domain', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 30 }), (labels) => {
        const domain = labels.join('.');
        const names = walkedDomains(domain);
        expect(names.length).toBeLessThanOrEqual(MAX_WALK_QUERIES);
        for (const [index, name] of names.entries()) {
          expect(domain === name || domain.endsWith(`.${name}`)).toBe(true);
          if (index > 0) expect(name.length).toBeLessThan(names[index - 1]?.length ?? 0);
        }
        expect(names.at(-1)).toBe(labels.at(-1));
      }),
    );
  });

  it('does not query a name that is too long for the DNS', async () => {
    const domain = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(57)}.example.com`;
    const resolver = zoneResolver({ zone: published({ 'example.com': 'v=DMARC1; p=reject' }) });
    const walk = await walkTree(resolver, domain);
    expect(resolver.asked).toHaveLength(5);
    for (const question of resolver.asked) expect(question.length).toBeLessThanOrEqual(253 + 'TXT '.length);
    expect(walk.organizationalDomain).toMatchObject({ domain: 'example.com' });
  });
});

describe('DMARC tree walk, RFC 9989 §4.10.2: the organizational domain with', () => {
  const record = 'v=DMARC1; p=reject';
  const cases: [string, string, Record<string, TypeEntry>, { domain: string; by: string }][] = [
    ['no record anywhere', 'a.example.com', {}, { domain: 'a.example.com', by: 'no-record' }],
    [
      'one record above',
      'a.mail.example.com',
      { 'example.com': record },
      { domain: 'example.com', by: 'highest-record' },
    ],
    [
      'the record with the fewest labels',
      'a.mail.example.com',
      { 'mail.example.com': record, 'example.com': record },
      { domain: 'example.com', by: 'highest-record' },
    ],
    [
      'psd=n stops the walk',
      'a.mail.example.com',
      { 'mail.example.com': `${record}; psd=n`, 'example.com': record },
      { domain: 'mail.example.com', by: 'psd=n' },
    ],
    [
      'psd=y above: one label below it',
      'a.mail.example.com',
      { com: 'v=DMARC1; psd=y' },
      { domain: 'example.com', by: 'psd=y' },
    ],
    [
      'psd=y at the start does not count',
      'bank.example',
      { 'bank.example': `${record}; psd=y` },
      { domain: 'bank.example', by: 'highest-record' },
    ],
    [
      'a suffix that publishes without psd=y becomes the organization (§11.8)',
      'a.example.com',
      { 'example.com': record, com: record },
      { domain: 'com', by: 'highest-record' },
    ],
    [
      'several records count as none',
      'a.example.com',
      { 'a.example.com': record, 'example.com': [record, 'v=DMARC1; p=none'] },
      { domain: 'a.example.com', by: 'highest-record' },
    ],
    [
      'other TXT records are discarded',
      'a.example.com',
      { 'example.com': ['v=spf1 -all', record, 'hello'] },
      { domain: 'example.com', by: 'highest-record' },
    ],
    [
      'psd=y reached by the shortcut: one label below in the tree, asked or not',
      'a.b.c.d.e.f.g.h.i.example.com',
      { 'f.g.h.i.example.com': 'v=DMARC1; psd=y' },
      { domain: 'e.f.g.h.i.example.com', by: 'psd=y' },
    ],
  ];
  it.each(cases)('%s', async (_, domain, records, expected) => {
    const walk = await walkTree(zoneResolver({ zone: published(records) }), domain);
    expect(walk.organizationalDomain).toEqual({ kind: 'known', ...expected });
  });

  it('a failed query below the stop → unknown', async () => {
    const zone = published({ 'mail.example.com': 'timeout', 'example.com': record });
    const walk = await walkTree(zoneResolver({ zone }), 'a.mail.example.com');
    expect(walk.organizationalDomain.kind).toBe('unknown');
  });

  it('a failed query above the stop → no effect', async () => {
    const zone = published({ 'example.com': `${record}; psd=n`, com: 'servfail' });
    const walk = await walkTree(zoneResolver({ zone }), 'a.example.com');
    expect(walk.organizationalDomain).toEqual({ kind: 'known', domain: 'example.com', by: 'psd=n' });
  });
});

describe('DMARC: the policy that applies, by tree walk and by suffix list', () => {
  type Expected = { policy?: string; from?: string; tag?: string | null; kind?: string };
  const cases: [string, string, Record<string, TypeEntry>, boolean, { new: Expected; old: Expected }][] = [
    [
      'RFC 9989 §4.10.1: the own record, p=',
      'a.example.com',
      { 'a.example.com': 'v=DMARC1; p=none; sp=reject', 'example.com': 'v=DMARC1; p=reject' },
      true,
      { new: { policy: 'none', from: 'a.example.com', tag: 'p' }, old: { policy: 'none', from: 'a.example.com' } },
    ],
    [
      'RFC 9989 §4.10.1: the organization’s sp=',
      'a.example.com',
      { 'example.com': 'v=DMARC1; p=none; sp=reject' },
      true,
      { new: { policy: 'reject', from: 'example.com', tag: 'sp' }, old: { policy: 'reject', from: 'example.com' } },
    ],
    [
      'RFC 9989 §4.10.1: np= for a name that does not exist; RFC 7489 knows only sp=',
      'a.example.com',
      { 'example.com': 'v=DMARC1; p=none; sp=quarantine; np=reject' },
      false,
      { new: { policy: 'reject', tag: 'np' }, old: { policy: 'quarantine', tag: 'sp' } },
    ],
    [
      'RFC 9989 §4.7: without np=, sp= counts',
      'a.example.com',
      { 'example.com': 'v=DMARC1; p=none; sp=quarantine' },
      false,
      { new: { policy: 'quarantine', tag: 'sp' }, old: { policy: 'quarantine' } },
    ],
    [
      'RFC 9989 §4.10.1: without sp=, p= counts',
      'a.example.com',
      { 'example.com': 'v=DMARC1; p=quarantine' },
      true,
      { new: { policy: 'quarantine', tag: 'p' }, old: { policy: 'quarantine' } },
    ],
    [
      'RFC 9989 §4.10.1: the public suffix domain comes last',
      'giant.bank.example',
      { 'bank.example': 'v=DMARC1; p=reject; sp=quarantine; psd=y' },
      true,
      { new: { policy: 'quarantine', from: 'bank.example' }, old: { policy: 'quarantine', from: 'bank.example' } },
    ],
    [
      'a record between: found by the walk only',
      'a.mail.example.com',
      { 'mail.example.com': 'v=DMARC1; p=reject' },
      true,
      { new: { policy: 'reject', from: 'mail.example.com' }, old: { kind: 'none' } },
    ],
    [
      'RFC 9989 §4.10.1: no p=, with rua',
      'example.com',
      { 'example.com': 'v=DMARC1; rua=mailto:r@example.com' },
      true,
      { new: { policy: 'none', tag: null }, old: { policy: 'none' } },
    ],
    [
      'RFC 9989 §4.10.1: no p=, no rua',
      'example.com',
      { 'example.com': 'v=DMARC1' },
      true,
      { new: { kind: 'unusable' }, old: { kind: 'unusable' } },
    ],
    [
      'RFC 9989 §4.10.1: a bad sp= takes the record out',
      'example.com',
      { 'example.com': 'v=DMARC1; p=reject; sp=block' },
      true,
      { new: { kind: 'unusable' }, old: { kind: 'unusable' } },
    ],
    [
      'RFC 7489 §6.6.3: np= is a tag it does not know',
      'example.com',
      { 'example.com': 'v=DMARC1; p=reject; np=block' },
      true,
      { new: { kind: 'unusable' }, old: { policy: 'reject' } },
    ],
  ];
  it.each(cases)('%s', async (_, domain, records, exists, expected) => {
    const resolver = zoneResolver({ zone: published(records) });
    const walk = await walkTree(resolver, domain);
    const newer = policyByTreeWalk(walk, exists);
    const [own, organizational] = [
      await lookUpPolicyRecord(resolver, domain),
      await lookUpPolicyRecord(resolver, organizationalDomain(domain)),
    ];
    const older = policyBySuffixList(own, organizational);
    const shown = (result: typeof newer) =>
      result.kind === 'policy'
        ? { policy: result.policy, from: result.domain, tag: result.tag }
        : { kind: result.kind };
    expect(shown(newer)).toMatchObject(expected.new);
    expect(shown(older)).toMatchObject(expected.old);
  });
});

describe('DMARC alignment, RFC 9989', () => {
  const reject = 'v=DMARC1; p=reject';
  /** The examples of RFC 9989 App. B.4. */
  const bank: Record<string, TypeEntry> = { 'bank.example': `${reject}; psd=y`, 'giant.bank.example': reject };
  const deep: Record<string, TypeEntry> = { 'example.com': reject, 'signing.example.com': reject };
  const cases: [string, Record<string, TypeEntry>, string, string, 'relaxed' | 'strict', string, string][] = [
    ['§4.4 the same domain', {}, 'example.com', 'EXAMPLE.com', 'strict', 'aligned', 'aligned'],
    ['§4.4.1 strict: a subdomain', deep, 'example.com', 'signing.example.com', 'strict', 'not-aligned', 'not-aligned'],
    [
      'App. B.4.1 relaxed: a subdomain with its own record',
      deep,
      'example.com',
      'signing.example.com',
      'relaxed',
      'aligned',
      'aligned',
    ],
    [
      'App. B.4.2 relaxed: a deep author domain',
      deep,
      'a.b.c.d.e.f.g.h.i.j.k.example.com',
      'signing.example.com',
      'relaxed',
      'aligned',
      'aligned',
    ],
    [
      'App. B.4.3 psd=y: below the same organization',
      bank,
      'giant.bank.example',
      'mail.giant.bank.example',
      'relaxed',
      'aligned',
      'aligned',
    ],
    [
      'App. B.4.3 psd=y: another organization',
      bank,
      'giant.bank.example',
      'mail.mega.bank.example',
      'relaxed',
      'not-aligned',
      'aligned',
    ],
    [
      'psd=n between: only the suffix list joins them',
      { 'example.com': reject, 'mail.example.com': `${reject}; psd=n` },
      'mail.example.com',
      'example.com',
      'relaxed',
      'not-aligned',
      'aligned',
    ],
    ['another registered domain', deep, 'example.com', 'example.net', 'relaxed', 'not-aligned', 'not-aligned'],
  ];
  it.each(cases)('%s', async (_, records, author, identifier, mode, byWalk, byList) => {
    const resolver = zoneResolver({ zone: published(records) });
    expect(await alignmentByTreeWalk(resolver, author, identifier, mode)).toBe(byWalk);
    expect(alignmentBySuffixList(author, identifier, mode)).toBe(byList);
  });

  it('a failed query of either tree walk → unknown', async () => {
    const resolver = zoneResolver({ zone: published({ 'example.com': 'timeout' }) });
    expect(await alignmentByTreeWalk(resolver, 'a.example.com', 'b.example.com', 'relaxed')).toBe('unknown');
  });
});

describe('organizationalDomain, RFC 7489 §3.2', () => {
  it.each([
    ['example.com', 'example.com'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['_x.a.example.com', 'example.com'],
    ['EXAMPLE.COM.', 'example.com'],
    ['me.github.io', 'me.github.io'],
    ['com', 'com'],
    ['a.b.nosuchsuffix', 'b.nosuchsuffix'],
  ])('%s → %s', (name, expected) => {
    expect(organizationalDomain(name)).toBe(expected);
  });
});

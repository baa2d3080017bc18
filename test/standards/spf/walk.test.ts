/** The static walk: what a record costs, and where it leads, whatever the client. */
import { describe, expect, test } from 'vitest';
import { allNodes, allTerms, costTree, walk } from '../../../src/standards/spf/index.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

function walked(zone: ZoneScript) {
  return walk('example.com', zoneResolver({ zone }));
}

describe('SPF walk: the cost in the worst case, RFC 7208 §4.6.4', () => {
  test('counts every branch, also after a match, and nested records', async () => {
    const { root, isTruncated } = await walked({
      'example.com': 'v=spf1 ip4:0.0.0.0/0 include:a.example mx exists:%{i}.x.example redirect=b.example',
      'a.example': 'v=spf1 a ptr include:b.example -all a',
      'b.example': 'v=spf1 exists:%{p}.x.example ~all',
    });
    expect(costTree(root)).toEqual({
      domain: 'example.com',
      cost: 11,
      terms: [
        {
          term: 'include:a.example',
          cost: 6,
          record: {
            domain: 'a.example',
            cost: 5,
            terms: [
              { term: 'a', cost: 1, record: null },
              { term: 'ptr', cost: 1, record: null },
              {
                term: 'include:b.example',
                cost: 3,
                record: {
                  domain: 'b.example',
                  cost: 2,
                  terms: [{ term: 'exists:%{p}.x.example', cost: 2, record: null }],
                },
              },
            ],
          },
        },
        { term: 'mx', cost: 1, record: null },
        { term: 'exists:%{i}.x.example', cost: 1, record: null },
        {
          term: 'redirect=b.example',
          cost: 3,
          record: { domain: 'b.example', cost: 2, terms: [{ term: 'exists:%{p}.x.example', cost: 2, record: null }] },
        },
      ],
    });
    expect(isTruncated).toBe(false);
  });

  test('leaves out terms after all, and redirect beside all (§5.1, §6.1)', async () => {
    const { root } = await walked({ 'example.com': 'v=spf1 a redirect=b.example -all mx include:c.example' });
    expect(root.terms.map(({ term }) => term.text)).toEqual(['a']);
  });
});

describe('SPF walk: the branches', () => {
  test.each([
    ['missing', undefined],
    ['missing', { TXT: ['no spf'] }],
    ['multiple', { TXT: ['v=spf1', 'v=spf1'] }],
    ['invalid', { TXT: 'v=spf1 foo include:c.example' }],
    ['failure', { TXT: 'timeout' }],
    ['record', { TXT: 'v=spf1' }],
  ] as const)('have the status %s', async (status, found) => {
    const { root } = await walked({
      'example.com': 'v=spf1 include:b.example -all',
      ...(found ? { 'b.example': found } : {}),
    });
    expect(root.terms[0]?.node).toMatchObject({ status, path: ['example.com', 'b.example'], terms: [] });
  });

  test('follow a loop once, and a record that is used twice is not a loop', async () => {
    const { root } = await walked({
      'example.com': 'v=spf1 include:b.example include:B.example -all',
      'b.example': 'v=spf1 include:EXAMPLE.com -all',
    });
    expect(allNodes(root).map(({ domain, status }) => `${domain} ${status}`)).toEqual([
      'example.com record',
      'b.example record',
      'EXAMPLE.com loop',
      'B.example record',
      'EXAMPLE.com loop',
    ]);
    expect(root.cost).toBe(4);
  });

  test('follow only targets that are the same for every message', async () => {
    const { root } = await walked({
      'example.com': 'v=spf1 include:_%{d} include:_%{o2} include:%{h} exists:%{l}.%{d} -all',
    });
    expect(allTerms(root).map(({ target }) => target)).toEqual(['_example.com', '_example.com', null, null]);
  });

  test('list the IP versions for which a term is void', async () => {
    const { root } = await walked({
      'example.com':
        'v=spf1 a:both.example a:v4.example a:v6.example a:none.example mx:none.example exists:v6.example include:none.example a:down.example -all',
      'both.example': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
      'v4.example': { A: ['192.0.2.1'] },
      'v6.example': { AAAA: ['2001:db8::1'] },
      'down.example': { '*': 'timeout' },
    });
    expect(root.terms.map(({ voidFor }) => voidFor)).toEqual([[], [6], [4], [4, 6], [4, 6], [4, 6], [4, 6], []]);
  });
});

describe('SPF walk: its limits', () => {
  const numbered = (count: number, of: (n: number) => string) => Array.from({ length: count }, (_, n) => of(n));

  test.each([
    [49, false],
    [50, true],
  ])('%d included records besides its own → truncated: %s', async (count, expected) => {
    const names = numbered(count, (n) => `i${n}.example`);
    const { root, isTruncated } = await walked({
      ...Object.fromEntries(names.map((name) => [name, 'v=spf1 -all'])),
      'example.com': `v=spf1 include:example.com include:a..example ${names.map((name) => `include:${name}`).join(' ')} -all`,
    });
    expect(isTruncated).toBe(expected);
    const statuses = root.terms.map(({ node }) => node?.status);
    expect(statuses.slice(0, 3)).toEqual(['loop', 'malformed', 'record']);
    expect(statuses.at(-1)).toBe(expected ? 'not-walked' : 'record');
    expect(statuses.filter((status) => status === 'not-walked')).toHaveLength(expected ? 1 : 0);
    expect(root.cost).toBe(count + 2);
  });

  test.each([
    [30, false],
    [31, true],
  ])('%d terms to query → truncated: %s', async (count, expected) => {
    const names = numbered(count, (n) => `a:h${n}.example`);
    const zone: ZoneScript = {
      'example.com': `v=spf1 ptr include:i.example ${names.join(' ')} -all`,
      'i.example': 'v=spf1',
    };
    const { root, isTruncated } = await walked(zone);
    expect(isTruncated).toBe(expected);
    const asked = root.terms.slice(2);
    expect(asked.filter(({ voidFor }) => voidFor.length === 2)).toHaveLength(30);
    expect(asked.at(-1)).toMatchObject(expected ? { answers: [], voidFor: [] } : { voidFor: [4, 6] });
  });

  test('queries each valid name once', async () => {
    const resolver = zoneResolver({
      zone: {
        'example.com':
          'v=spf1 a mx exists:e.example ptr:p.example a:a..example a:%{i}.example include:i.example a -all a:n.example',
        'i.example': 'v=spf1 a:EXAMPLE.com',
      },
    });
    const { root } = await walk('Example.com.', resolver);
    expect(root).toMatchObject({ domain: 'Example.com', path: ['Example.com'] });
    expect(resolver.asked).toEqual([
      'TXT example.com',
      'A example.com',
      'AAAA example.com',
      'MX example.com',
      'A e.example',
      'TXT i.example',
    ]);
    expect(allTerms(root).map(({ term, answers }) => [term.text, answers.map(({ type }) => type).join(' ')])).toEqual([
      ['a', 'A AAAA'],
      ['mx', 'MX'],
      ['exists:e.example', 'A'],
      ['ptr:p.example', ''],
      ['a:a..example', ''],
      ['a:%{i}.example', ''],
      ['include:i.example', ''],
      ['a:EXAMPLE.com', 'A AAAA'],
      ['a', 'A AAAA'],
    ]);
  });
});

describe('SPF walk: a node', () => {
  test('has its answer and its record, if any', async () => {
    const { root } = await walked({
      'example.com':
        'v=spf1 include:t.example include:f.example include:n.example include:d.example include:a..example -all',
      't.example': { TXT: ['text'] },
      'f.example': { TXT: 'servfail' },
      'd.example': {},
    });
    const kept = allNodes(root).map(({ domain, status, record, answer }) => {
      return `${domain} ${status} ${record === null ? 'none' : record.text.slice(0, 6)} ${answer?.status ?? 'unasked'}`;
    });
    expect(kept).toEqual([
      'example.com record v=spf1 answer',
      't.example missing none answer',
      'f.example failure none servfail',
      'n.example missing none nxdomain',
      'd.example missing none nodata',
      'a..example malformed none unasked',
    ]);
    expect(root.terms.map(({ voidFor }) => voidFor)).toEqual([[], [], [4, 6], [4, 6], []]);
  });

  test('has terms with their domain, and with the cost including the records below', async () => {
    const { root } = await walked({
      'example.com': 'v=spf1 a:%{p}.x.example include:i.example redirect=r.example',
      'i.example': 'v=spf1 mx include:j.example ?all',
      'j.example': 'v=spf1 ptr',
      'r.example': 'v=spf1 exists:%{d}.x.example',
    });
    const terms = allTerms(root).map(({ domain, term, target, cost }) => `${domain} ${term.text} → ${target} ${cost}`);
    expect(terms).toEqual([
      'example.com a:%{p}.x.example → null 2',
      'example.com include:i.example → i.example 4',
      'i.example mx → i.example 1',
      'i.example include:j.example → j.example 2',
      'j.example ptr → j.example 1',
      'example.com redirect=r.example → r.example 2',
      'r.example exists:%{d}.x.example → r.example.x.example 1',
    ]);
    expect(root.cost).toBe(8);
  });
});

/** The static walk: what a record costs, and where it leads, whatever the client. */
import { describe, expect, test } from 'vitest';
import { allNodes, allTerms, costTree, walk } from '../../src/spf/index.ts';
import { type Zone, zoneResolver } from './zone-resolver.ts';

function walked(zone: Zone) {
  return walk('example.com', zoneResolver(zone));
}

describe('§4.6.4 worst-case cost', () => {
  test('counts every branch, also behind a match, and what is nested', async () => {
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

  test('§5.1, §6.1 leaves out what is never evaluated: terms after all, redirect beside it', async () => {
    const { root } = await walked({ 'example.com': 'v=spf1 a redirect=b.example -all mx include:c.example' });
    expect(root.terms.map(({ term }) => term.text)).toEqual(['a']);
  });
});

describe('where the branches lead', () => {
  test.each([
    ['missing', undefined],
    ['missing', { TXT: 'no spf' }],
    ['multiple', { TXT: ['v=spf1', 'v=spf1'] }],
    ['invalid', { TXT: 'v=spf1 foo include:c.example' }],
    ['failure', { TXT: 'timeout' }],
    ['record', { TXT: 'v=spf1' }],
  ] as const)('%s', async (status, found) => {
    const { root } = await walked({
      'example.com': 'v=spf1 include:b.example -all',
      ...(found ? { 'b.example': found } : {}),
    });
    expect(root.terms[0]?.node).toMatchObject({ status, path: ['example.com', 'b.example'], terms: [] });
  });

  test('a loop is followed once, a record used twice is not one', async () => {
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

  test('targets that are the same for every message are followed, others are not', async () => {
    const { root } = await walked({
      'example.com': 'v=spf1 include:_%{d} include:_%{o2} include:%{h} exists:%{l}.%{d} -all',
    });
    expect(allTerms(root).map(({ target }) => target)).toEqual(['_example.com', '_example.com', null, null]);
  });

  test('void terms are told by the kind of client they are void for', async () => {
    const { root } = await walked({
      'example.com':
        'v=spf1 a:both.example a:v4.example a:v6.example a:none.example mx:none.example exists:v6.example include:none.example a:down.example -all',
      'both.example': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
      'v4.example': { A: ['192.0.2.1'] },
      'v6.example': { AAAA: ['2001:db8::1'] },
      'down.example': { fails: 'timeout' },
    });
    expect(root.terms.map(({ voidFor }) => voidFor)).toEqual([[], [6], [4], [4, 6], [4, 6], [4, 6], [4, 6], []]);
  });
});

/** The index of an SPF tree: what a finding about a term rests on, also in a record of thousands of terms. */
import { expect, test } from 'vitest';
import { TreeIndex } from '../../../src/check/rules/spf/identity.ts';
import { allTerms, walk } from '../../../src/standards/spf/index.ts';
import { cpuMs } from '../../cpu-time.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

const treeOf = async (zone: ZoneScript) => (await walk('example.com', zoneResolver({ zone }))).root;

test('SPF tree index: a term rests on the records that lead to it, root first, and on its own questions', async () => {
  const root = await treeOf({
    'example.com': 'v=spf1 include:a.example include:b.example -all',
    'a.example': 'v=spf1 a:x.example -all',
    'b.example': 'v=spf1 include:c.example -all',
    'c.example': 'v=spf1 a:y.example -all',
    'x.example': { A: ['192.0.2.1'] },
    'y.example': { A: ['192.0.2.1'] },
  });
  const index = new TreeIndex(root);
  const restsOf = (...texts: string[]): string[] => {
    const terms = allTerms(root).filter(({ term }) => texts.includes(term.text));
    return index.questionsOfTerms(terms).map(({ name, type }) => `${type} ${name}`);
  };
  expect(restsOf('a:y.example')).toEqual([
    'TXT example.com',
    'TXT b.example',
    'TXT c.example',
    'A y.example',
    'AAAA y.example',
  ]);
  expect(restsOf('a:y.example', 'a:x.example').slice(0, 4)).toEqual([
    'TXT example.com',
    'TXT a.example',
    'TXT b.example',
    'TXT c.example',
  ]);
});

test('SPF tree index: thousands of terms take no time', async () => {
  const includes = Array.from({ length: 4000 }, (_, index) => `include:n${index}.x`).join(' ');
  const root = await treeOf({ 'example.com': `v=spf1 ${includes} -all` });
  const terms = allTerms(root);
  expect(terms).toHaveLength(4000);
  const started = cpuMs();
  const index = new TreeIndex(root);
  for (const term of terms) expect(index.questionsOfTerms([term])[0]).toEqual({ name: 'example.com', type: 'TXT' });
  expect(cpuMs() - started).toBeLessThan(2000);
});

/**
 * The report of a provider and a finding together. The files in `pairs/` are what a person would read;
 * `vitest run test/golden -u` writes them anew, and they are then to be read again.
 */
import { expect, test } from 'vitest';
import { pretty } from '../../src/reporters/pretty.ts';
import { pairNames, pairReport } from './pairs.ts';

test.each(pairNames)('%s', async (name) => {
  const report = await pairReport(name);
  const text = pretty([report], { color: false, verbose: false, full: true })
    .replace(/^Resolver .*\n/m, '')
    .replace(/^Took .*\n/m, '');
  await expect(text).toMatchFileSnapshot(`./pairs/${name.replace(/[ ,]+/g, '-')}.txt`);
});

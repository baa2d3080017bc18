/**
 * The report of a fresh address at each of many providers. The files beside this one are what a person would read;
 * `vitest run test/golden -u` writes them anew, and they are then to be read again.
 */
import { describe, expect, test } from 'vitest';
import { pretty } from '../../src/reporters/pretty.ts';
import { providerReport, providers } from './provider-report.ts';

async function report(provider: string): Promise<string> {
  const text = pretty([await providerReport(provider)], { color: false, verbose: false });
  const steps = text.slice(text.indexOf('What to do'));
  const line = /^ {2}\S \S+ +Provider .*(?:\n {25}.*)*/m.exec(text)?.[0] ?? 'Provider not known';
  return `${line}\n\n${steps}`;
}

describe.each(providers)('%s', (provider) => {
  test('says what to do there', async () => {
    const text = await report(provider);
    await expect(text).toMatchFileSnapshot(`./${provider}.txt`);
    expect(text.split('\n').length, 'brief enough to be read').toBeLessThan(70);
  });
});

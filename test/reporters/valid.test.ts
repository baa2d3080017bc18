/** Every format is valid under its own schema, for every kind of report; of the reports of providers, for a sample. */
import { describe, expect, test } from 'vitest';
import type { Format } from '../../src/reporters/formats.ts';
import { reporters } from '../../src/reporters/index.ts';
import type { Reporter } from '../../src/reporters/reporter.ts';
import { sample } from '../sample.ts';
import { proofs } from './proofs.ts';
import { providerRuns, runs } from './reports.ts';

const formats = Object.entries(reporters);

describe.each([...Object.entries(runs), ...sample(Object.entries(providerRuns), 5)])('%s', (_, make) => {
  test('in every format', async () => {
    const reports = await make();
    for (const [format, reporter] of formats) {
      const text = reporter(reports, { color: false, verbose: true });
      expect(text.endsWith('\n'), format).toBe(true);
      await proofs[format]?.(text);
    }
  });
});

test('every text format has a proof of its own', () => {
  const textFormats: readonly Format[] = ['pretty', 'json', 'junit', 'sarif', 'github', 'markdown'];
  expect(Object.keys(proofs).sort()).toEqual([...textFormats].sort());
});

test('the validators refuse what is wrong', async () => {
  const [report] = (await runs.fresh?.()) ?? [];
  if (report === undefined) throw new Error('no report');
  const render: Readonly<Record<Format, Reporter>> = reporters;
  const text = (format: Format): string => render[format]([report], { color: false, verbose: false });
  const sarif = JSON.parse(text('sarif'));
  sarif.runs[0].results[0].level = 'fatal';
  await expect(async () => proofs.sarif?.(JSON.stringify(sarif))).rejects.toThrow('level');
  const junit = text('junit');
  await expect(async () => proofs.junit?.(junit.replace('</testsuite>', ''))).rejects.toThrow();
  await expect(async () => proofs.junit?.(junit.replace(/ classname="[^"]*"/, ''))).rejects.toThrow('Schemas vali');
  const markdown = text('markdown');
  for (const bad of ['![x](y)', 'https://example.com/', '<b>x</b>', '@everyone', 'www.example.com']) {
    await expect(async () => proofs.markdown?.(`${markdown}\n${bad}\n`), bad).rejects.toThrow();
  }
  await expect(async () => proofs.pretty?.('x\n  ::add-mask::x\n')).rejects.toThrow();
  await expect(async () => proofs.pretty?.('a ##[error]x\n')).rejects.toThrow();
});

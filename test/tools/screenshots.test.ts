/** Tests that outdated screenshots are noticed on a machine without a browser. */
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DemoReport, demoReport } from '../../tools/demo-report.ts';
import { whyOutdated } from '../../tools/screenshots.ts';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
let demo: DemoReport | undefined;
let folder: string;

beforeEach(async () => {
  demo ??= await demoReport();
  folder = mkdtempSync(join(tmpdir(), 'mailcheck-images-'));
  cpSync(images, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const cases: readonly (readonly [name: string, change: () => void, expected: string | null])[] = [
  ['the files as they are', () => {}, null],
  [
    'another image',
    () => writeFileSync(join(folder, 'report-dark.png'), 'x'),
    'docs/images/report-dark.png is not the image that was taken',
  ],
  [
    'a missing image',
    () => rmSync(join(folder, 'report-light.png')),
    'docs/images/report-light.png is not the image that was taken',
  ],
  [
    'missing digests',
    () => rmSync(join(folder, 'report.sha256.json')),
    'docs/images/report.sha256.json does not exist',
  ],
];

test.each(cases)('screenshots: %s', (_, change, expected) => {
  change();
  expect(whyOutdated(demo?.html ?? '', pathToFileURL(`${folder}/`))).toBe(expected);
});

test('screenshots: another report', () => {
  expect(whyOutdated(`${demo?.html} `)).toBe('docs/images/report-*.png show another report');
});

test.each(['report-light.png', 'report-dark.png'])('screenshots: %s is small enough for a README', (name) => {
  expect(statSync(join(images, name)).size).toBeLessThan(150_000);
});

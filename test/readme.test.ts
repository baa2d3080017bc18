/** The report shown in the README is the one that the demo prints. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readmeReport, shownReport } from './world/readme-report.ts';

test('the report in the README is current (npm run readme writes it anew)', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(shownReport(readme)).toBe(await readmeReport());
});

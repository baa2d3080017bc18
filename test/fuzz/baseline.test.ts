/** Baselines that were changed: refused in one line, or compared; and none hides a finding that it does not name. */
import { beforeAll, expect } from 'vitest';
import { oneLine } from '../../src/cli/program.ts';
import { compared, parseBaseline } from '../../src/report/baseline.ts';
import { fingerprint } from '../../src/report/fingerprint.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { BaselineReport, FindingResult, Report } from '../../src/report/status.ts';
import { UsageError } from '../../src/usage-error.ts';
import { mixedReport } from '../reporters/reports.ts';
import { fuzz, PATIENCE_MS } from './fuzz.ts';
import { changed, changes, type Json } from './json.ts';

let report: Report;
let written = '';

beforeAll(async () => {
  report = { ...(await mixedReport()), transcript: undefined } as unknown as Report;
  report = reportSchema.parse(JSON.parse(JSON.stringify(report)));
  written = JSON.stringify(report);
}, PATIENCE_MS);

fuzz('a baseline with pieces replaced, left out or doubled', 500, changes, async (edits) => {
  const text = JSON.stringify(changed(JSON.parse(written) as Json, edits));
  const { domain } = report.target;
  let earlier: readonly BaselineReport[];
  try {
    earlier = await parseBaseline(text, 'file', [domain]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(oneLine(error.message)).toMatch(/^mailcheck: [^\x00-\x1f\x7f-\x9f\u2028\u202e]*\n$/);
    return;
  }
  const now = compared(report, { file: 'file', reports: earlier });
  expect(reportSchema.safeParse(now).error).toBeUndefined();
  const idOf = (finding: FindingResult): string => fingerprint(domain, finding);
  const named = new Set(earlier.flatMap(({ rules }) => rules.flatMap(({ findings }) => findings.map(idOf))));
  const findings = now.rules.flatMap((rule) => rule.findings);
  // Everything that the report has is in it still, and what the baseline does not name is new.
  expect(findings.map(({ code }) => code)).toEqual(
    report.rules.flatMap((rule) => rule.findings.map(({ code }) => code)),
  );
  const hidden = findings.filter((finding) => finding.baseline === 'known' && !named.has(idOf(finding)));
  expect(hidden).toEqual([]);
});

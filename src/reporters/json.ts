import { SCHEMA_VERSION } from '../report/schema-version.ts';
import { type Report, type Reports, verdictOf } from '../report/status.ts';
import { VERSION } from '../version.ts';
import { jsonText } from './json-text.ts';

/**
 * Writes reports as JSON.
 *
 * @returns a single report as it is (`report.schema.json`), or several reports, or none, in one object with a common
 *   verdict (`reports.schema.json`).
 */
export function json(reports: readonly Report[]): string {
  const [first] = reports;
  return jsonText(reports.length === 1 ? first : together(reports));
}

function together(reports: readonly Report[]): Reports {
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'mailcheck', version: reports[0]?.tool.version ?? VERSION },
    // Where nothing was judged, nothing is wrong.
    verdict: reports.length === 0 ? 'pass' : verdictOf(reports.map(({ verdict }) => verdict)),
    reports: [...reports],
  };
}

import { SCHEMA_VERSION } from '../report/schema-version.ts';
import { type Report, type Reports, verdictOf } from '../report/status.ts';
import { jsonText } from './json-text.ts';

/**
 * One Report as it is: the JSON contract (`report.schema.json`). Several are wrapped, with the verdict over all of them
 * (`reports.schema.json`).
 */
export function json(reports: readonly Report[]): string {
  const [first] = reports;
  return jsonText(reports.length === 1 ? first : together(reports));
}

function together(reports: readonly Report[]): Reports {
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'mailcheck', version: reports[0]?.tool.version ?? '' },
    verdict: verdictOf(reports.map(({ verdict }) => verdict)),
    reports: [...reports],
  };
}

import type { Report } from '../report.ts';

/** The Report as it is: the JSON contract (`report.schema.json`). */
export function json(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

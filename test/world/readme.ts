/** `npm run readme`: writes the report of the demo into the README. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readmeReport, withReport } from './readme-report.ts';

const file = new URL('../../README.md', import.meta.url);
writeFileSync(file, withReport(readFileSync(file, 'utf8'), await readmeReport()));

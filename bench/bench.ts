/** `npm run bench`: every comparison in one table. The method is in README.md. */
import { dnsRows } from './dns.ts';
import { spfRows } from './spf.ts';
import { startRows } from './start.ts';
import { type Row, rowTable } from './table.ts';

const cli = process.env.MAILCHECK_CLI ?? 'dist/cli.js';
const drivers = process.env.MAILCHECK_BENCH_DRIVERS ?? '';

const rows: Row[] = [];
for (const measure of [() => startRows(cli), () => dnsRows(drivers), () => spfRows(drivers)]) {
  rows.push(...(await measure()));
}
process.stdout.write(`${rowTable(rows)}\n`);
if (rows.some(({ ratio, atMost }) => atMost !== undefined && ratio > atMost)) process.exitCode = 1;

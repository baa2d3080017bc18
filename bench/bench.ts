/** Runs `npm run bench`: makes every comparison, and prints them in one table. README.md explains the method. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dnsRows } from './dns.ts';
import { fullCheckRows } from './full-check.ts';
import { listRows } from './lists-time.ts';
import { memoryRows } from './memory.ts';
import { spfRows } from './spf.ts';
import { startRows } from './start.ts';
import { isMissed, type Row, rowTable } from './table.ts';
import { transportRows } from './transport.ts';

const cli = process.env.MAILCHECK_CLI ?? 'dist/cli.js';
const root = process.env.MAILCHECK_ROOT ?? '.';
const drivers = process.env.MAILCHECK_BENCH_DRIVERS ?? '';

const rows: Row[] = [];
const directory = mkdtempSync(join(tmpdir(), 'mailcheck-bench-'));
for (const measure of [
  () => startRows(cli),
  () => fullCheckRows(cli, root, directory),
  () => transportRows(cli),
  () => listRows(drivers),
  () => dnsRows(drivers),
  () => spfRows(drivers),
  () => memoryRows(cli, root, drivers, directory),
]) {
  rows.push(...(await measure()));
}
rmSync(directory, { recursive: true, force: true });
process.stdout.write(`${rowTable(rows)}\n`);
if (rows.some(isMissed)) process.exitCode = 1;

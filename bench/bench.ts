/**
 * Runs `npm run bench -- [--history] [part …]`: makes the comparisons of these parts, or every one, and prints them in one
 * table. README.md explains the method.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuRows } from './cpu.ts';
import { dnsRows } from './dns.ts';
import { fullCheckRows } from './full-check.ts';
import { appendHistory, runOfBench } from './history.ts';
import { listRows } from './lists-time.ts';
import { memoryRows } from './memory.ts';
import { spfRows } from './spf.ts';
import { startRows } from './start.ts';
import { isMissed, type Row, rowTable } from './table.ts';
import { transportRows } from './transport.ts';

const cli = process.env.MAILCHECK_CLI ?? 'dist/cli.js';
const root = process.env.MAILCHECK_ROOT ?? '.';
const drivers = process.env.MAILCHECK_BENCH_DRIVERS ?? '';
const directory = mkdtempSync(join(tmpdir(), 'mailcheck-bench-'));

const parts: ReadonlyMap<string, () => Promise<Row[]>> = new Map([
  ['start', () => startRows(cli)],
  ['check', () => fullCheckRows(cli, root, drivers, directory)],
  ['transport', () => transportRows(cli)],
  ['lists', () => listRows(drivers)],
  ['dns', () => dnsRows(drivers)],
  ['spf', async () => spfRows(drivers)],
  ['cpu', () => cpuRows(root, drivers)],
  ['memory', () => memoryRows(cli, root, drivers, directory)],
]);

const words = process.argv.slice(3);
const wanted = words.filter((word) => word !== '--history');
const unknown = wanted.find((name) => !parts.has(name));
if (unknown !== undefined)
  throw new Error(`there is no part ${unknown}. The parts are ${[...parts.keys()].join(', ')}`);

const rows: Row[] = [];
for (const [name, measure] of parts) {
  if (wanted.length === 0 || wanted.includes(name)) rows.push(...(await measure()));
}
rmSync(directory, { recursive: true, force: true });
process.stdout.write(`${rowTable(rows)}\n`);
if (words.includes('--history')) appendHistory(join(root, 'bench/history.ndjson'), rows, runOfBench(root));
if (rows.some(isMissed)) process.exitCode = 1;

/**
 * A fleet of 10 000 targets (20 000 with `MAILCHECK_TESTS=long`) with `--state`, killed five times: the same command goes
 * on each time. In the end each target has exactly one report, and no part of the run has taken more memory than its
 * limit. BIND serves generated zones.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomOf } from '../random.ts';
import { isLong, seed } from '../sample.ts';
import { ended, started } from '../world/running.ts';
import { CLI, plainEnvironment } from '../world/world.ts';
import { domainOf, type GeneratedTargets, startGenerated } from './generated-zones.ts';

const TARGETS = isLong ? 20_000 : 10_000;
const KILLS = 5;
const MOST_MIB = 250;
/** Milliseconds for all parts of the run. A quiet machine with two cores takes a fifth of it. */
const TIME_MS = 600_000;

/** One process of the run: how it ended, what it took, and the domains that it listed. */
interface Part {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The largest resident set, in MiB. */
  readonly peakMiB: number;
  readonly listed: readonly string[];
}

const hasBind = isInstalled('named');

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasBind)(`a fleet of ${TARGETS} targets`, () => {
  let directory: string;
  let generated: GeneratedTargets;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mailcheck-fleet-'));
    generated = await startGenerated(TARGETS, directory);
  });
  afterAll(async () => {
    await generated.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test(
    'that is killed five times has one report for each target, in constant memory',
    async () => {
      const state = join(directory, 'state');
      const random = randomOf(seed);
      // What an earlier part has judged is listed first, so that each part lists more lines than the one before.
      const kills = Array.from({ length: KILLS }, () => Math.floor(random() * TARGETS)).sort((a, b) => a - b);
      const parts: Part[] = [];
      for (const lines of [...kills, Number.POSITIVE_INFINITY]) parts.push(await runPart(state, lines));
      const last = parts.at(-1);

      expect(parts.map(({ code, signal }) => signal ?? code)).toEqual([...kills.map(() => 'SIGKILL'), 0]);
      expect(last?.listed.length).toBe(TARGETS);
      expect(new Set(last?.listed).size).toBe(TARGETS);
      expect(last?.listed).toContain(domainOf(TARGETS - 1));
      expect(await idsIn(join(state, 'reports.ndjson'))).toEqual({ lines: TARGETS, ids: TARGETS });
      expect(Math.max(...parts.map(({ peakMiB }) => peakMiB))).toBeLessThanOrEqual(MOST_MIB);
    },
    TIME_MS,
  );

  /** Runs the fleet, and kills it when it has listed so many targets. */
  async function runPart(state: string, killAt: number): Promise<Part> {
    const args = ['--state', state, '--dns', generated.server, '--allow-private', '--vantage', 'outside', '--dns-only'];
    const child = spawn(
      process.execPath,
      [CLI, 'fleet', generated.file, ...args, '--only', 'spf', '--quiet', '-f', 'list'],
      { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const kill = started(async () => {
      child.kill('SIGKILL');
    });
    const exit = new Promise<Pick<Part, 'code' | 'signal'>>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal })),
    );
    const listed: string[] = [];
    let peakMiB = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const domain = /^\S+ \w+ +(t\d+\.example) /.exec(line)?.[1];
      if (domain === undefined || child.killed) continue;
      listed.push(domain);
      if (listed.length % 100 === 0 || listed.length >= TARGETS) peakMiB = peakOf(child) ?? peakMiB;
      if (listed.length >= killAt) child.kill('SIGKILL');
    }
    const end = await exit;
    ended(kill);
    return { ...end, peakMiB, listed };
  }
});

/** @returns the largest resident set of a process until now, in MiB, or `undefined` where it has ended. */
function peakOf({ pid }: ChildProcess): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

/** @returns how many lines the journal has, and how many targets. Every line is a whole report. */
async function idsIn(file: string): Promise<{ lines: number; ids: number }> {
  const ids = new Set<string>();
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { id, report } = JSON.parse(line) as { id: string; report: { verdict: string } };
    expect(report.verdict).toBe('pass');
    ids.add(id);
    lines += 1;
  }
  return { lines, ids: ids.size };
}

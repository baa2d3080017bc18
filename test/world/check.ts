/**
 * Checks one target in a test world with one rule (or all), and says which codes came out. Every run is recorded, and its
 * recording must give the same report once the world is gone.
 */

import { expect } from 'vitest';
import { parseServer } from '../../src/dns/servers.ts';
import { parseRecording, recordingOf } from '../../src/recording/read.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { RecordedRun } from '../../src/recording/schema.ts';
import type { Report, RuleResult } from '../../src/report.ts';
import { type RunOptions, run } from '../../src/run.ts';
import type { Settings } from '../../src/settings.ts';
import { parseArguments } from '../../src/target.ts';
import { startWorld, type WorldScript } from './world.ts';

export interface CheckCase extends WorldScript {
  readonly domain?: string;
  readonly ips?: readonly string[];
  readonly helo?: string;
  readonly selectors?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly rules?: readonly string[];
  readonly timeoutMs?: number;
}

/** @returns the report of a run in this world; the vantage is `outside` unless the case says otherwise. */
export async function checkIn(world: CheckCase, options: Partial<RunOptions> = {}): Promise<Report> {
  const recorded: RecordedRun[] = [];
  const report = await runIn(world, {
    ...options,
    onRecorded: (run, whole) => {
      recorded.push(run);
      options.onRecorded?.(run, whole);
    },
  });
  const [run] = parseRecording(JSON.stringify(recordingOf(recorded))).runs;
  if (run === undefined) throw new Error('nothing was recorded');
  const replayed = await replayRun(run);
  expect(replayed.missing).toEqual([]);
  expect(replayed.report).toEqual(report);
  return report;
}

/** As `checkIn`, without running the rules again over the recording. */
export async function runIn(world: CheckCase, options: Partial<RunOptions>): Promise<Report> {
  const running = await startWorld(world);
  try {
    const target = {
      ...parseArguments(world.domain ?? 'example.com', world.ips ?? ['203.0.113.5']),
      selectors: world.selectors ?? [],
    };
    return await run(world.helo === undefined ? target : { ...target, helo: world.helo }, {
      settings: {
        smtpPort: 25,
        allowPrivate: true,
        vantage: 'outside',
        probePauseMs: 0,
        submissionPorts: [],
        connectTo: running.connectTo,
        ...world.settings,
      },
      dnsServers: [parseServer(running.dns.server)],
      timeoutMs: world.timeoutMs ?? 20_000,
      ...(world.rules ? { ruleIds: world.rules } : {}),
      onFault: (_, error) => {
        throw error;
      },
      ...options,
    });
  } finally {
    await running.close();
  }
}

export function resultOf(report: Report, ruleId: string): RuleResult {
  const result = report.rules.find(({ id }) => id === ruleId);
  if (result === undefined) throw new Error(`no rule ${ruleId}`);
  return result;
}

/** What one rule finds in this world, in the order of the report. */
export async function findingsOf(ruleId: string, world: CheckCase): Promise<RuleResult['findings']> {
  const report = await checkIn({ ...world, rules: [ruleId] });
  return resultOf(report, ruleId).findings;
}

/** `code` or, where it is not the usual one, `code:severity`, in the order of the report, each once. */
export async function codesOf(ruleId: string, world: CheckCase): Promise<string[]> {
  return [...new Set((await findingsOf(ruleId, world)).map(({ code }) => code))].sort();
}

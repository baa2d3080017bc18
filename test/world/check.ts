/**
 * Checks one target in a test world with one rule or all, and gives the finding codes. Every run is recorded, and the
 * replay of the recording must give the same report without the world.
 */

import { expect } from 'vitest';
import type { Settings } from '../../src/check/settings.ts';
import { parseArguments } from '../../src/check/target.ts';
import { openWorld } from '../../src/check/world.ts';
import { keySecrets } from '../../src/knowledge/lists/catalogue.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { parseRecording, recordingOf } from '../../src/recording/read.ts';
import { type Recorded, type RecordOptions, recordRun } from '../../src/recording/record-run.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { RecordedRun } from '../../src/recording/schema.ts';
import type { Report, RuleResult } from '../../src/report/status.ts';
import { NOBODY_LISTENS, startWorld, type WorldScript } from './world.ts';
import { SERVER, zoneClient } from './zone-resolver.ts';

export interface CheckCase extends WorldScript {
  readonly domain?: string;
  readonly ips?: readonly string[];
  readonly helo?: string;
  readonly selectors?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly rules?: readonly string[];
  readonly timeoutMs?: number;
  /** Answers from the zone without sockets; no host of the case listens then. */
  readonly isInMemory?: boolean;
}

/**
 * Runs a case and replays its recording, which must give the same report. The vantage is `outside` unless the case says
 * otherwise.
 *
 * @returns the report and the recording.
 */
export async function recordIn(
  world: CheckCase,
  options: Partial<RecordOptions> = {},
): Promise<{ report: Report; recorded: RecordedRun }> {
  const { report, recorded } = await runIn(world, options);
  if (recorded === undefined) throw new Error('nothing was recorded');
  const [run] = parseRecording(JSON.stringify(recordingOf([recorded]))).runs;
  if (run === undefined) throw new Error('the recording is empty');
  const replayed = await replayRun(run);
  expect(replayed.missing).toEqual([]);
  // A replay takes no time, so its report has no waterfall.
  expect(replayed.report).toEqual({ ...report, timing: { ...report.timing, waterfall: undefined } });
  return { report, recorded };
}

/** Does the same as `recordIn`, and returns only the report. */
export async function checkIn(world: CheckCase, options: Partial<RecordOptions> = {}): Promise<Report> {
  return (await recordIn(world, options)).report;
}

async function runIn(world: CheckCase, given: Partial<RecordOptions>): Promise<Recorded> {
  const running = world.isInMemory ? undefined : await startWorld(world);
  try {
    const target = {
      ...parseArguments(world.domain ?? 'example.com', world.ips ?? ['203.0.113.5']),
      selectors: world.selectors ?? [],
      ...(world.helo === undefined ? {} : { helo: world.helo }),
    };
    const settings: Settings = {
      smtpPort: 25,
      allowPrivate: true,
      vantage: 'outside',
      probePauseMs: 0,
      submissionPorts: [],
      connectTo: running?.connectTo ?? NOBODY_LISTENS,
      ...world.settings,
    };
    const options: RecordOptions = {
      settings,
      dnsServers: [running === undefined ? SERVER : parseServer(running.dns.server)],
      timeoutMs: world.timeoutMs ?? 20_000,
      ...(world.rules ? { ruleIds: world.rules } : {}),
      onFault: (_, error) => {
        throw error;
      },
      ...given,
    };
    if (running !== undefined) return await recordRun(target, options);
    const inMemory = openWorld({ ...options, domain: target.domain });
    const dns = zoneClient(world.dns, inMemory.signal, keySecrets(settings.listKeys ?? {}));
    return await recordRun(target, { ...options, world: { ...inMemory, dns } });
  } finally {
    await running?.close();
  }
}

export function resultOf(report: Report, ruleId: string): RuleResult {
  const result = report.rules.find(({ id }) => id === ruleId);
  if (result === undefined) throw new Error(`no rule ${ruleId}`);
  return result;
}

/** @returns the findings of one rule in this world, in the order of the report. */
export async function findingsOf(ruleId: string, world: CheckCase): Promise<RuleResult['findings']> {
  const report = await checkIn({ ...world, rules: [ruleId] });
  return resultOf(report, ruleId).findings;
}

/** @returns the codes that one rule finds in this world, sorted and each once. */
export async function codesOf(ruleId: string, world: CheckCase): Promise<string[]> {
  return [...new Set((await findingsOf(ruleId, world)).map(({ code }) => code))].sort();
}

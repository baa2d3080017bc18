/**
 * Checks one target in a test world with one rule or all, and gives the finding codes. Every run is recorded, and the
 * replay of the recording must give the same report without the world.
 */

import { expect } from 'vitest';
import type { StampBook } from '../../src/check/facts/asking/stamp.ts';
import type { KeyBook } from '../../src/check/facts/key-sighting.ts';
import { keyFiles } from '../../src/check/key-files.ts';
import type { Settings } from '../../src/check/settings.ts';
import { parseArguments } from '../../src/check/target.ts';
import { openProcess, openWorld, type World as RunWorld, type WorldOptions } from '../../src/check/world.ts';
import { keySecrets } from '../../src/knowledge/lists/catalogue.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { parseIp } from '../../src/network/ip.ts';
import { type BudgetLimits, SmtpBudgets } from '../../src/network/smtp/budgets.ts';
import { createSmtpClient, type SmtpClientOptions } from '../../src/network/smtp/client.ts';
import { parseRecording, recordingOf } from '../../src/recording/read.ts';
import { type Recorded, type RecordOptions, recordRun } from '../../src/recording/record-run.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { RecordedRun } from '../../src/recording/schema.ts';
import type { Report, RuleResult } from '../../src/report/status.ts';
import type { HttpsWorld } from './https.ts';
import type { SmtpWorld } from './smtp.ts';
import { NotedStamps } from './stamps.ts';
import { NOBODY_LISTENS, startWorld, type World, type WorldScript, worldAuthority } from './world.ts';
import { SERVER, zoneClient } from './zone-resolver.ts';

export interface CheckCase extends WorldScript {
  readonly domain?: string;
  readonly ips?: readonly string[];
  readonly helo?: string;
  readonly selectors?: readonly string[];
  readonly settings?: Partial<Settings>;
  /** The user does not say where mailcheck runs. */
  readonly isVantageUnsaid?: true;
  readonly rules?: readonly string[];
  readonly timeoutMs?: number;
  /** Answers from the zone without sockets; no host of the case listens then. */
  readonly isInMemory?: boolean;
  /** Connects to the addresses as they are. Only for a case whose addresses no packet is sent to. */
  readonly isDirect?: true;
  /** How long the SMTP client waits; as in the product when absent. */
  readonly smtpTimeouts?: SmtpClientOptions['timeouts'];
  /** How often an address is asked; as in the product when absent. */
  readonly smtpLimits?: BudgetLimits;
  /** The time for the run is up when this is aborted, if `timeoutMs` is not over before. */
  readonly deadline?: AbortSignal;
  /** The addresses of the machine that mailcheck runs on; those it has when absent. */
  readonly own?: readonly string[];
  /** The stamps of asked receivers; those of a user who never asked when absent. */
  readonly stamps?: StampBook;
  /** What earlier runs saw of DKIM keys; nothing when absent. */
  readonly keys?: KeyBook;
  /** Is told of each pause, in milliseconds, and none is made. */
  readonly onPause?: (milliseconds: number) => void;
}

export interface Run {
  readonly report: Report;
  readonly recorded: RecordedRun;
  /** The mail servers that were there, by address. */
  readonly hosts: ReadonlyMap<string, SmtpWorld>;
  /** The web servers that were there, by address. */
  readonly web: ReadonlyMap<string, HttpsWorld>;
}

/**
 * Runs a case, and runs its recording again, which must give the same report. The vantage is `outside` unless the case
 * says otherwise.
 */
export async function recordIn(world: CheckCase, options: Partial<RecordOptions> = {}): Promise<Run> {
  const { report, recorded, hosts, web } = await runIn(world, options);
  if (recorded === undefined) throw new Error('nothing was recorded');
  await checkReplay(report, recorded);
  return { report, recorded, hosts, web };
}

async function checkReplay(report: Report, recorded: RecordedRun): Promise<void> {
  const [run] = parseRecording(JSON.stringify(recordingOf([recorded]))).runs;
  if (run === undefined) throw new Error('the recording is empty');
  const replayed = await replayRun(run);
  expect(replayed.missing).toEqual([]);
  // A replay takes no time, so its report has no waterfall.
  expect(replayed.report).toEqual({ ...report, timing: { ...report.timing, waterfall: undefined } });
}

/** Does the same as `recordIn`, and returns only the report. */
export async function checkIn(world: CheckCase, options: Partial<RecordOptions> = {}): Promise<Report> {
  return (await recordIn(world, options)).report;
}

async function runIn(world: CheckCase, given: Partial<RecordOptions>): Promise<Recorded & Pick<Run, 'hosts' | 'web'>> {
  const running = world.isInMemory ? undefined : await startWorld(world);
  try {
    const target = {
      ...parseArguments(world.domain ?? 'example.com', world.ips ?? ['203.0.113.5']),
      selectors: world.selectors ?? [],
      ...(world.helo === undefined ? {} : { helo: world.helo }),
    };
    const options: RecordOptions = {
      settings: settingsOf(world, running),
      dnsServers: [running === undefined ? SERVER : parseServer(running.dns.server)],
      timeoutMs: world.timeoutMs ?? 20_000,
      ...(world.rules ? { ruleIds: world.rules } : {}),
      onFault: (_, error) => {
        throw error;
      },
      ...given,
    };
    const opened = openWorldOf(world, { ...options, domain: target.domain });
    const { hosts = new Map(), web = new Map() } = running ?? {};
    return { ...(await recordRun(target, { ...options, world: opened })), hosts, web };
  } finally {
    await running?.close();
  }
}

function settingsOf(world: CheckCase, running: World | undefined): Settings {
  return {
    smtpPort: 25,
    allowPrivate: true,
    ...(world.isVantageUnsaid ? {} : { vantage: 'outside' }),
    ...(world.onPause ? {} : { probePauseMs: 0 }),
    ...(world.isDirect ? {} : { connectTo: running?.connectTo ?? NOBODY_LISTENS }),
    ...(world.web ? { extraRoots: [worldAuthority.certificate] } : {}),
    ...world.settings,
  };
}

/** The world as the product opens it, but for what the case says of it. */
function openWorldOf(world: CheckCase, options: WorldOptions): RunWorld {
  const { smtpTimeouts, smtpLimits, deadline, own, onPause, stamps = new NotedStamps(), keys = keyFiles(null) } = world;
  const shared = { ...openProcess(), budgets: new SmtpBudgets(smtpLimits) };
  const opened = openWorld(options, shared);
  const { start, signal } = opened;
  const { settings, onFault } = options;
  const { allowPrivate, connectTo, extraRoots } = settings;
  deadline?.addEventListener('abort', () => opened.end());
  return {
    ...opened,
    stamps,
    keys,
    ...(own ? { start: { ...start, addresses: own.map(parseIp).filter((ip) => ip !== undefined) } } : {}),
    ...(world.isInMemory ? { dns: zoneClient(world.dns, signal, keySecrets(settings.listKeys ?? {})) } : {}),
    ...(smtpTimeouts
      ? {
          smtp: createSmtpClient({
            probeName: start.probeName,
            signal,
            allowPrivate,
            budgets: shared.budgets,
            // A limit of connections in a test passes at once, or never.
            timeouts: { limitMs: 2, ...smtpTimeouts },
            ...(connectTo ? { connectTo } : {}),
            ...(extraRoots ? { extraRoots } : {}),
            ...(onFault ? { onFault } : {}),
          }),
        }
      : {}),
    ...(onPause ? { pause: async (milliseconds: number) => onPause(milliseconds) } : {}),
  };
}

export function resultOf(report: Report, ruleId: string): RuleResult {
  const result = report.rules.find(({ id }) => id === ruleId);
  if (result === undefined) throw new Error(`no rule ${ruleId}`);
  return result;
}

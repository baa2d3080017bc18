/**
 * Runs the rules again over a recording. A replay uses no network, no clock, no random numbers and nothing of this
 * machine.
 */
import { setMaxListeners } from 'node:events';
import type { Patience } from '../check/facts/fact.ts';
import { type RunOptions, run } from '../check/run.ts';
import type { Settings } from '../check/settings.ts';
import type { World } from '../check/world.ts';
import { keySecrets } from '../knowledge/lists/catalogue.ts';
import { textRedactor } from '../network/dns/redact.ts';
import type { AllowedGaps, Report } from '../report/status.ts';
import { sightingQuestion, stampQuestion, VERIFICATION } from './questions.ts';
import { replayDns } from './replay-dns.ts';
import { replayHttps } from './replay-https.ts';
import { replaySmtp } from './replay-smtp.ts';
import type { RecordedRun } from './schema.ts';
import { giveSettings } from './settings.ts';
import { type ExchangeSource, Timeline } from './timeline.ts';

/** The options of a replay. */
export interface ReplayOptions extends Pick<RunOptions, 'signal' | 'onProgress' | 'onFault'> {
  /** Whether the report contains the DNS and SMTP dialogues. The default is the choice of the recorded run. */
  readonly transcript?: boolean;
  /** The ids of the rules that may be inconclusive, or `all`. The default is the choice of the recorded run. */
  readonly allowInconclusive?: AllowedGaps;
}

/** The result of a replay. */
export interface Replayed {
  readonly report: Report;
  /**
   * The questions that are not in the recording, and what of its target was left out. The rules of another version may
   * ask other questions.
   */
  readonly missing: readonly string[];
}

/**
 * Replays one recorded run.
 *
 * @param timelineOf makes the source of the exchanges. The default source gives them in the order of the recording.
 */
export async function replayRun(
  recorded: RecordedRun,
  options: ReplayOptions = {},
  timelineOf: (onDeadline: () => void) => ExchangeSource = (onDeadline) =>
    new Timeline(recorded.exchanges, recorded.unfinished, onDeadline),
): Promise<Replayed> {
  const settings = giveSettings(recorded);
  const { world, timeline } = recordedWorld(recorded, settings, timelineOf);
  const { ruleIds, proposed, judgement } = recorded;
  const { target, leftOut } = believed(recorded.target);
  const {
    allowInconclusive = judgement.allowInconclusive ?? [],
    transcript = recorded.transcript,
    ...others
  } = options;
  const report = await run(target, {
    ...others,
    transcript,
    settings,
    proposed,
    judgement: {
      ...judgement,
      allowInconclusive,
      severity: Object.fromEntries(judgement.severity.map((row) => [row.code, row.severity])),
    },
    ...(ruleIds ? { ruleIds } : {}),
    // The recording says when the time limit ended the run, so the replay needs no timer.
    timeoutMs: 0,
    world,
  });
  return { report, missing: [...leftOut, ...timeline.missing] };
}

/** The options that name a file to write, which no recorded run has among those to repeat. */
const NOT_REPEATED: readonly string[] = ['--format', '--output', '--record', '--replay', '--baseline'];

/**
 * Tells whether the commands of a report may repeat an option. A recording may come from a stranger, so they name no
 * file to write and no configuration that is code.
 */
function isRepeated([flag = '', value = '']: readonly string[]): boolean {
  return flag === '--config' ? /\.(?:jsonc?|ya?ml)$/i.test(value) : !NOT_REPEATED.includes(flag);
}

/** @returns the target as far as it is what a target can be, and what was left out, for the missing questions. */
function believed(target: RecordedRun['target']): { target: RecordedRun['target']; leftOut: string[] } {
  const { selectors, given, ...others } = target;
  // The rules judge labels that begin or end with a hyphen.
  const isSelector = (text: string): boolean => /^[A-Za-z0-9._-]+$/.test(text);
  return {
    target: {
      ...others,
      selectors: selectors.filter(isSelector),
      ...(given ? { given: given.filter(isRepeated) } : {}),
    },
    leftOut: selectors.filter((text) => !isSelector(text)).map((text) => `the selector ${text}, which is none`),
  };
}

function recordedWorld(
  recorded: RecordedRun,
  settings: Settings,
  timelineOf: (onDeadline: () => void) => ExchangeSource,
): { world: World; timeline: ExchangeSource } {
  const { environment: start } = recorded;
  const deadline = new AbortController();
  const { signal } = deadline;
  // Every rule listens to this signal, so Node's warning about many listeners would be wrong.
  setMaxListeners(0, signal);
  const timeline = timelineOf(() => deadline.abort());
  const mask = textRedactor(keySecrets(settings.listKeys ?? {}));
  const durations = new Map(recorded.durations.map(({ what, ms }) => [what, ms]));
  const dns = replayDns(start.dnsServers, timeline, signal, mask);
  const patience = (what: string): Patience => ({
    promise: new Promise((resolve) => {
      // It was not needed in the recorded run.
      if (!recorded.exchanges.some(({ kind, asked }) => kind === 'patience' && asked === what)) return;
      timeline.take('patience', what).then(() => resolve('over'));
    }),
    stop() {},
  });
  const world: World = {
    start,
    signal,
    dns,
    smtp: replaySmtp(start.probeName, recorded.transcripts, timeline),
    https: replayHttps(timeline),
    stamps: {
      async claim(receiver, ip) {
        const taken = await timeline.take('stamp', stampQuestion(receiver, ip));
        return taken?.result ?? { status: 'unusable', detail: 'it is not in the recording' };
      },
      // A replay writes nothing.
      keep: async () => {},
      release: async () => {},
    },
    keys: {
      known: async (name, fingerprint) =>
        (await timeline.take('sighting', sightingQuestion(name, fingerprint)))?.result ?? null,
      keep: async () => {},
    },
    pause: (milliseconds) => timeline.pause(milliseconds),
    patience,
    nearEnd: patience,
    async verifyMessage(resolver) {
      // The recording does not contain the message. It contains the DNS questions of the verification, and its result.
      const names = recorded.exchanges.flatMap((exchange) => (exchange.kind === 'verification' ? exchange.names : []));
      await Promise.all(names.map((name) => resolver.query(name, 'TXT')));
      return (await timeline.take('verification', VERIFICATION))?.result ?? null;
    },
    stopwatch: (what) => () => durations.get(what) ?? 0,
    cutOff: (what) => ({
      promise: new Promise((resolve) => {
        if (!recorded.cutOff.includes(what)) return;
        signal.addEventListener('abort', () => resolve('cut off'), { once: true });
      }),
      stop() {},
    }),
    settled: () => timeline.settled(),
    end() {
      timeline.end();
      deadline.abort();
    },
  };
  return { world, timeline };
}

/** Runs `mailcheck <domain> [ip…]`: reads the options, runs the check, writes the report, and returns the exit code. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Judgement } from '../../check/conclusion/judgement.ts';
import { type BegunRun, beginRun } from '../../check/opening.ts';
import type { RunOptions } from '../../check/run.ts';
import type { RunTarget } from '../../check/target.ts';
import { abortListeners } from '../../network/abort-listeners.ts';
import { parseDomain } from '../../network/domain.ts';
import { observed } from '../../network/fault.ts';
import { parseIp } from '../../network/ip.ts';
import { compared } from '../../report/baseline.ts';
import { EXIT, type Report } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';
import { UsageError } from '../../usage-error.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { shownFile } from '../config/source.ts';
import { optionReader } from '../options/read.ts';
import { allRuleIds } from '../options/settings.ts';
import { type CheckArguments, OPTIONS } from '../options/table.ts';
import { writePlans } from '../plan-file/outputs.ts';
import { FIRST_STEPS } from '../short-help.ts';
import { reportFault } from '../terminal/faults.ts';
import { type Interrupt, interruptible } from '../terminal/interrupt.ts';
import { warn, writeText } from '../terminal/output.ts';
import { exitCodeOf } from './exit.ts';
import { loadReporters, reportDetail, writeReports } from './outputs.ts';
import { type Arguments, type Plan, type PlannedTarget, planCheck, subjectOf, withEarlierKeys } from './plan.ts';
import { type Progress, startProgress } from './progress.ts';
import type { Recordings } from './recording-file.ts';
import { runTargets } from './run-targets.ts';
import { type RoundOf, roundText, waitUntilPassed } from './wait.ts';

/**
 * Runs the check as the command line and the configuration file ask for it.
 *
 * @param typed the names of the options on the command line. The other options have their defaults.
 * @returns the exit code.
 * @throws UsageError for a wrong argument or option, or for a file that cannot be read or written.
 */
export async function check(
  domainText: string | undefined,
  ipTexts: readonly string[],
  options: CheckArguments,
  typed: ReadonlySet<string>,
): Promise<number> {
  const { allowInconclusive, ...words } = restoreSwallowed(domainText, ipTexts, options.allowInconclusive);
  const { allowInconclusive: _, ...others } = options;
  const given = allowInconclusive === undefined ? others : { ...others, allowInconclusive };
  if (options.replay !== undefined) {
    const { replay } = await import('./replay.ts');
    return replay(options.replay, words, given, typed);
  }
  const config = await optionReader(OPTIONS, given).about('config', () => loadConfig(options.config, warn));
  const plan = await planCheck(words, { options: given, typed }, config);
  if (options.printConfig) {
    const { printedConfig } = await import('./print-config.ts');
    await writeText(process.stdout, printedConfig(plan, config, words.ips.length > 0));
    return 0;
  }
  if (plan.targets.length === 0) {
    if (config === undefined && domainText === undefined && typed.size === 0) return withoutArguments();
    throw new UsageError(whichDomain(config));
  }
  const wait = await parseWait(options, plan);
  const isQuiet = options.quiet ?? false;
  const detail = reportDetail(options);
  const isVerbose = detail.verbose;
  if (config !== undefined && isVerbose && !isQuiet) warn(`configuration: ${shownFile(config.file)}`);
  const interrupt = interruptible();
  const begun = wait === undefined ? await beginAlone(plan.targets, options) : undefined;
  const progress = await startProgress(isQuiet, subjectOf(plan.targets));
  const recordings = options.record === undefined ? undefined : await recordingsIn(options.record, isVerbose);
  const check = checker(plan, interrupt, progress, {
    transcript: isVerbose || wait !== undefined,
    timing: options.timing ?? false,
    recordings,
    begun,
    untilSafe: wait !== undefined && (wait.awaited?.includes('dkim') ?? true),
  });
  try {
    const found =
      wait === undefined
        ? await check(plan.targets.map((target) => ({ target })))
        : await waitUntilPassed(plan.targets, check, {
            ...wait,
            policy: plan.policy,
            now: Date.now,
            pause: (ms) => sleep(ms, undefined, { signal: interrupt.signal }),
            onRound: (round) => {
              const text = printable(roundText(round));
              if (progress.isShown) progress.say(text);
              else if (!isQuiet) warn(text);
            },
          });
    progress.stop();
    const reports = isVerbose ? found : found.map(({ transcript: _transcript, ...report }) => report);
    const { signal } = interrupt;
    const otherFiles = async (): Promise<void> => {
      await writePlans(plan.planFiles, reports, signal);
      await recordings?.write(plan.targets, signal);
    };
    await writeReports(plan.outputs, reports, { ...detail, policy: plan.policy, signal, otherFiles });
    await warnOfUnneeded(plan.judgement.accept ?? [], reports);
    return exitCodeOf(plan.outputs, reports, plan.policy);
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode();
    throw error;
  } finally {
    progress.stop();
    interrupt.stop();
  }
}

/**
 * Asks the first questions about a single target, because its rules take long to load. A recording has every question of its
 * run, so its run begins in the recorder.
 *
 * @returns the begun run, or `undefined` where the run begins later.
 */
async function beginAlone(
  [planned, ...others]: readonly PlannedTarget[],
  { record, timing = false }: CheckArguments,
): Promise<BegunRun | undefined> {
  if (planned === undefined || others.length > 0 || record !== undefined || timing) return undefined;
  const { target, run } = planned;
  if (run.settings.offline) return undefined;
  const begun = beginRun(target, { ...run, onFault: reportFault });
  // The questions leave before the modules load.
  await turn();
  return begun;
}

/** Returns what keeps the recordings of the run for the file. */
async function recordingsIn(file: string, isVerbose: boolean): Promise<Recordings<PlannedTarget>> {
  const { recordingsTo } = await import('./recording-file.ts');
  return recordingsTo<PlannedTarget>(file, isVerbose);
}

/** Warns of acceptances that can be deleted. */
async function warnOfUnneeded(accept: NonNullable<Judgement['accept']>, reports: readonly Report[]): Promise<void> {
  if (accept.length === 0) return;
  const { unneeded } = await import('../../check/conclusion/judgement.ts');
  for (const { code, reason } of unneeded(accept, reports)) {
    warn(`${code} is accepted in the configuration (${printable(reason)}), but was not found: delete it there`);
  }
}

/** The most targets that the progress line names. */
const MAX_NAMES = 10;

/** Returns a function that runs targets. It closes over everything that is the same for all of them. */
function checker(
  { judgement, baseline }: Plan,
  { signal }: Interrupt,
  progress: Progress,
  {
    begun,
    recordings,
    timing,
    transcript,
    untilSafe,
  }: {
    /** The run of the only target, if it has begun already. */
    readonly begun: BegunRun | undefined;
    readonly recordings: Recordings<PlannedTarget> | undefined;
    /** Whether the report contains the waterfall: which exchange waited for which. */
    readonly timing: boolean;
    /** Whether the report contains the DNS and SMTP dialogues. */
    readonly transcript: boolean;
    /** Whether the wait goes on until it is safe to switch to the DKIM key that the user gave. */
    readonly untilSafe: boolean;
  },
) {
  // The cache of the user may be missing, and each round learns from the ones before.
  const latest = new Map<PlannedTarget, Report>();
  return async (rounds: readonly RoundOf<PlannedTarget>[]): Promise<Report[]> => {
    const { openSharedProcess } = await import('../../check/world.ts');
    const { run } = await import('../../check/run.ts');
    const all = await allRuleIds();
    // They load while the run waits for the network.
    observed(loadReporters());
    const isOne = rounds.length === 1;
    // A recording has everything that its run saw, so its run shares nothing. The next round asks anew.
    const shared = isOne || recordings !== undefined || timing ? undefined : openSharedProcess();
    const onAbort = abortListeners(signal);
    const selected = new Map(rounds.map(({ target, ruleIds }) => [target, ruleIds]));
    const runOne = async (planned: PlannedTarget): Promise<Report> => {
      const ruleIds = selected.get(planned);
      const earlier = latest.get(planned);
      const { run: asked } = earlier === undefined ? planned : withEarlierKeys(planned, [earlier]);
      const own = new AbortController();
      const forget = onAbort(() => own.abort(signal.reason));
      const options: RunOptions = {
        ruleIds: all,
        ...asked,
        ...(begun === undefined ? {} : { begun }),
        ...(shared === undefined ? {} : { process: shared }),
        ...(untilSafe ? { settings: { ...asked.settings, untilSafe } } : {}),
        ...(ruleIds === undefined ? {} : { ruleIds }),
        judgement,
        signal: own.signal,
        transcript,
        onFault: reportFault,
        ...(isOne ? { onProgress: progress.show } : {}),
      };
      // The printed report is that of the last round that ran every rule. The recording must be of the same round.
      const kept = ruleIds === undefined ? recordings : undefined;
      const report = await runAndKeep(planned, options, { run, recordings: kept, timing }).finally(forget);
      latest.set(planned, report);
      return baseline === undefined ? report : compared(report, baseline);
    };
    const running = runTargets([...selected.keys()], {
      runOne,
      signal,
      onWaiting(waiting) {
        if (isOne || waiting.length === 0) return;
        const names = waiting.slice(0, MAX_NAMES).map(({ target }) => target.domain);
        const more = waiting.length > names.length ? `, and ${waiting.length - names.length} more` : '';
        progress.say(`Waiting for ${waiting.length} of ${rounds.length} targets: ${names.join(', ')}${more}`);
      },
    });
    return running.finally(() => shared?.end());
  };
}

/** Runs one target. It loads the recorder only when the user wants a recording or the waterfall. */
async function runAndKeep(
  planned: PlannedTarget,
  options: RunOptions,
  {
    run,
    recordings,
    timing,
  }: {
    readonly run: (target: RunTarget, options: RunOptions) => Promise<Report>;
    readonly recordings: Recordings<PlannedTarget> | undefined;
    readonly timing: boolean;
  },
): Promise<Report> {
  if (recordings === undefined && !timing) return run(planned.target, options);
  const { recordRun } = await import('../../recording/record-run.ts');
  const { report, recorded } = await recordRun(planned.target, { ...options, timing });
  if (recorded !== undefined) recordings?.keep(planned, recorded);
  return report;
}

/**
 * Prints how to begin. On a terminal that is all. Elsewhere it is an error as well: a job whose configuration was not
 * found has checked nothing, and must not pass.
 */
async function withoutArguments(): Promise<number> {
  await writeText(process.stdout, FIRST_STEPS);
  if (process.stdout.isTTY) return EXIT.ok;
  throw new UsageError(whichDomain(undefined));
}

/** Returns the error message for a command line without a domain. */
function whichDomain(config: LoadedConfig | undefined): string {
  const type = 'Type: mailcheck <domain> [ip...], such as mailcheck example.com 203.0.113.5 (or --help)';
  return config === undefined
    ? `which domain? ${type}`
    : `which domain? ${shownFile(config.file)} has no targets. ${type}`;
}

/**
 * Returns the deadline of `--wait` in milliseconds since the epoch and the rules of `--wait-for`, or undefined without
 * `--wait`.
 */
async function parseWait(options: CheckArguments, { policy, targets }: Plan) {
  if (options.wait === undefined && options.waitFor !== undefined) {
    throw new UsageError('--wait-for needs a time limit. Add --wait 10m');
  }
  const reader = optionReader(OPTIONS, options);
  const ms = await reader.read('wait');
  if (ms === undefined) return undefined;
  if (policy.failOn === 'never')
    throw new UsageError(
      '--wait and --fail-on never contradict each other: nothing fails, so there is nothing to wait for',
    );
  const awaited = await reader.read('waitFor');
  const left = awaited?.find((id) =>
    targets.every(({ run: { ruleIds } }) => ruleIds !== undefined && !ruleIds.includes(id)),
  );
  if (left !== undefined) throw new UsageError(`--wait-for ${left}: --only or --skip excludes this check`);
  return { deadline: Date.now() + ms, ...(awaited === undefined ? {} : { awaited }) };
}

/**
 * Restores a domain or address that `--allow-inconclusive` took as its optional value. A value that is an address or a
 * domain name cannot be the id of a rule.
 */
function restoreSwallowed(
  domain: string | undefined,
  ips: readonly string[],
  value: string | true | undefined,
): Arguments & { allowInconclusive: string | true | undefined } {
  if (typeof value !== 'string') return { domain, ips, allowInconclusive: value };
  if (parseIp(value)) return { domain, ips: [...ips, value], allowInconclusive: true };
  if (!parseDomain(value)) return { domain, ips, allowInconclusive: value };
  return { domain: value, ips: domain === undefined ? ips : [domain, ...ips], allowInconclusive: true };
}

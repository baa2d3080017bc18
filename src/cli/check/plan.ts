/** Plans a run: its targets, and what holds for all of them, from the command line and the configuration file. */

import type { Judgement } from '../../check/conclusion/judgement.ts';
import type { RunOptions } from '../../check/run.ts';
import { parseArguments, type Target } from '../../check/target.ts';
import { serverLabel } from '../../network/dns/servers.ts';
import { type Domain, parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import type { BaselineReport, ExitPolicy } from '../../report/status.ts';
import { UsageError } from '../../usage-error.ts';
import { configuredJudgement } from '../config/judgement.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type Resolved, resolveOptions, type Typed } from '../config/resolve.ts';
import type { ZoneReader } from '../options/files.ts';
import { givenOptions } from '../options/given.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { isPluginLine } from '../options/outputs.ts';
import { type OptionReader, optionReader, placed, type SettingsMemory } from '../options/read.ts';
import { parseSettings, refuseWithoutZone, selectedRuleIds } from '../options/settings.ts';
import { type CheckArguments, OPTIONS } from '../options/table.ts';
import { refuseForProposed } from '../plan-file/formats.ts';
import { type PlanOutput, parsePlanOutputs } from '../plan-file/outputs.ts';
import { parseReportOutputs, type ReportOutput } from './outputs.ts';

/** The command-line arguments that are not options. */
export interface Arguments {
  readonly domain: string | undefined;
  readonly ips: readonly string[];
}

/** One target of a run, with everything that the run needs. */
export interface PlannedTarget {
  readonly target: Omit<Target, 'ipSource'>;
  readonly run: Pick<RunOptions, 'settings' | 'ruleIds' | 'proposed' | 'timeoutMs'> & {
    readonly dnsServers: NonNullable<RunOptions['dnsServers']>;
  };
  /** The options of the target, each with its origin. */
  readonly resolved: Resolved;
  /** Whether the target comes from the configuration file. */
  readonly isConfigured: boolean;
}

/** The plan of a run: its targets, and what holds for all of them. */
export interface Plan {
  readonly targets: readonly PlannedTarget[];
  readonly outputs: readonly ReportOutput[];
  /** The files for the changes of DNS records. */
  readonly planFiles: readonly PlanOutput[];
  readonly policy: ExitPolicy;
  readonly judgement: Judgement;
  readonly baseline: { readonly file: string; readonly reports: readonly BaselineReport[] } | undefined;
  /** The options that hold for all targets. */
  readonly resolved: Resolved;
}

/** A plugin has other exit codes, also where the configuration cannot be read. So the command line must say that it is one. */
const NAGIOS_IN_FILE = 'nagios needs the command line, since it changes the exit codes: type -f nagios';

type CheckReader = OptionReader<typeof OPTIONS>;

/**
 * Plans a run from the command line and the configuration file.
 *
 * @throws UsageError for a value that cannot be used. For a value of the configuration file the message begins with
 *   file and line.
 */
export async function planCheck(words: Arguments, typed: Typed, config: LoadedConfig | undefined): Promise<Plan> {
  const resolved = resolveOptions(typed, config);
  const { options } = resolved;
  const reader = optionReader(OPTIONS, options, { placeOf: resolved.place });
  const outputs = await reader.about('format', () => {
    const parsed = parseReportOutputs(options.format, options.output);
    if (!typed.typed.has('format') && parsed.some(isPluginLine)) throw new UsageError(NAGIOS_IN_FILE);
    return parsed;
  });
  const planFiles = parsePlanOutputs(options.plan, outputs);
  const policy = await policyOf(options, reader);
  const targets = await plannedTargets(words, typed, config);
  if (targets.some(({ run }) => (run.proposed ?? []).length > 0))
    refuseForProposed(planFiles.flatMap(({ formats }) => formats));
  const baseline = options.baseline === undefined ? undefined : await baselineOf(options.baseline, targets, reader);
  return {
    targets: targets.map((target) => withEarlier(target, baseline?.reports ?? [])),
    outputs,
    planFiles,
    policy,
    judgement: { ...judgementOf(policy), ...configuredJudgement(config?.config ?? {}) },
    baseline,
    resolved,
  };
}

/** Adds what the run compares with the baseline: the MTA-STS policy, and since when DKIM keys are at all name servers. */
function withEarlier(planned: PlannedTarget, reports: readonly BaselineReport[]): PlannedTarget {
  const { domain } = planned.target;
  const own = reports.filter(({ target }) => target.domain === domain);
  const earlierPolicy = own.find(({ mtaSts }) => mtaSts !== undefined)?.mtaSts;
  const settings = earlierPolicy === undefined ? planned.run.settings : { ...planned.run.settings, earlierPolicy };
  return withEarlierKeys({ ...planned, run: { ...planned.run, settings } }, own);
}

/** @returns the target with what earlier reports on it say of DKIM keys at name servers. */
export function withEarlierKeys(
  planned: PlannedTarget,
  reports: readonly Pick<BaselineReport, 'dkimKeys' | 'rules' | 'timing'>[],
): PlannedTarget {
  type EarlierKeys = NonNullable<PlannedTarget['run']['settings']['earlierKeys']>;
  const keys = reports.flatMap(({ dkimKeys = [], rules, timing }): EarlierKeys => {
    const findings = rules.flatMap((rule) => rule.findings);
    const isLost = (name: string): boolean =>
      findings.some(({ code, about }) => code === 'dkim/not-at-all-servers' && about.name === name);
    return dkimKeys.flatMap(({ name, fingerprint, since, safeAt }): EarlierKeys => {
      if (since !== null) return [{ name, fingerprint, since, safeAt }];
      return isLost(name) ? [{ name, fingerprint, since, lostAt: timing.startedAt }] : [];
    });
  });
  if (keys.length === 0) return planned;
  const { earlierKeys = [] } = planned.run.settings;
  return {
    ...planned,
    run: { ...planned.run, settings: { ...planned.run.settings, earlierKeys: [...earlierKeys, ...keys] } },
  };
}

/** @returns the targets of the configuration file, or the one of the command line, each with its options. */
export async function plannedTargets(
  words: Arguments,
  typed: Typed,
  config: LoadedConfig | undefined,
): Promise<PlannedTarget[]> {
  const entries = entriesToPlan(words, config);
  const isAnyProposed = entries.some((index) => isWithZone(resolveOptions(typed, config, index)));
  const shared: Shared = { words, typed, config, readZones: zonesWhenNamed(), memory: new Map(), isAnyProposed };
  const planned: PlannedTarget[] = [];
  // One after the other, so that the files of many targets are not all open at once.
  for (const index of entries) planned.push(await planTarget(shared, index));
  return planned;
}

/** Returns the positions of the targets in the configuration file, or `undefined` for one that is not in it. */
function entriesToPlan(words: Arguments, config: LoadedConfig | undefined): (number | undefined)[] {
  const entries = config?.config.targets ?? [];
  if (words.domain === undefined) return [...entries.keys()];
  const { domain, ips } = parseArguments(words.domain, words.ips);
  const own = [...entries.keys()].filter((index) => isEntryFor(entries[index], domain));
  const [first, ...others] = own;
  if (first === undefined) return [undefined];
  if (ips.length === 0) return own;
  const fitting = own.find((index) => entries[index]?.ips?.some((text) => ips.some((ip) => ip === parseIp(text))));
  return [fitting ?? (others.length === 0 ? first : undefined)];
}

const isWithZone = ({ options }: Resolved): boolean => (options.zone ?? []).length > 0;

/** Returns a reader of zones that loads what parses them when there is one. */
function zonesWhenNamed(): ZoneReader {
  let reader: ZoneReader | undefined;
  return async (files, domain) => {
    if (files.length === 0) return [];
    const { zoneReader } = await import('../options/files.ts');
    reader ??= zoneReader();
    return reader(files, domain);
  };
}

/** What the plans of all targets of a run share. */
interface Shared {
  readonly words: Arguments;
  readonly typed: Typed;
  readonly config: LoadedConfig | undefined;
  readonly readZones: ZoneReader;
  readonly memory: SettingsMemory;
  /** Whether some target has proposed records. */
  readonly isAnyProposed: boolean;
}

const isEntryFor = (entry: { domain: string } | undefined, domain: Domain): boolean =>
  parseDomain(entry?.domain ?? '') === domain;

/** @param index the position of the target in the configuration file, or `undefined` if the file does not have it. */
async function planTarget(
  { words, typed, config, readZones, memory, isAnyProposed }: Shared,
  index: number | undefined,
): Promise<PlannedTarget> {
  const resolved = resolveOptions(typed, config, index);
  const { options } = resolved;
  const reader = optionReader(OPTIONS, options, { placeOf: resolved.place, memory });
  const { domain, ips } = await addressesOf(words, config, index);
  await refuseWithoutZone(options, { typed: typed.typed, isProposed: isWithZone(resolved), isAnyProposed }, reader);
  const selectors = (await reader.read('selector')) ?? [];
  const helo = await reader.read('helo');
  const given = givenOptions(typed);
  const settings = await parseSettings(options, reader);
  const ruleIds = await selectRules(reader);
  return {
    target: { domain, ips, selectors: [...new Set(selectors)], ...(helo === undefined ? {} : { helo }), given },
    run: {
      settings,
      ...(ruleIds === undefined ? {} : { ruleIds }),
      dnsServers: dnsServersOf(await reader.read('dns')),
      proposed: await reader.about('zone', () => readZones(options.zone ?? [], domain)),
      timeoutMs: await reader.read('timeout'),
    },
    resolved,
    isConfigured: index !== undefined,
  };
}

/** Returns the domain and addresses of a target. The command line overrides the configuration file. */
async function addressesOf(words: Arguments, config: LoadedConfig | undefined, index: number | undefined) {
  const entry = index === undefined ? undefined : config?.config.targets?.[index];
  const at = (key: string) => (): string | undefined => config?.place(['targets', index ?? 0, key]);
  const domain =
    words.domain ?? (await placed(at('domain'), undefined, () => parseArguments(entry?.domain ?? '', []).domain));
  if (words.ips.length > 0 || entry === undefined) return parseArguments(domain, words.ips);
  return placed(at('ips'), undefined, () => parseArguments(domain, entry.ips ?? []));
}

/** Returns the ids of the selected rules, or `undefined` for all, whose list takes long to load. */
async function selectRules(reader: CheckReader): Promise<string[] | undefined> {
  const selected = await selectedRuleIds(reader);
  if (selected === undefined || selected.length > 0) return selected;
  return reader.about('skip', () => {
    throw new UsageError('--only and --skip exclude every check');
  });
}

function failOn({ strict, failOn: given }: CheckArguments): NonNullable<ExitPolicy['failOn']> {
  if (!strict) return given ?? 'error';
  if (given === undefined || given === 'warning') return 'warning';
  throw new UsageError(`--strict and --fail-on ${given} contradict each other: --strict is --fail-on warning`);
}

function baselineOf(
  file: string,
  targets: readonly PlannedTarget[],
  reader: CheckReader,
): Promise<NonNullable<Plan['baseline']>> {
  const domains = targets.map(({ target }) => target.domain);
  return reader.about('baseline', async () => {
    const { readBaseline } = await import('./baseline-file.ts');
    return { file, reports: await readBaseline(file, domains) };
  });
}

/**
 * @returns the policy that decides whether the run fails.
 * @throws UsageError for options that contradict each other, or an unknown rule.
 */
export async function policyOf(options: CheckArguments, reader: CheckReader): Promise<ExitPolicy> {
  return { failOn: failOn(options), allowInconclusive: (await reader.read('allowInconclusive')) ?? [] };
}

/** @returns what of the policy also counts for the verdict. */
export function judgementOf({ allowInconclusive = [] }: ExitPolicy): Pick<Judgement, 'allowInconclusive'> {
  return { allowInconclusive };
}

/** @returns the name of these targets for the progress line. */
export function subjectOf(targets: readonly PlannedTarget[]): string {
  const [first, ...others] = targets;
  if (first === undefined) return '';
  const servers = first.run.dnsServers.map(serverLabel).join(', ');
  return others.length === 0
    ? `${first.target.domain} (DNS: ${servers})`
    : `${targets.length} targets (DNS: ${servers})`;
}

/** What a run will do: the targets, and what holds for all of them, from the command line and the configuration. */

import type { Judgement } from '../../check/conclusion/judgement.ts';
import { ruleIds as knownRuleIds } from '../../check/rules/index.ts';
import type { RunOptions } from '../../check/run.ts';
import { parseArguments, parseHelo, parseSelector, type Target } from '../../check/target.ts';
import { serverLabel } from '../../network/dns/servers.ts';
import { type Domain, parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { readBaseline } from '../../report/baseline.ts';
import type { ExitPolicy, Report } from '../../report/status.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type Resolved, resolveOptions, type Typed } from '../config/resolve.ts';
import type { CheckArguments, OptionName } from '../options/check-arguments.ts';
import { nearest, parseDnsServers, parseDuration } from '../options/parse.ts';
import { parseSettings, type Reading } from '../options/settings.ts';
import { readZones } from '../options/zones.ts';
import { parseReportOutputs, type ReportOutput } from './outputs.ts';

/** What was typed besides options. */
export interface Arguments {
  readonly domain: string | undefined;
  readonly ips: readonly string[];
}

export interface PlannedTarget {
  readonly target: Omit<Target, 'ipSource'>;
  readonly run: Pick<RunOptions, 'settings' | 'ruleIds' | 'proposed' | 'timeoutMs'> & {
    readonly dnsServers: NonNullable<RunOptions['dnsServers']>;
  };
  /** Its options, and where each came from. */
  readonly resolved: Resolved;
  /** Whether it stands in the configuration. */
  readonly isConfigured: boolean;
}

export interface Plan {
  readonly targets: readonly PlannedTarget[];
  readonly outputs: readonly ReportOutput[];
  readonly policy: ExitPolicy;
  readonly judgement: Judgement;
  readonly baseline: { readonly file: string; readonly reports: readonly Report[] } | undefined;
  /** The options for all targets. */
  readonly resolved: Resolved;
}

/** @throws UsageError for anything that cannot be used, with its place where it stands in the configuration. */
export async function planCheck(words: Arguments, typed: Typed, config: LoadedConfig | undefined): Promise<Plan> {
  const resolved = resolveOptions(typed, config);
  const read = reading(resolved);
  const { options } = resolved;
  const outputs = await read('format', () => parseReportOutputs(options.format, options.output));
  const policy: ExitPolicy = {
    failOn: failOn(options),
    allowInconclusive: await read('allowInconclusive', () => parseAllowed(options.allowInconclusive)),
  };
  const targets = await plannedTargets(words, typed, config);
  const { severity, accept } = config?.config ?? {};
  return {
    targets,
    outputs,
    policy,
    judgement: { severity: definedOnly(severity), accept: (accept ?? []).map(definedOnly) },
    baseline: options.baseline === undefined ? undefined : await baselineOf(options.baseline, targets, read),
    resolved,
  };
}

async function plannedTargets(
  words: Arguments,
  typed: Typed,
  config: LoadedConfig | undefined,
): Promise<PlannedTarget[]> {
  const entries = config?.config.targets ?? [];
  if (words.domain === undefined) {
    return Promise.all(entries.map((_, index) => planTarget(words, typed, config, index)));
  }
  const { domain, ips } = parseArguments(words.domain, words.ips);
  const own = [...entries.keys()].filter((index) => isEntryFor(entries[index], domain));
  const [first, ...others] = own;
  if (first === undefined) return [await planTarget(words, typed, config, undefined)];
  if (ips.length === 0) return Promise.all(own.map((index) => planTarget(words, typed, config, index)));
  const fitting = own.find((index) => entries[index]?.ips?.some((text) => ips.some((ip) => ip === parseIp(text))));
  return [await planTarget(words, typed, config, fitting ?? (others.length === 0 ? first : undefined))];
}

const isEntryFor = (entry: { domain: string } | undefined, domain: Domain): boolean =>
  parseDomain(entry?.domain ?? '') === domain;

/** @param index of its entry in the configuration, where it has one. */
async function planTarget(
  words: Arguments,
  typed: Typed,
  config: LoadedConfig | undefined,
  index: number | undefined,
): Promise<PlannedTarget> {
  const resolved = resolveOptions(typed, config, index);
  const { options } = resolved;
  const read = reading(resolved);
  const { domain, ips } = await addressesOf(words, config, index);
  const selectors = await read('selector', () => (options.selector ?? []).map(parseSelector));
  const helo = options.helo;
  return {
    target: {
      domain,
      ips,
      selectors: [...new Set(selectors)],
      ...(helo === undefined ? {} : { helo: await read('helo', () => parseHelo(helo)) }),
    },
    run: {
      settings: await parseSettings(options, read),
      ruleIds: await selectRules(options, read),
      dnsServers: await read('dns', () => parseDnsServers(options.dns)),
      proposed: await read('zone', () => readZones(options.zone ?? [], domain)),
      timeoutMs: await read('timeout', () => parseDuration(options.timeout)),
    },
    resolved,
    isConfigured: index !== undefined,
  };
}

/** What was typed takes the place of what is configured. */
async function addressesOf(words: Arguments, config: LoadedConfig | undefined, index: number | undefined) {
  const entry = index === undefined ? undefined : config?.config.targets?.[index];
  const at = (key: string): string | undefined => config?.place(['targets', index ?? 0, key]);
  const domain = words.domain ?? (await placed(at('domain'), () => parseArguments(entry?.domain ?? '', []).domain));
  if (words.ips.length > 0 || entry === undefined) return parseArguments(domain, words.ips);
  return placed(at('ips'), () => parseArguments(domain, entry.ips ?? []));
}

async function selectRules(options: CheckArguments, read: Reading): Promise<string[]> {
  const wanted = await read('only', () => (options.only ?? knownRuleIds).map((id) => knownRule(id, '--only')));
  return read('skip', () => {
    const unwanted = (options.skip ?? []).map((id) => knownRule(id, '--skip'));
    const selected = wanted.filter((id) => !unwanted.includes(id));
    if (selected.length === 0) throw new UsageError('--only and --skip leave nothing to check');
    return selected;
  });
}

/** @throws UsageError, with the names there are. */
export function knownRule(id: string, option: string): string {
  if (knownRuleIds.includes(id)) return id;
  throw new UsageError(
    `${option}: there is no check ${quoteInput(id)}${nearest(id, knownRuleIds)}. Type any of: ${knownRuleIds.join(', ')}`,
  );
}

function parseAllowed(value: string | true | undefined): NonNullable<ExitPolicy['allowInconclusive']> {
  if (value === undefined) return [];
  if (value === true) return 'all';
  return value.split(',').map((id) => knownRule(id.trim(), '--allow-inconclusive'));
}

function failOn({ strict, failOn: given }: CheckArguments): NonNullable<ExitPolicy['failOn']> {
  if (!strict) return given ?? 'error';
  if (given === undefined || given === 'warning') return 'warning';
  throw new UsageError(`--strict and --fail-on ${given} contradict each other: --strict is --fail-on warning`);
}

function baselineOf(
  file: string,
  targets: readonly PlannedTarget[],
  read: Reading,
): Promise<NonNullable<Plan['baseline']>> {
  const domains = targets.map(({ target }) => target.domain);
  return read('baseline', async () => ({ file, reports: await readBaseline(file, domains) }));
}

/** @returns what fails a run, by the options alone. @throws UsageError */
export function policyOf(options: CheckArguments): ExitPolicy {
  return { failOn: failOn(options), allowInconclusive: parseAllowed(options.allowInconclusive) };
}

function reading(resolved: Resolved): Reading {
  return (option: OptionName, parse) => placed(resolved.place(option), parse);
}

/** An error about a value of the configuration begins with its place instead of the option’s name. */
async function placed<T>(place: string | undefined, parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (place === undefined || !(error instanceof UsageError)) throw error;
    throw new UsageError(`${place}: ${error.message.replace(/^--[a-z-]+: /, '')}`);
  }
}

/** Without the keys that hold nothing. */
function definedOnly<T extends object>(value: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, held]) => held !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** @returns what progress calls a run of these targets. */
export function subjectOf(targets: readonly PlannedTarget[]): string {
  const [first, ...others] = targets;
  if (first === undefined) return '';
  const servers = first.run.dnsServers.map(serverLabel).join(', ');
  return others.length === 0
    ? `${first.target.domain} (DNS: ${servers})`
    : `${targets.length} targets (DNS: ${servers})`;
}

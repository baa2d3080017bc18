/** Plans a fleet run: what holds for all targets, and the run of each target. */
import { createHash } from 'node:crypto';
import type { Judgement } from '../../check/conclusion/judgement.ts';
import type { Shard } from '../../fleet/shard.ts';
import type { FleetTarget } from '../../fleet/target.ts';
import type { ExitPolicy } from '../../report/status.ts';
import { UsageError } from '../../usage-error.ts';
import { judgementOf, type PlannedTarget, policyOf } from '../check/plan.ts';
import { configuredJudgement } from '../config/judgement.ts';
import type { LoadedConfig } from '../config/load.ts';
import { resolveOptions, type Typed } from '../config/resolve.ts';
import type { FleetOptions } from '../options/fleet-options.ts';
import { givenOptions } from '../options/given.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { optionReader } from '../options/read.ts';
import { parseSettings, wantedRuleIds } from '../options/settings.ts';
import { isOptionName, OPTIONS } from '../options/table.ts';

/** The run of one target: what `run` takes. */
export type TargetRun = Pick<PlannedTarget, 'target' | 'run'>;

/** What holds for all targets of a fleet. */
export interface FleetPlan {
  readonly policy: ExitPolicy;
  readonly judgement: Judgement;
  /** The settings, rules, time limit and DNS servers of a target whose line says nothing else. */
  readonly run: PlannedTarget['run'];
  /** @returns the run of a target, with what its line says before what the options say. */
  runOf(target: FleetTarget): TargetRun;
}

/** The options of the check that a configuration may have and a fleet does not. */
const NOT_FOR_FLEETS = ['zone', 'gate', 'smtp', 'offline', 'nextCert', 'dkimKey', 'message', 'askReceivers'] as const;

/**
 * @param typed the names of the options on the command line.
 * @param config the configuration, whose targets are not read here.
 * @throws UsageError for a value that cannot be used.
 */
export async function planFleet(
  options: FleetOptions,
  typed: ReadonlySet<string>,
  config: LoadedConfig | undefined,
): Promise<FleetPlan> {
  const given = checkOptions(options, typed);
  const resolved = resolveOptions(given, config);
  const reader = optionReader(OPTIONS, resolved.options, { placeOf: resolved.place });
  for (const name of NOT_FOR_FLEETS) {
    if (resolved.options[name] === undefined) continue;
    throw new UsageError(`${resolved.place(name) ?? name}: mailcheck fleet has no such option. Leave it out`);
  }
  const ruleIds = await wantedRuleIds(reader);
  if (ruleIds.length === 0) throw new UsageError('--only and --skip exclude every check');
  const policy = await policyOf(resolved.options, reader);
  const run = {
    settings: await parseSettings(resolved.options, reader),
    ruleIds,
    dnsServers: dnsServersOf(await reader.read('dns')),
    proposed: [],
    timeoutMs: await reader.read('timeout'),
  };
  const selectors = (await reader.read('selector')) ?? [];
  const helo = await reader.read('helo');
  const again = givenOptions(given);
  return {
    policy,
    judgement: { ...judgementOf(policy), ...configuredJudgement(config?.config ?? {}) },
    run,
    runOf(target) {
      const ownHelo = target.helo ?? helo;
      return {
        target: {
          domain: target.domain,
          ips: target.ips,
          selectors: target.selectors.length > 0 ? target.selectors : [...new Set(selectors)],
          ...(ownHelo === undefined ? {} : { helo: ownHelo }),
          given:
            target.provider === undefined
              ? again
              : [...again.filter(([flag]) => flag !== '--provider'), ['--provider', target.provider]],
        },
        run: target.provider === undefined ? run : { ...run, settings: { ...run.settings, provider: target.provider } },
      };
    },
  };
}

/** @returns the options that the check has too, in its form. */
export function checkOptions(options: FleetOptions, typed: ReadonlySet<string>): Typed {
  const { format: _format, output: _output, ...others } = options;
  return { options: others, typed: new Set([...typed].filter((name) => isOptionName(name) && name in others)) };
}

/**
 * @returns what identifies the settings that decide which targets are judged, and how: 32 hexadecimal digits. The DNS
 *   servers and the time limit are not among them, so that a run can go on with a better resolver.
 */
export function fingerprintOf(
  { run, judgement }: FleetPlan,
  { tags = [], selector = [], helo = '' }: FleetOptions,
  shard: Shard | undefined,
): string {
  const { listKeys: _secret, connectTo: _map, ...settings } = run.settings;
  const parts = [sorted(settings), run.ruleIds, sorted(judgement), [...tags].sort(), shard ?? null, selector, helo];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}

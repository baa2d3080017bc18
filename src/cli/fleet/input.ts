/** Opens the input of a fleet: a file that is read as it is needed, standard input, or a configuration. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { countTargets, readTargets } from '../../fleet/input/read.ts';
import { type FleetTarget, targetId, type UnreadLine } from '../../fleet/target.ts';
import { fileErrorText } from '../../network/fault.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { plannedTargets } from '../check/plan.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Typed } from '../config/resolve.ts';
import { EXTENSIONS } from '../config/source.ts';
import { allRuleIds } from '../options/settings.ts';
import { openFileOf } from '../terminal/open-files.ts';
import { warn } from '../terminal/output.ts';
import { END_OF_INPUT } from '../terminal/stdin.ts';
import type { TargetRun } from './plan.ts';

/** The targets of a fleet. */
export interface FleetInput {
  /** Gives the targets in order. It can be called once. */
  targets(): AsyncIterable<FleetTarget | UnreadLine>;
  /** The number of lines that may be targets. Absent where the input cannot be read twice. */
  readonly lines?: number;
  /** The run of a target that has options of its own. */
  readonly runOf?: (target: FleetTarget) => TargetRun | undefined;
}

/** What stands for standard input. */
const STDIN = '-';

/** @returns whether the input is a configuration, by its name. */
export function isConfiguration(file: string): boolean {
  return file !== STDIN && EXTENSIONS.some((extension) => extension === extname(file));
}

/**
 * Opens a file with one target a line, or standard input.
 *
 * @throws UsageError for a file that cannot be read.
 */
export async function openInput(file: string): Promise<FleetInput> {
  if (file === STDIN) {
    if (process.stdin.isTTY) warn(`type one target a line, such as example.com 203.0.113.5, then ${END_OF_INPUT}`);
    return { targets: () => readTargets(process.stdin, 'stdin') };
  }
  const opened = openFileOf(file);
  try {
    if (opened?.refusal !== undefined) throw new Error(opened.refusal);
    const found = await stat(file);
    if (found.isDirectory()) throw new Error('it is a folder');
    const lines = found.isFile() ? await countTargets(createReadStream(file)) : undefined;
    return {
      targets: () => readTargets(createReadStream(file), file),
      ...(lines === undefined ? {} : { lines }),
    };
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): UsageError {
  return new UsageError(`cannot read ${quoteInput(file)}: ${fileErrorText(error, 'read')}`);
}

/**
 * Opens the targets of a configuration, each with its own options.
 *
 * @throws UsageError for a configuration without targets, or with a wrong value.
 */
export async function openConfiguration(
  file: string,
  typed: Typed,
): Promise<{ config: LoadedConfig; input: FleetInput }> {
  const config = await loadConfig(file);
  if (config === undefined || (config.config.targets ?? []).length === 0) {
    throw new UsageError(`${quoteInput(file)} has no targets`);
  }
  const planned = await plannedTargets({ domain: undefined, ips: [] }, typed, config);
  const all = await allRuleIds();
  const runs = new Map<string, TargetRun>();
  const targets = planned.map(({ target, run: { ruleIds = all, ...others }, resolved }, index): FleetTarget => {
    const run = { ...others, ruleIds };
    const { domain, ips, helo, selectors } = target;
    const { provider } = resolved.options;
    const named = {
      domain,
      ips,
      selectors,
      ...(helo === undefined ? {} : { helo }),
      ...(provider === undefined ? {} : { provider }),
    };
    const id = targetId(named);
    const isOther = runs.has(id) && JSON.stringify(runs.get(id)?.run) !== JSON.stringify(run);
    // The same target with other options is another one.
    const own = isOther ? targetId({ ...named, helo: `${helo ?? ''} ${index}` }) : id;
    if (!runs.has(own)) runs.set(own, { target, run });
    return { id: own, place: config.place(['targets', index]), ...named, tags: [] };
  });
  return {
    config,
    input: {
      async *targets() {
        yield* targets;
      },
      lines: targets.length,
      runOf: ({ id }) => runs.get(id),
    },
  };
}

/** Prints the plan of a run for `--print-config`: every value, and where it comes from. */

import { jsonText } from '../../reporters/json-text.ts';
import { RUN_KEYS, TARGET_KEYS } from '../config/keys.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Resolved } from '../config/resolve.ts';
import { shownFile } from '../config/source.ts';
import { KINDS } from '../options/kinds.ts';
import { OPTIONS, type OptionName } from '../options/table.ts';
import type { Plan, PlannedTarget } from './plan.ts';

/** @returns JSON with each value and its source. A value from the configuration file also has its line there. */
export function printedConfig(plan: Plan, config: LoadedConfig | undefined, hasTypedAddresses: boolean): string {
  const { severity, accept } = config?.config ?? {};
  const inFile = (value: unknown, key: string) => ({ value, source: 'file', place: config?.place([key]) });
  return jsonText({
    file: config === undefined ? null : shownFile(config.file),
    ...valuesOf(plan.resolved, RUN_KEYS),
    failOn: {
      value: plan.policy.failOn,
      ...provenance(plan.resolved, plan.resolved.options.strict ? 'strict' : 'failOn'),
    },
    ...(severity ? { severity: inFile(severity, 'severity') } : {}),
    ...(accept ? { accept: inFile(accept, 'accept') } : {}),
    targets: plan.targets.map((planned) => printedTarget(planned, hasTypedAddresses)),
  });
}

function printedTarget({ target, resolved, isConfigured }: PlannedTarget, hasTypedAddresses: boolean): object {
  const source = isConfigured && !hasTypedAddresses ? 'file' : 'command line';
  return {
    domain: target.domain,
    ips:
      target.ips.length === 0
        ? { value: [], source: 'default', note: 'the addresses of the MX hosts' }
        : { value: target.ips, source },
    ...valuesOf(resolved, TARGET_KEYS),
  };
}

/** @returns the values by their keys in the configuration file, in the form that they have there. */
function valuesOf(resolved: Resolved, keys: ReadonlyMap<string, OptionName>): object {
  return Object.fromEntries(
    [...keys].flatMap(([key, option]) => {
      const value = resolved.options[option];
      if (value === undefined) return [];
      return [[key, { value: KINDS[OPTIONS[option].takes].toConfig(value), ...provenance(resolved, option) }]];
    }),
  );
}

function provenance(resolved: Resolved, option: OptionName): object {
  const place = resolved.place(option);
  return { source: resolved.origin(option), ...(place === undefined ? {} : { place }) };
}

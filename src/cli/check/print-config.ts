/** `--print-config`: what would be done, and which value came from where. */

import { RUN_KEYS, TARGET_KEYS } from '../config/keys.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Resolved } from '../config/resolve.ts';
import { shownFile } from '../config/source.ts';
import type { OptionName } from '../options/check-arguments.ts';
import type { Plan, PlannedTarget } from './plan.ts';

/** @returns JSON; each value with its source, and the place of those from the file. */
export function printedConfig(plan: Plan, config: LoadedConfig | undefined, hasTypedAddresses: boolean): string {
  const { severity, accept } = config?.config ?? {};
  const inFile = (value: unknown, key: string) => ({ value, source: 'file', place: config?.place([key]) });
  return `${JSON.stringify(
    {
      file: config === undefined ? null : shownFile(config.file),
      ...valuesOf(plan.resolved, RUN_KEYS),
      failOn: {
        value: plan.policy.failOn,
        ...provenance(plan.resolved, plan.resolved.options.strict ? 'strict' : 'failOn'),
      },
      ...(severity ? { severity: inFile(severity, 'severity') } : {}),
      ...(accept ? { accept: inFile(accept, 'accept') } : {}),
      targets: plan.targets.map((planned) => printedTarget(planned, hasTypedAddresses)),
    },
    null,
    2,
  )}\n`;
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

/** By the keys of the configuration. */
function valuesOf(resolved: Resolved, keys: Readonly<Record<string, OptionName>>): object {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, option]) => {
      const value = resolved.options[option];
      return value === undefined
        ? []
        : [[key, { value: asConfigured(option, value), ...provenance(resolved, option) }]];
    }),
  );
}

const NUMBERS: readonly OptionName[] = ['smtpPort', 'timeout', 'greylistWait', 'probePause'];

/** A value in the form that a configuration gives it. */
function asConfigured(option: OptionName, value: unknown): unknown {
  if (option === 'allowInconclusive' && typeof value === 'string') return value.split(',');
  return NUMBERS.includes(option) && Number.isFinite(Number(value)) ? Number(value) : value;
}

function provenance(resolved: Resolved, option: OptionName): object {
  const place = resolved.place(option);
  return { source: resolved.origin(option), ...(place === undefined ? {} : { place }) };
}

/**
 * Lists every option of the check in one table, with one row for each option. The rows define the program (program.ts),
 * its completion and manual page, the keys and the schema of the configuration file (config/), `--print-config`, and
 * the types of the parsed values.
 */
import { CHECK_OPTIONS } from './check-options.ts';
import { REPORT_OPTIONS } from './report-options.ts';
import type { OptionGroup, OptionRows, Options } from './row.ts';
import { TARGET_OPTIONS } from './target-options.ts';

const RECORDING_OPTIONS = {
  record: {
    flags: '--record <file>',
    help: 'write every network answer to this file, without list keys; read it before you share it',
    takes: 'file',
    isForOneRun: true,
  },
  replay: {
    flags: '--replay <file>',
    help: 'repeat the checks from a --record file, without a network',
    takes: 'file',
    isForReplay: true,
  },
} as const satisfies OptionRows;

/** The options about the configuration file. */
export const CONFIGURATION_OPTIONS = {
  config: {
    flags: '--config <file>',
    help: 'read this configuration file instead of mailcheck.config.{yaml,json}',
    takes: 'file',
    negation: 'read no configuration file',
  },
  printConfig: {
    flags: '--print-config',
    help: 'print the settings of the run and where each value comes from, and stop',
    takes: 'flag',
    isForOneRun: true,
  },
} as const satisfies OptionRows;

const GROUPS: readonly OptionGroup[] = [
  ['Target:', TARGET_OPTIONS],
  ['Checks:', CHECK_OPTIONS],
  ['Report:', REPORT_OPTIONS],
  ['Recording:', RECORDING_OPTIONS],
  ['Configuration:', CONFIGURATION_OPTIONS],
];

/** The options of the check that many users need, grouped by the headings of the help and in its order. */
export const OPTION_GROUPS: readonly OptionGroup[] = GROUPS.map(([heading, rows]) => [heading, only(rows, false)]);

/** The options of the check that few users need, which the help lists last. */
export const RARE_OPTIONS: OptionGroup = [
  'Rarely needed:',
  Object.assign({}, ...GROUPS.map(([, rows]) => only(rows, true))),
];

/** Returns the rows that are rarely needed, or the others. */
function only(rows: OptionRows, isRare: boolean): OptionRows {
  return Object.fromEntries(Object.entries(rows).filter(([, row]) => (row.isRare ?? false) === isRare));
}

/** All options of the check by their names. */
export const OPTIONS = {
  ...TARGET_OPTIONS,
  ...CHECK_OPTIONS,
  ...REPORT_OPTIONS,
  ...RECORDING_OPTIONS,
  ...CONFIGURATION_OPTIONS,
};

export type OptionName = keyof typeof OPTIONS;

/** The options of the check as commander gives them, with the defaults. */
export type CheckArguments = Options<typeof OPTIONS>;

/** Pairs of options for the same purpose. The first one in a higher layer overrides the second one in a lower layer. */
export const RIVALS: readonly (readonly [upper: OptionName, lower: OptionName])[] = [
  ['onHost', 'vantage'],
  ['vantage', 'onHost'],
  ['only', 'skip'],
  ['strict', 'failOn'],
];

/** @returns whether the check has an option with this name. */
export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

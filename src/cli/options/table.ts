/**
 * Lists every option of the check in one table, with one row for each option. The rows define the program (program.ts),
 * its completion and manual page, the keys and the schema of the configuration file (config/), `--print-config`, and
 * the types of the parsed values.
 */
import { CHECK_OPTIONS } from './check-options.ts';
import { REPORT_OPTIONS } from './report-options.ts';
import type { OptionRows, Options } from './row.ts';
import { TARGET_OPTIONS } from './target-options.ts';

const RECORDING_OPTIONS = {
  record: {
    flags: '--record <file>',
    help: 'keep every answer of the network in this file, without keys; read it before you send it',
    takes: 'file',
    isForOneRun: true,
  },
  replay: {
    flags: '--replay <file>',
    help: 'run the checks on what --record kept, without a network',
    takes: 'file',
    isForReplay: true,
  },
} as const satisfies OptionRows;

const CONFIGURATION_OPTIONS = {
  config: {
    flags: '--config <file>',
    help: 'read this file (.json, .yaml, .js) instead of the mailcheck.config.{json,yaml} that is found',
    takes: 'file',
    negation: 'read no configuration file',
  },
  printConfig: {
    flags: '--print-config',
    help: 'print what would be done, and where each value comes from',
    takes: 'flag',
    isForOneRun: true,
  },
} as const satisfies OptionRows;

/** The options of the check, grouped by the headings of the help and in its order. */
export const OPTION_GROUPS: readonly (readonly [heading: string, rows: OptionRows])[] = [
  ['Target:', TARGET_OPTIONS],
  ['Checks:', CHECK_OPTIONS],
  ['Report:', REPORT_OPTIONS],
  ['Recording:', RECORDING_OPTIONS],
  ['Configuration:', CONFIGURATION_OPTIONS],
];

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

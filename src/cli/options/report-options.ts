/** The options of the check that decide how the report is written, and which findings fail the run. */
import { FAIL_ON } from '../../report/status.ts';
import type { OptionRows } from './row.ts';

/** The options under the heading "Report" of the help. */
export const REPORT_OPTIONS = {
  format: {
    flags: '-f, --format <format[=file]>',
    help: 'pretty (default), json, junit, sarif, github, markdown or html; several, with files (repeatable)',
    takes: 'outputs',
    config: { key: 'formats', level: 'run', help: 'Reports: format, or format=file' },
    isForReplay: true,
  },
  output: {
    flags: '-o, --output <file>',
    help: 'write the report to a file instead of stdout',
    takes: 'file',
    insteadInConfig: 'formats: [format=file]',
    isForReplay: true,
  },
  failOn: {
    flags: '--fail-on <severity>',
    help: 'the least severe finding that fails the run (default: error)',
    takes: 'choice',
    choices: FAIL_ON,
    config: { level: 'run', help: 'The least severe finding that fails the run' },
    isForReplay: true,
  },
  strict: {
    flags: '--strict',
    help: 'warnings fail too: --fail-on warning',
    takes: 'flag',
    insteadInConfig: 'failOn: warning',
    isForReplay: true,
  },
  baseline: {
    flags: '--baseline <file>',
    help: 'an earlier report (JSON): only what is new since fails the run',
    takes: 'file',
    config: { level: 'run', help: 'File with an earlier report (JSON): only what is new since fails the run' },
    isForReplay: true,
  },
  allowInconclusive: {
    flags: '--allow-inconclusive [rules]',
    help: 'checks that could not be made do not fail the run: all, or these',
    takes: 'all or ids',
    config: { level: 'run', help: 'Checks that could not be made do not fail the run: all, or these' },
    isForReplay: true,
    parse: async (ids, { parseRuleIds }) =>
      ids === true ? ('all' as const) : parseRuleIds(ids.split(',').map((id) => id.trim())),
  },
  quiet: { flags: '-q, --quiet', help: 'no progress on stderr', takes: 'flag', isForReplay: true },
  verbose: {
    flags: '-v, --verbose',
    help: 'show notes, evidence, and the DNS and SMTP dialogues',
    takes: 'flag',
    isForReplay: true,
  },
  timing: {
    flags: '--timing',
    help: 'show what waited for what, and the longest chain of it',
    takes: 'flag',
    isForOneRun: true,
  },
} as const satisfies OptionRows;

/** The options of the check that decide how the report is written, and which findings fail the run. */
import { FAIL_ON } from '../../report/status.ts';
import type { OptionRows } from './row.ts';
import { COLOR, JSON_FLAG } from './shared.ts';

/** The options under the heading "Report" of the help. */
export const REPORT_OPTIONS = {
  format: {
    flags: '-f, --format <format[=file]>',
    help: 'pretty (default), json, junit, sarif, github, markdown, html, prometheus or nagios, each to its own file (repeatable)',
    takes: 'outputs',
    config: { key: 'formats', level: 'run', help: 'Reports: format, or format=file' },
    isForReplay: true,
  },
  json: { ...JSON_FLAG, insteadInConfig: 'formats: [json]', isForReplay: true },
  output: {
    flags: '-o, --output <file>',
    help: 'write the report to a file instead of stdout',
    takes: 'file',
    insteadInConfig: 'formats: [format=file]',
    isForReplay: true,
  },
  plan: {
    flags: '--plan <[format=]file>',
    help: 'write the DNS changes to a file that a tool publishes: zone file, nsupdate, Terraform, octoDNS and others (repeatable)',
    takes: 'repeated',
    isForReplay: true,
  },
  failOn: {
    flags: '--fail-on <severity>',
    help: 'fail on findings of this severity and above (default: error)',
    takes: 'choice',
    choices: FAIL_ON,
    config: { level: 'run', help: 'Fail on findings of this severity and above' },
    isForReplay: true,
  },
  strict: {
    flags: '--strict',
    help: 'fail on warnings too: short for --fail-on warning',
    takes: 'flag',
    insteadInConfig: 'failOn: warning',
    isForReplay: true,
  },
  baseline: {
    flags: '--baseline <file>',
    help: 'fail only on what is new since this earlier report (JSON)',
    takes: 'file',
    config: { level: 'run', help: 'File with an earlier report (JSON): fail only on what is new since then' },
    isForReplay: true,
  },
  allowInconclusive: {
    flags: '--allow-inconclusive [rules]',
    help: 'do not fail if a check could not run: any check, or only these',
    takes: 'all or ids',
    config: { level: 'run', help: 'Do not fail if a check could not run: true for any check, or a list of checks' },
    isForReplay: true,
    parse: async (ids, { parseRuleIds }) =>
      ids === true ? ('all' as const) : parseRuleIds(ids.split(',').map((id) => id.trim())),
  },
  quiet: { flags: '-q, --quiet', help: 'show no progress on stderr', takes: 'flag', isForReplay: true },
  verbose: {
    flags: '-v, --verbose',
    help: 'also show notes, evidence, and the DNS and SMTP dialogues',
    takes: 'flag',
    isForReplay: true,
  },
  summary: {
    flags: '--summary',
    help: 'print only the verdict, one line for each target',
    takes: 'flag',
    isForReplay: true,
  },
  full: {
    flags: '--full',
    help: 'print everything: why it matters, RFCs, replies of receivers, relays to use instead',
    takes: 'flag',
    isForReplay: true,
  },
  color: { ...COLOR, isForReplay: true },
  timing: {
    flags: '--timing',
    help: 'show how long each step took, and which step waited for which',
    takes: 'flag',
    isRare: true,
    isForOneRun: true,
  },
} as const satisfies OptionRows;

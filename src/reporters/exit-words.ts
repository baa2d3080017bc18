/** Says why the exit code of a run is not the one that its verdict suggests. */
import {
  EXIT,
  type ExitPolicy,
  exitCode,
  type Report,
  type Verdict,
  verdictOf,
  worstExitCode,
} from '../report/status.ts';

/** The exit code that a reader expects of each verdict. */
const EXPECTED: Readonly<Record<Verdict, number>> = {
  pass: EXIT.ok,
  warn: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

/**
 * @param policy the user's choices that the exit code depends on.
 * @returns one line that gives the exit code and its reason, or `null` when the verdict says the same.
 */
export function exitWords(reports: readonly Report[], policy: ExitPolicy): string | null {
  const code = worstExitCode(reports.map((report) => exitCode(report, policy)));
  const verdict = verdictOf(reports.map((report) => report.verdict));
  if (code === EXPECTED[verdict]) return null;
  return `Exit code ${code}: ${reasonOf(code, verdict, policy)}.`;
}

function reasonOf(code: number, verdict: Verdict, { failOn = 'error' }: ExitPolicy): string {
  if (failOn === 'never') return 'with --fail-on never, no finding fails the run';
  if (code === EXIT.failed) return 'with --fail-on warning, warnings fail the run';
  if (verdict === 'inconclusive') return '--allow-inconclusive allows the checks that could not be completed';
  const known = 'the baseline has every failure already';
  return code === EXIT.inconclusive ? `${known}, but some checks could not be completed` : known;
}

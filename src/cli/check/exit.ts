/** Tells the exit code of a check: mailcheck's own, or that of a Nagios plugin where the user asks for its line. */
import { type ExitPolicy, exitCode, type Report, worstExitCode } from '../../report/status.ts';
import { nagiosExitOf } from '../../reporters/fleet/nagios.ts';
import { isPluginLine } from '../options/outputs.ts';
import type { ReportOutput } from './outputs.ts';

/**
 * @param outputs the outputs of the run. With the format `nagios` on stdout, who reads it goes by the codes of plugins.
 * @returns the exit code of the reports.
 */
export function exitCodeOf(outputs: readonly ReportOutput[], reports: readonly Report[], policy: ExitPolicy): number {
  if (outputs.some(isPluginLine)) return nagiosExitOf(reports, policy);
  return worstExitCode(reports.map((report) => exitCode(report, policy)));
}

/** Runs `mailcheck spf <ip> <sender>`: reads the options, asks the DNS, and prints the result. */
import { randomBytes } from 'node:crypto';
import { parseDomain } from '../../network/domain.ts';
import { EXIT } from '../../report/status.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { SPF_OPTIONS, type SpfOptions } from '../options/command-options.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { optionReader } from '../options/read.ts';
import { terminalWidth } from '../terminal/look.ts';
import { stdoutTones, writeText } from '../terminal/output.ts';
import { askDns } from './ask-dns.ts';
import { formatSpfPlan, spfPlan } from './spf-plan.ts';
import { formatSpf, runSpf } from './spf-report.ts';

/**
 * Evaluates SPF for one address and sender, and prints the result.
 *
 * @returns the exit code: 0 for pass, 3 for temperror, and 1 for any other result.
 * @throws UsageError for an argument or option that cannot be used.
 */
export async function spf(ip: string, sender: string, options: SpfOptions): Promise<number> {
  const { read } = optionReader(SPF_OPTIONS, options);
  const format = await read('format');
  const servers = dnsServersOf(await read('dns'));
  const timeoutMs = await read('timeout');
  return askDns(
    { domain: parseDomain(sender.slice(sender.lastIndexOf('@') + 1)), servers, timeoutMs },
    async (dns) => {
      const helo = options.helo === undefined ? {} : { helo: options.helo };
      const report = await runSpf({ ip, sender, resolver: dns, ...helo });
      return {
        ...report,
        plan: await spfPlan(dns, report, { now: Date.now(), seed: randomBytes(16).toString('hex') }),
      };
    },
    async (report, signal) => {
      const look = { tones: stdoutTones(), width: terminalWidth() };
      const text =
        format === 'json' ? jsonText(report) : `${formatSpf(report, look)}${formatSpfPlan(report.plan, look)}`;
      await writeText(process.stdout, text, signal);
      if (report.result === 'pass') return EXIT.ok;
      return report.result === 'temperror' ? EXIT.inconclusive : EXIT.failed;
    },
  );
}

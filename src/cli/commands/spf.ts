/** The command around `runSpf`: reads its options, asks the DNS, and prints the result. */
import { createDnsClient } from '../../network/dns/client.ts';
import { EXIT } from '../../report/status.ts';
import { SPF_OPTIONS, type SpfOptions } from '../options/command-options.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { optionReader } from '../options/read.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { stdoutPaint, writeText } from '../terminal/output.ts';
import { formatSpf, runSpf } from './spf-report.ts';

/** @returns the exit code: 0 pass, 3 temperror, 1 any other result. @throws UsageError */
export async function spf(ip: string, sender: string, options: SpfOptions): Promise<number> {
  const { read } = optionReader(SPF_OPTIONS, options);
  const format = await read('format');
  const servers = dnsServersOf(await read('dns'));
  const timeoutMs = await read('timeout');
  const interrupt = interruptible();
  const signal = interrupt.within(timeoutMs);
  try {
    const resolver = createDnsClient({ servers, signal, onFault: reportFault });
    const report = await runSpf({
      ip,
      sender,
      resolver,
      ...(options.helo === undefined ? {} : { helo: options.helo }),
    });
    if (interrupt.signal.aborted) return interrupt.exitCode();
    const color = stdoutPaint();
    const text = format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : formatSpf(report, { color, width: 80 });
    await writeText(process.stdout, text);
    if (report.result === 'pass') return EXIT.ok;
    return report.result === 'temperror' ? EXIT.inconclusive : EXIT.failed;
  } finally {
    interrupt.stop();
  }
}

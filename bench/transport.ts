/**
 * Measures one whole check of a domain that has all of it (signed zones, DANE, MTA-STS, TLS-RPT, BIMI) over a wire with
 * 50 ms of delay, and compares it with the longest chain of round trips in it. The servers are those of the lab.
 */
import type { Report } from '../src/report/status.ts';
import { RESOLVER } from '../test/lab/internet.ts';
import { startTransportLab } from '../test/lab/transport.ts';
import { mailAddresses } from '../test/lab/transport-hosts.ts';
import { roundTripTo } from './full-check.ts';
import { median, type Row } from './table.ts';

/** So much that the round trips are most of the time. */
const ROUND_TRIP_MS = 50;
const ROUNDS = 5;
/** The rules that must have something to look at. */
const RULES = ['dnssec', 'dane', 'mta-sts', 'tls-rpt', 'bimi'];

/**
 * @param cli the path of the built command line.
 * @returns the row of the comparison, with times in milliseconds.
 */
export async function transportRows(cli: string): Promise<Row[]> {
  const lab = await startTransportLab(ROUND_TRIP_MS);
  try {
    const ip = mailAddresses.good;
    const check = async (): Promise<Report> => {
      const { stdout, stderr } = await lab.prober.run([
        ...[process.execPath, cli, 'example.com', ip, '--selector', 's1', '--dns', RESOLVER, '--no-config'],
        ...['--trust-anchor', lab.trustAnchor, '--ca-file', lab.caFile, '--allow-private', '--vantage', 'outside'],
        ...['--probe-pause', '0', '--timing', '-q', '-f', 'json'],
      ]);
      if (stdout === '') throw new Error(`the check says ${stderr}`);
      const report: Report = JSON.parse(stdout);
      for (const id of RULES) {
        const status = report.rules.find((rule) => rule.id === id)?.status;
        // A logo without a certificate is a warning.
        if (status !== 'pass' && status !== 'warn') throw new Error(`the check says ${status} of ${id}`);
      }
      return report;
    };
    // The first fills caches and does not count.
    await check();
    const reports: Report[] = [];
    for (let round = 0; round < ROUNDS; round += 1) reports.push(await check());
    const roundTrip = await roundTripTo(lab.prober, ip);
    const took = median(reports.map(({ timing }) => timing.durationMs));
    const trips = median(reports.map(({ timing }) => timing.waterfall?.chain.roundTrips ?? Number.NaN));
    const floor = trips * roundTrip;
    return [
      {
        what: 'check of signed zones, DANE, MTA-STS, BIMI, 50 ms away',
        own: `${took.toFixed(0)} ms`,
        other: `${floor.toFixed(0)} ms`,
        against: `its longest chain (${trips} × ${roundTrip.toFixed(1)} ms)`,
        ratio: took / floor,
        atMost: 1.2,
      },
    ];
  } finally {
    await lab.close();
  }
}

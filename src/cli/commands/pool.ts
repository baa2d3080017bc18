/** Runs `mailcheck pool <domain> <ip…>`: reads the arguments and options, asks the DNS, and prints the ranking. */
import { parseArguments } from '../../check/target.ts';
import { chooseLists, keySecrets } from '../../knowledge/lists/catalogue.ts';
import { serverLabel } from '../../network/dns/servers.ts';
import { type PoolEntry, rankPool } from '../../pool/rank.ts';
import { EXIT } from '../../report/status.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { SMTP_PORT } from '../options/check-options.ts';
import { POOL_OPTIONS, type PoolOptions } from '../options/command-options.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { listKeysOf } from '../options/lists.ts';
import { parsePool } from '../options/pool-addresses.ts';
import { optionReader } from '../options/read.ts';
import { stdoutTones, writeText } from '../terminal/output.ts';
import { askDns } from './ask-dns.ts';
import { formatPool } from './pool-text.ts';

/**
 * Ranks the addresses of a pool, and prints the ranking.
 *
 * @returns the exit code: 1 if some address is listed, 3 if none is listed but some list gave no answer, and 0
 *   otherwise.
 * @throws UsageError for an argument or option that cannot be used.
 */
export async function pool(domainText: string, poolTexts: readonly string[], options: PoolOptions): Promise<number> {
  const { read, settings } = optionReader(POOL_OPTIONS, options);
  const format = await read('format');
  const { domain } = parseArguments(domainText, []);
  const ips = parsePool(poolTexts, domain);
  const { listKeys: keys = {} } = listKeysOf(process.env);
  const chosen = await settings();
  const { dnsblZones: zones, dnsblExcept: except } = chosen;
  const servers = dnsServersOf(await read('dns'));
  const timeoutMs = await read('timeout');
  return askDns(
    { domain, servers, timeoutMs, secrets: keySecrets(keys) },
    (dns) =>
      rankPool({
        target: { domain, ips },
        lists: chooseLists({ zones, except, keys }),
        dns,
        settings: { smtpPort: SMTP_PORT, allowPrivate: false, ...chosen },
        now: Date.now(),
      }),
    async (entries, signal) => {
      const tones = stdoutTones();
      const text =
        format === 'json'
          ? jsonText(entries)
          : formatPool(entries, { domain, resolvers: servers.map(serverLabel), tones });
      await writeText(process.stdout, text, signal);
      return exitCodeOf(entries);
    },
  );
}

function exitCodeOf(entries: readonly PoolEntry[]): number {
  if (entries.some(({ status }) => status === 'listed')) return EXIT.failed;
  return entries.some(({ status }) => status === 'unknown') ? EXIT.inconclusive : EXIT.ok;
}

/** Reads `--zone`: records that are proposed and not published yet. */
import { readFile } from 'node:fs/promises';
import type { ProposedZone } from '../../network/dns/overlay.ts';
import type { Domain } from '../../network/domain.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** Larger than any zone a person proposes. */
const MAX_BYTES = 10 * 1024 * 1024;

/** @throws UsageError for a file that cannot be read, or with file and line for one that is no zone file. */
export async function readZones(files: readonly string[], domain: Domain): Promise<ProposedZone[]> {
  if (files.length === 0) return [];
  const { parseZone } = await import('../../standards/zone-file/parse.ts');
  return Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file).catch((error: Error) => {
        throw new UsageError(`--zone: cannot read ${quoteInput(file)}: ${error.message}`);
      });
      if (bytes.length > MAX_BYTES) throw new UsageError(`--zone: ${quoteInput(file)} is larger than 10 MiB`);
      return parseZone(bytes.toString('utf8'), file, domain);
    }),
  );
}

/** Signing with BIND's own tools (package bind9-utils): one key for each zone, made for the run. */
import { execFile } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Zone } from './tree-zones.ts';

const run = promisify(execFile);

/** The key of one zone. */
export interface ZoneKey {
  /** Path without suffix. */
  readonly path: string;
  /** DNSKEY, as a line of a master file. */
  readonly record: string;
  /** DS records for the parent. */
  readonly ds: readonly string[];
}

export async function makeKey(zone: Zone, directory: string): Promise<ZoneKey> {
  const algorithm = zone.dnssec === 'sha1' ? ['-a', 'RSASHA1', '-b', '2048'] : ['-a', 'ECDSAP256SHA256'];
  const args = ['-q', ...algorithm, '-f', 'KSK', '-K', directory, zone.name];
  const { stdout } = await run('dnssec-keygen', args);
  const path = join(directory, stdout.trim());
  // A DS record that points to a key which signs nothing.
  const announced = zone.dnssec === 'wrong-ds' ? (await run('dnssec-keygen', args)).stdout.trim() : stdout.trim();
  const ds = zone.dnssec === 'island' ? '' : (await run('dnssec-dsfromkey', ['-2', join(directory, announced)])).stdout;
  return {
    path,
    record: readFileSync(`${path}.key`, 'utf8').replace(/^;.*\n/gm, ''),
    ds: ds.split('\n').filter(Boolean),
  };
}

/** Signs the master file in place. */
export async function signZone(zone: Zone, file: string, key: ZoneKey): Promise<void> {
  writeFileSync(file, `${readFileSync(file, 'utf8')}${key.record}`);
  const signed = `${file}.signed`;
  // Its set of DS records goes beside the zone, not into the working directory.
  const place = ['-d', dirname(file), '-o', zone.name, '-f', signed];
  await run('dnssec-signzone', ['-q', '-z', ...optionsOf(zone), ...place, file, key.path]);
  if (zone.tampered) {
    const [from, to] = zone.tampered;
    const text = readFileSync(signed, 'utf8');
    if (!text.includes(from)) throw new Error(`the zone ${zone.name} has no ${from}`);
    writeFileSync(signed, text.replace(from, to));
  }
  renameSync(signed, file);
}

/** Options of dnssec-signzone. Times are in seconds. */
function optionsOf({ dnssec }: Zone): readonly string[] {
  switch (dnssec) {
    case 'nsec3':
      return ['-3', '-'];
    case 'opt-out':
      return ['-3', '-', '-A'];
    case 'costly':
      return ['-3', 'C0FFEE', '-H', '10'];
    case 'expired':
      return ['-s', '20200101000000', '-e', '20200201000000', '-P'];
    case 'expiring':
      return ['-s', 'now-2500000', '-e', 'now+86400'];
    default:
      return [];
  }
}

/**
 * A signed tree of zones for comparing validators: BIND's own tools sign it, and one server (named) holds all of it. Each
 * kind of signing has a zone below `test.` with the same names, so that the same questions can be asked in each.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A kind of signing, and what goes wrong with it. */
export interface Kind {
  readonly algorithm?: string;
  /** Further arguments of `dnssec-signzone`. */
  readonly sign?: readonly string[];
  /** `no-ds`: nothing at the parent. `other-key`: the digest of a key that the zone does not have. `SHA-384`: the digest, instead of SHA-256. */
  readonly ds?: 'no-ds' | 'other-key' | 'unknown-algorithm' | 'SHA-384';
  readonly isUnsigned?: boolean;
  /** delv has a limit of NSEC3 iterations that cannot be set: 150, where RFC 9276 §3.2 has 100. */
  readonly isBeyondDelv?: boolean;
  /** One key signs the keys, and another one all else. */
  readonly hasTwoKeys?: boolean;
  /** Changes the signed zone file. */
  readonly damage?: (file: string) => string;
}

/** Removes the entries of a zone file that begin with this pattern, with all their lines. */
const without =
  (start: RegExp) =>
  (file: string): string =>
    entriesOf(file)
      .filter((entry) => !start.test(entry))
      .join('');

export const KINDS: Readonly<Record<string, Kind>> = {
  rsasha256: { algorithm: 'RSASHA256' },
  rsasha512: { algorithm: 'RSASHA512', sign: ['-3', '-'] },
  p256: { algorithm: 'ECDSAP256SHA256' },
  p384: { algorithm: 'ECDSAP384SHA384', ds: 'SHA-384' },
  ed25519: { algorithm: 'ED25519' },
  ed448: { algorithm: 'ED448', sign: ['-3', '-'] },
  twokeys: { hasTwoKeys: true },
  nsec3: { sign: ['-3', '-'] },
  salted: { sign: ['-3', 'abcdef', '-H', '7'] },
  optout: { sign: ['-3', '-', '-A'] },
  costly: { sign: ['-3', '-', '-H', '150'], isBeyondDelv: true },
  unsigned: { isUnsigned: true },
  island: { ds: 'no-ds' },
  otherds: { ds: 'other-key' },
  unknownalg: { ds: 'unknown-algorithm' },
  nokeys: { ds: 'other-key', isUnsigned: true },
  expired: { sign: ['-s', '20200101000000', '-e', '20200201000000'] },
  future: { sign: ['-s', '20400101000000', '-e', '20400201000000'] },
  nosig: { damage: without(/^www\.nosig\.test\.\s+\d+\s+(?:IN\s+)?RRSIG\s+A\s/) },
  tampered: {
    damage: (file) => file.replace(/^(www\.tampered\.test\.\s+\d+\s+(?:IN\s+)?A\s+)192\.0\.2\.1$/m, '$1192.0.2.66'),
  },
  nonsec: { damage: without(/^\S+\s+\d+\s+(?:IN\s+)?NSEC\s/) },
  nonsec3: { sign: ['-3', '-'], damage: without(/^\S+\s+\d+\s+(?:IN\s+)?NSEC3\s/) },
};

/** Splits a zone file of dnssec-signzone into its entries, and writes the owner of each on its first line. */
function entriesOf(file: string): string[] {
  const entries: string[] = [];
  let owner = '';
  let depth = 0;
  for (const line of file.split('\n').filter((one) => one !== '' && !one.startsWith(';'))) {
    const own = /^\S+/.exec(line)?.[0];
    const isStart = depth === 0;
    if (isStart && own !== undefined) owner = own;
    depth += (line.match(/\(/g) ?? []).length - (line.match(/\)/g) ?? []).length;
    if (isStart) entries.push(`${own === undefined ? owner : ''}${line}\n`);
    else entries.push(`${entries.pop() ?? ''}${line}\n`);
  }
  return entries;
}

/** The records below the apex of each zone. */
const NAMES = `
@ MX 10 www
@ TXT "v=spf1 -all"
www A 192.0.2.1
www AAAA 2001:db8::1
WWW TXT "Mixed Case"
_25._tcp.www TLSA 3 1 1 ${'ab'.repeat(32)}
a.b.c A 192.0.2.2
*.wild A 192.0.2.3
*.wild MX 10 WWW
there.wild TXT "here"
below.there.wild A 192.0.2.4
*.aliases CNAME www
alias CNAME www
dead CNAME nothing
toself CNAME www.p256.test.
tounsigned CNAME www.unsigned.test.
toexpired CNAME www.expired.test.
toabsent CNAME nothing.nsec3.test.
dname DNAME wild
todname CNAME x.dname
srv SRV 1 2 25 WWW
`;

/** The questions, below each zone: every name with every type. */
export const OWNERS: readonly string[] = [
  '',
  'www',
  'WwW',
  '_25._tcp.www',
  '_26._tcp.www',
  '_tcp.www',
  'b.c',
  'c',
  'a.b.c',
  'z.b.c',
  'nothing',
  'far.below.nothing',
  'x.wild',
  'x.y.wild',
  'wild',
  '*.wild',
  'there.wild',
  'x.there.wild',
  'x.below.there.wild',
  'x.aliases',
  'alias',
  'x.alias',
  'dead',
  'toself',
  'tounsigned',
  'toexpired',
  'toabsent',
  'dname',
  'x.dname',
  'there.dname',
  'todname',
  'srv',
  'plain',
  'www.plain',
  'nothing.plain',
  'signed',
  'www.signed',
  'nothing.signed',
  'broken',
  'www.broken',
  'nothing.broken',
  'deep',
  'ent.deep',
  'www.ent.deep',
];

export const QUESTION_TYPES = ['A', 'MX', 'TXT', 'TLSA', 'DS', 'NS', 'CNAME', 'SOA', 'DNSKEY', 'SRV'] as const;

interface ZoneToSign {
  readonly name: string;
  readonly records: string;
  readonly kind: Kind;
}

export interface SignedTree {
  readonly directory: string;
  /** Zone name → its file. */
  readonly files: ReadonlyMap<string, string>;
  /** The key of the root as a line of a master file. */
  readonly rootKey: string;
}

/** Signs all zones, the children before their parents. */
export async function signTree(): Promise<SignedTree> {
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-dnssec-'));
  const files = new Map<string, string>();
  const announced: string[] = [];
  for (const [id, kind] of Object.entries(KINDS)) {
    announced.push(...(await makeZone({ name: `${id}.test.`, records: NAMES, kind }, directory, files)));
  }
  const top = { name: 'test.', records: announced.join(''), kind: { algorithm: 'RSASHA256' } };
  const test = await makeZone(top, directory, files);
  await makeZone({ name: '.', records: `ns.example. A 192.0.2.53\n${test.join('')}`, kind: {} }, directory, files);
  const [rootKey = ''] = /^\.\s.*DNSKEY\s.*$/m.exec(readFileSync(join(directory, 'root-key'), 'utf8')) ?? [];
  return { directory, files, rootKey };
}

/** Signs one zone, with the zones below it. @returns the records of its delegation for the parent. */
async function makeZone(
  { name, records, kind }: ZoneToSign,
  directory: string,
  files: Map<string, string>,
): Promise<string[]> {
  const children: ZoneToSign[] =
    records === NAMES
      ? [
          { name: `plain.${name}`, records: SMALL, kind: { isUnsigned: true } },
          { name: `signed.${name}`, records: SMALL, kind: { algorithm: 'ED25519' } },
          { name: `broken.${name}`, records: SMALL, kind: { ds: 'other-key' } },
          { name: `ent.deep.${name}`, records: SMALL, kind: { isUnsigned: true } },
        ]
      : [];
  const below = await Promise.all(children.map((child) => makeZone(child, directory, files)));
  const file = join(directory, `zone-${name}`);
  const soa = `$TTL 300\n$ORIGIN ${name}\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n@ NS ns.example.\n`;
  writeFileSync(file, `${soa}${records}${below.flat().join('')}`);
  files.set(name, file);
  const delegation = [`${name} NS ns.example.\n`];
  const keys = await makeKeys(name, kind, directory);
  if (!kind.isUnsigned) await sign(name, file, kind, keys, directory);
  if (name === '.') writeFileSync(join(directory, 'root-key'), keys.records);
  if (kind.ds === 'no-ds' || (kind.isUnsigned && kind.ds === undefined)) return delegation;
  const announced = kind.ds === 'other-key' ? (await makeKeys(name, kind, directory)).first : keys.first;
  const digest = kind.ds === 'SHA-384' ? kind.ds : 'SHA-256';
  const { stdout } = await run('dnssec-dsfromkey', ['-a', digest, join(directory, announced)]);
  const ds = kind.ds === 'unknown-algorithm' ? stdout.replace(/(DS \d+) \d+ /, '$1 200 ') : stdout;
  return [...delegation, ds];
}

const SMALL = 'www A 192.0.2.9\n';

async function makeKeys(
  zone: string,
  { algorithm = 'ECDSAP256SHA256', hasTwoKeys = false }: Kind,
  directory: string,
): Promise<{ readonly first: string; readonly all: readonly string[]; readonly records: string }> {
  const size = algorithm.startsWith('RSA') ? ['-b', '1024'] : [];
  const make = async (flags: readonly string[]): Promise<string> =>
    (await run('dnssec-keygen', ['-q', '-a', algorithm, ...size, ...flags, '-K', directory, zone])).stdout.trim();
  const first = await make(['-f', 'KSK']);
  const all = hasTwoKeys ? [first, await make([])] : [first];
  const records = all
    .map((key) => readFileSync(join(directory, `${key}.key`), 'utf8').replace(/^;.*\n/gm, ''))
    .join('');
  return { first, all, records };
}

async function sign(
  zone: string,
  file: string,
  kind: Kind,
  keys: { readonly all: readonly string[]; readonly records: string },
  directory: string,
): Promise<void> {
  writeFileSync(file, `${readFileSync(file, 'utf8')}${keys.records}`);
  const paths = keys.all.map((key) => join(directory, key));
  const one = kind.hasTwoKeys ? [] : ['-z'];
  const place = ['-d', directory, '-K', directory, '-o', zone, '-f', `${file}.signed`];
  await run('dnssec-signzone', ['-q', '-P', ...one, ...(kind.sign ?? []), ...place, file, ...paths]);
  const signed = readFileSync(`${file}.signed`, 'utf8');
  writeFileSync(file, kind.damage ? kind.damage(entriesOf(signed).join('')) : signed);
}

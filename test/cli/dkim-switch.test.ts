/** Waits until it is safe to switch to a DKIM key, over sockets: what the name servers have, and what earlier runs saw. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { keyFiles } from '../../src/check/key-files.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { PAIR } from '../standards/dkim/keys.ts';
import { type DnsScript, startDns } from '../world/dns.ts';
import { FIRST, PARENT, parent, SECOND, SIGNPOSTS, startNameServers } from '../world/name-servers.ts';
import { mailcheck } from '../world/world.ts';

const NAME = 's2._domainkey.example.com';
const RECORD = `v=DKIM1; k=rsa; p=${PAIR.publicBase64}`;

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function folderOf(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `mailcheck-${name}-`));
  open.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A zone whose answers, also its denials, are kept for so many seconds. */
function zoneOf(ttl: number, hasKey = true): DnsScript {
  return {
    apexes: ['example.com'],
    zone: {
      'example.com': {
        SOA: { records: [`ns1.example.com hostmaster.example.com 7 ${ttl}`], ttl },
        NS: ['ns1.example.com', 'ns2.example.com'],
      },
      ...(hasKey ? { [NAME]: { TXT: { records: [RECORD], ttl } } } : {}),
    },
  };
}

/** Starts the name servers and a resolver, and gives what types a check of the key there. */
async function startZone(first: DnsScript, second = first) {
  const folder = await folderOf('key');
  const key = join(folder, 'new.pem');
  await writeFile(key, PAIR.privatePem);
  const servers = await startNameServers({ [PARENT]: parent, [FIRST]: first, [SECOND]: second });
  const resolver = await startDns({
    apexes: ['example.com', 'com', 'example'],
    zone: { ...SIGNPOSTS, [NAME]: { TXT: [RECORD] } },
  });
  open.push(
    () => servers.close(),
    () => resolver.close(),
  );
  const redirections = [...servers.connectTo].flatMap(([from, { host, port }]) => [
    '--connect-to',
    `${from.includes(':53') ? from : ':'}:${host}:${port}`,
  ]);
  return async (cache: string, ...args: readonly string[]): Promise<{ code: number | null; report: Report }> => {
    const typed = ['example.com', '203.0.113.5', '--only', 'dkim', '--dkim-key', key, '--selector', 's2', '-f', 'json'];
    const around = ['--dns', resolver.server, '--allow-private', ...redirections];
    const { code, stdout, stderr } = await mailcheck([...typed, ...args, ...around], {
      env: { XDG_CACHE_HOME: cache },
    });
    if (stdout === '') throw new Error(stderr);
    return { code, report: reportSchema.parse(JSON.parse(stdout)) };
  };
}

const codesIn = ({ rules }: Report): string[] => rules.flatMap(({ findings }) => findings.map(({ code }) => code));

describe('--wait with a DKIM key', () => {
  test('goes on until older answers have run out, and later runs know since when all name servers have the key', async () => {
    const check = await startZone(zoneOf(1));
    const cache = await folderOf('cache');
    const waited = await check(cache, '--wait', '2s', '--quiet');
    expect(codesIn(waited.report)).toEqual(['dkim/safe-to-switch']);
    expect(waited.code).toBe(0);
    expect(await readdir(join(cache, 'mailcheck', 'keys'))).toHaveLength(1);
    expect(codesIn((await check(cache)).report)).toEqual(['dkim/safe-to-switch']);

    // A machine without a cache learns it from the report of the earlier run.
    const before = join(await folderOf('report'), 'before.json');
    await writeFile(before, JSON.stringify(waited.report));
    const fresh = await folderOf('cache');
    expect(codesIn((await check(fresh, '--baseline', before)).report)).toEqual(['dkim/safe-to-switch']);
  });

  test('fails when the time is up before that, and not if the wait is for another check', async () => {
    const check = await startZone(zoneOf(3600));
    const cache = await folderOf('cache');
    const waited = await check(cache, '--wait', '1s', '--quiet');
    expect(waited.code).toBe(1);
    expect(codesIn(waited.report)).toEqual(['dkim/not-safe-yet']);
    // A wait for another check is no wait for the key.
    const others = await check(cache, '--only', 'dkim,dmarc', '--wait', '1s', '--wait-for', 'dmarc', '--quiet');
    expect(others.report.rules.find(({ id }) => id === 'dkim')?.status).toBe('pass');
  });
});

describe('the key book', () => {
  const fingerprint = `sha256:${'0'.repeat(64)}`;
  const sighting = { since: 1_700_000_000_000, otherTtl: 300 };

  test('remembers a key at a name, and no other', async () => {
    const folder = await folderOf('book');
    const book = keyFiles(folder);
    expect(await book.known(NAME, fingerprint)).toBeNull();
    await book.keep(NAME, fingerprint, { since: null, otherTtl: null });
    await book.keep(NAME, fingerprint, sighting);
    expect(await book.known(NAME, fingerprint)).toEqual(sighting);
    expect(await book.known('s1._domainkey.example.com', fingerprint)).toBeNull();
    const [file = '', ...others] = await readdir(join(folder, 'keys'));
    expect(others).toEqual([]);
    expect(await readFile(join(folder, 'keys', file), 'utf8')).not.toContain('example.com');
  });

  test.each(['', '{', '[]', '{"since":"yesterday","otherTtl":null}', '{"since":-1,"otherTtl":1}', 'x'.repeat(5000)])(
    'takes a file that is no sighting for none: %j',
    async (text) => {
      const folder = await folderOf('book');
      const book = keyFiles(folder);
      await book.keep(NAME, fingerprint, sighting);
      const [file = ''] = await readdir(join(folder, 'keys'));
      await writeFile(join(folder, 'keys', file), text);
      expect(await book.known(NAME, fingerprint)).toBeNull();
    },
  );

  test('keeps nothing without a folder', async () => {
    const book = keyFiles(null);
    await book.keep(NAME, fingerprint, sighting);
    expect(await book.known(NAME, fingerprint)).toBeNull();
  });

  test('does without a folder that cannot be written', async () => {
    const file = join(await folderOf('book'), 'file');
    await writeFile(file, '');
    const book = keyFiles(file);
    await book.keep(NAME, fingerprint, sighting);
    expect(await book.known(NAME, fingerprint)).toBeNull();
  });
});

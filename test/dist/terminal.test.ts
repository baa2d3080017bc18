/**
 * What each command writes to a terminal, from the built product: with colour and without. The files in
 * `test/golden/commands` are what a person reads; `vitest run test/dist -u` writes them anew, and they are then to be
 * read again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW, standingAt } from '../world/clock.ts';
import { scenes } from '../world/scenes.ts';
import { defaultListZones, mailcheck, startWorld, type World } from '../world/world.ts';

const SPF_ZONE = {
  'example.com': { TXT: ['v=spf1 include:_spf.example.net a:gone.example ~all exp=why.example.com'] },
  '_spf.example.net': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] },
  'loop.example.com': { TXT: ['v=spf1 ip4:1 -all'] },
};

const worlds = new Map<string, World>();
beforeAll(async () => {
  const spf = { dns: { zone: { ...SPF_ZONE, ...defaultListZones() } } };
  for (const [name, script] of Object.entries({
    spf,
    healthy: scenes.healthy.world,
    fresh: scenes.fresh.world,
    relay: scenes.relay.world,
  })) {
    worlds.set(name, await startWorld(script));
  }
});
afterAll(() => Promise.all([...worlds.values()].map((world) => world.close())));

function worldOf(name: string): World {
  const world = worlds.get(name);
  if (world === undefined) throw new Error(`no world ${name}`);
  return world;
}

interface Screen {
  readonly args: readonly string[];
  /** The world it runs in; none is needed where absent. */
  readonly world?: string;
  /** Whether only the DNS of that world is wanted. */
  readonly isDnsOnly?: boolean;
  readonly code: number;
}

const screens: Readonly<Record<string, Screen>> = {
  'check-healthy': { args: scenes.healthy.args, world: 'healthy', code: 0 },
  'check-fresh': { args: scenes.fresh.args, world: 'fresh', code: 1 },
  'check-relay': { args: scenes.relay.args, world: 'relay', code: 1 },
  'check-only-spf': { args: [...scenes.healthy.args, '--only', 'spf'], world: 'healthy', code: 0 },
  'spf-pass': { args: ['spf', '192.0.2.7', 'user@example.com'], world: 'spf', isDnsOnly: true, code: 0 },
  'spf-softfail': { args: ['spf', '203.0.113.5', 'user@example.com'], world: 'spf', isDnsOnly: true, code: 1 },
  'spf-permerror': { args: ['spf', '203.0.113.5', 'user@loop.example.com'], world: 'spf', isDnsOnly: true, code: 1 },
  pool: { args: ['pool', 'example.net', '198.51.100.7', '198.51.100.8'], world: 'fresh', isDnsOnly: true, code: 1 },
  records: { args: ['records', 'example.com', '203.0.113.5'], world: 'healthy', isDnsOnly: true, code: 0 },
  'records-table': {
    args: ['records', 'example.net', '198.51.100.7', '-f', 'table'],
    world: 'fresh',
    isDnsOnly: true,
    code: 0,
  },
  fleet: { args: ['fleet', 'test/golden/hosts.csv', '--only', 'ptr,dmarc', '--quiet'], world: 'healthy', code: 1 },
  providers: { args: ['providers'], code: 0 },
  'providers-linode': { args: ['providers', 'linode'], code: 0 },
  'dns-hosts': { args: ['dns-hosts'], code: 0 },
  'dns-hosts-route53': { args: ['dns-hosts', 'route53'], code: 0 },
  lint: { args: ['lint', 'test/golden/example.com.zone'], code: 1 },
  explain: { args: ['explain'], code: 0 },
  'explain-ptr-missing': { args: ['explain', 'ptr/missing'], code: 0 },
  watch: { args: ['watch', '--help'], code: 0 },
  help: { args: ['--help'], code: 0 },
  'help-mcp': { args: ['mcp', '--help'], code: 0 },
  'help-worker': { args: ['worker', '--help'], code: 0 },
  'help-records': { args: ['help', 'records'], code: 0 },
};

async function screen({ args, world: name, isDnsOnly = false, code }: Screen, color: boolean): Promise<string> {
  const world = name === undefined ? undefined : worldOf(name);
  const inWorld = world === undefined ? [] : isDnsOnly ? ['--dns', world.dns.server] : world.args;
  // What is printed of the data changes with its age, so the clock stands still.
  const env = { ...(color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }), ...standingAt(NOW) };
  const finished = await mailcheck([...args, ...inWorld], { env });
  expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code, stderr: '' });
  return settled(finished.stdout);
}

/** Replaces what changes from run to run: the port of the DNS server, the age of the certificate, the duration. */
function settled(text: string): string {
  // The id of an MTA-STS policy is the time.
  const timeless = text.replace(/id=\d{14}/g, 'id=20270101000000');
  return timeless
    .replace(/127\.0\.0\.1#\d+/g, '127.0.0.1#53')
    .replace(/--dns 127\.0\.0\.1:\d+/g, '--dns 127.0.0.1:53')
    .replace(/(targets?) in \d+ s:/, '$1 in 2 s:')
    .replace(/valid for \d+ more days/g, 'valid for 89 more days')
    .replace(/(^|· |\s)\d+\.\d s((?:\u001b\[[\d;]+m)*)$/m, '$10.3 s$2');
}

const SEQUENCE = /\u001b\[[\d;]+m/g;

describe.each(Object.entries(screens))('%s', (name, given) => {
  let plain: Promise<string> | undefined;
  const withoutColour = (): Promise<string> => {
    plain ??= screen(given, false);
    return plain;
  };

  test('without colour', async () => {
    const text = await withoutColour();
    // A screen of a laptop has 60 lines.
    if (name.startsWith('check-')) expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(text).not.toContain('\u001b');
    await expect(text).toMatchFileSnapshot(`../golden/commands/${name}.txt`);
  });

  test('with colour, and the same words', async () => {
    const text = await screen(given, true);
    expect(text.replace(SEQUENCE, '')).toBe(await withoutColour());
    // The escape character as a picture of it, so that the file can be read.
    await expect(text.replaceAll('\u001b', '␛')).toMatchFileSnapshot(`../golden/commands/${name}.color.txt`);
  });
});

test('there is a screen of each command', async () => {
  const { stdout } = await mailcheck(['--help']);
  const commands = [...stdout.slice(stdout.indexOf('\nCommands:')).matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(
    ([, word]) => word,
  );
  const shown = Object.values(screens).map(({ args }) => args[0]);
  // Completion is a program for a shell, and init writes files: each has tests of its own.
  const others = ['completion', 'init'];
  expect(commands.filter((word) => !shown.includes(word) && !others.includes(word ?? ''))).toEqual([]);
});

/** Tests what a program that calls the library can rely on. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type CheckOptions, check, type ProgressEvent, type Recording, replay, UsageError } from '../../src/index.ts';
import { heldResources } from '../world/held.ts';
import { scenes } from '../world/scenes.ts';
import { closed } from '../world/smtp.ts';
import { startWorld, type World, type WorldScript, worldAuthority } from '../world/world.ts';

const IP = '203.0.113.5';

function optionsIn({ dns, connectTo }: World): CheckOptions {
  return {
    dns: [dns.server],
    connectTo,
    allowPrivate: true,
    vantage: 'outside',
    probePauseMs: 0,
    submissionPorts: [],
    extraRoots: [worldAuthority.certificate],
  };
}

async function within<T>(script: WorldScript, use: (world: World) => Promise<T>): Promise<T> {
  const world = await startWorld(script);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

describe('library: check', () => {
  test('several checks at once do not influence each other', async () => {
    const { healthy, fresh } = scenes;
    await within(healthy.world, (first) =>
      within(fresh.world, async (second) => {
        const alone = await check('example.com', [IP], { ...optionsIn(first), selectors: ['s1'] });
        const [one, two, three] = await Promise.all([
          check('example.com', [IP], { ...optionsIn(first), selectors: ['s1'] }),
          check('example.net', ['198.51.100.7'], { ...optionsIn(second), helo: 'mail.example.net' }),
          check('example.com', [IP], {
            ...optionsIn(first),
            selectors: ['s1'],
            only: ['ptr'],
            probeName: 'p.example',
          }),
        ]);
        const statuses = ({ rules }: typeof alone) => rules.map(({ id, status }) => `${id} ${status}`);
        expect(statuses(one)).toEqual(statuses(alone));
        expect(one.verdict).toBe('pass');
        expect(two.verdict).toBe('fail');
        expect(three.rules.filter(({ status }) => status !== 'skipped').map(({ id }) => id)).toEqual(['ptr']);
        expect([one, two, three].map(({ target }) => target.domain)).toEqual([
          'example.com',
          'example.net',
          'example.com',
        ]);
      }),
    );
  });

  test('reports the start, findings and end of each rule to onProgress', async () => {
    const events: ProgressEvent[] = [];
    const report = await within(scenes.fresh.world, (world) =>
      check('example.net', ['198.51.100.7'], {
        ...optionsIn(world),
        only: ['ptr', 'dkim', 'dmarc'],
        onProgress: (event) => events.push(event),
      }),
    );
    const rules = ['ptr', 'dkim', 'dmarc'];
    const named = (kind: ProgressEvent['kind']) =>
      events.filter((event) => event.kind === kind).map(({ rule }) => rule);
    expect(named('started').sort()).toEqual([...rules].sort());
    expect(named('finished').sort()).toEqual([...rules].sort());
    for (const rule of rules) {
      const own = events.filter((event) => event.rule === rule);
      expect([own[0]?.kind, own.at(-1)?.kind]).toEqual(['started', 'finished']);
      const result = report.rules.find(({ id }) => id === rule);
      const found = own.flatMap((event) => (event.kind === 'found' ? [event.finding.code] : []));
      expect(found).toEqual(result?.findings.map(({ code }) => code));
      expect(own.flatMap((event) => (event.kind === 'finished' ? [event.status] : []))).toEqual([result?.status]);
    }
    const last = events.at(-1);
    expect(last?.kind === 'finished' && last.waiting).toEqual([]);
  });

  test('rejects with the error that onProgress throws', async () => {
    const running = within(scenes.healthy.world, (world) =>
      check('example.com', [IP], {
        ...optionsIn(world),
        onProgress: () => {
          throw new Error('the listener broke');
        },
      }),
    );
    await expect(running).rejects.toThrow('the listener broke');
  });

  test.each([
    ['a domain', () => check('not a domain')],
    ['an address', () => check('example.com', ['203.0.113'])],
    ['a server', () => check('example.com', [IP], { dns: ['nowhere'] })],
    ['a rule', () => check('example.com', [IP], { only: ['nothing'] })],
    ['a zone', () => check('example.com', [IP], { zones: [{ name: 'new.zone', text: '@ IN' }] })],
    ['a message', () => check('example.com', [IP], { message: Buffer.from('{}') })],
  ])('throws a UsageError for invalid input: %s', async (_, run) => {
    await expect(run()).rejects.toThrow(UsageError);
  });

  test('throws a UsageError for a message with a header over 100 KiB, and checks one with a shorter header', async () => {
    const withLines = (count: number): Buffer =>
      Buffer.from(`From: ann@example.com\r\n${`X-Line: ${'x'.repeat(90)}\r\n`.repeat(count)}\r\nHello\r\n`);
    await within(scenes.healthy.world, async (world) => {
      const faults: unknown[] = [];
      const run = (message: Uint8Array) =>
        check('example.com', [IP], {
          ...optionsIn(world),
          only: ['dkim'],
          message,
          onFault: (_, error) => faults.push(error),
        });
      await expect(run(withLines(1100))).rejects.toThrow(/has a header of more than 100 KiB/);
      await expect(run(withLines(1100))).rejects.toThrow(UsageError);
      const { rules } = await run(withLines(1000));
      expect(rules.flatMap(({ findings }) => findings.map(({ code }) => code))).toContain('dkim/message-unsigned');
      expect(faults).toEqual([]);
    });
  });
});

describe('library: an aborted check', () => {
  const slow: [where: string, script: WorldScript, options: CheckOptions][] = [
    ['in the DNS', { dns: { zone: {}, fault: 'timeout' } }, {}],
    ['at block lists', { dns: { zone: {}, fault: 'timeout' } }, { only: ['rbl'] }],
    ['at a greeting', { dns: { zone: {} }, hosts: { [IP]: { greeting: null } } }, { only: ['open-relay', 'tls'] }],
    [
      'in a relay test',
      { dns: { zone: {} }, hosts: { [IP]: { rcpt: closed(), tarpitMs: 20 } } },
      { only: ['open-relay'] },
    ],
    [
      'in a handshake',
      {
        dns: { zone: {} },
        hosts: { [IP]: { tls: { identity: worldAuthority.issue({ names: ['mail.example.com'] }), fault: 'silent' } } },
      },
      { only: ['tls'] },
    ],
    [
      'in a pause',
      { dns: { zone: {} }, hosts: { [IP]: { rcpt: closed() } } },
      { only: ['open-relay'], probePauseMs: 60_000 },
    ],
  ];
  test.each(slow)('%s rejects with the reason, and leaves no open handle', async (_, script, options) => {
    const world = await startWorld(script);
    const controller = new AbortController();
    const running = check('example.com', [IP], { ...optionsIn(world), ...options, signal: controller.signal });
    const settled = expect(running).rejects.toThrow('that will do');
    await expect.poll(() => world.dns.asked.length + world.hosts.size, { interval: 5 }).toBeGreaterThan(0);
    const begun = world.hosts.get(IP);
    if (begun) await expect.poll(() => begun.sessions.length, { interval: 5 }).toBeGreaterThan(0);
    controller.abort(new Error('that will do'));
    await settled;
    await world.close();
    // A destroyed handle is closed in the next turn of the event loop.
    await expect.poll(heldResources, { timeout: 10_000 }).toEqual([]);
  });

  test('with a signal that is aborted already rejects, and sends no DNS question', async () => {
    await within({ dns: { zone: {} } }, async (world) => {
      const signal = AbortSignal.abort(new Error('never mind'));
      await expect(check('example.com', [IP], { ...optionsIn(world), signal })).rejects.toThrow('never mind');
      expect(world.dns.asked).toEqual([]);
    });
  });
});

describe('library: record and replay', () => {
  test('a recording is plain data, and its replay gives the same report', async () => {
    const recordings: Recording[] = [];
    const report = await within(scenes.healthy.world, (world) =>
      check('example.com', [IP], {
        ...optionsIn(world),
        selectors: ['s1'],
        transcript: true,
        record: (recording) => recordings.push(recording),
      }),
    );
    expect(recordings).toHaveLength(1);
    const file: unknown = JSON.parse(JSON.stringify(recordings[0]));
    expect(file).toEqual(recordings[0]);
    const missing: string[] = [];
    const replayed = await replay(file, { onMissing: (questions) => missing.push(...questions) });
    expect(JSON.stringify(replayed)).toBe(JSON.stringify([report]));
    expect(missing).toEqual([]);
  });

  test('replay throws a UsageError for a value that is no recording', async () => {
    await expect(replay({ schemaVersion: 1 })).rejects.toThrow(UsageError);
    await expect(replay(undefined)).rejects.toThrow('the value is not a recording');
  });
});

describe('library: in a program', () => {
  test('check and replay write nothing, change no global, and let the process end', async () => {
    const library = new URL('../../dist/index.js', import.meta.url).href;
    const program = `
      const globals = Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]);
      const { check, replay } = await import(${JSON.stringify(library)});
      let recording;
      const options = { dns: ['127.0.0.1:1'], timeoutMs: 3000, record: (kept) => { recording = kept; } };
      const report = await check('example.com', ['203.0.113.5'], options);
      const [again] = await replay(recording);
      const same = Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]);
      const changed = globals.filter((value, index) => !Object.is(value, same[index])).length;
      process.exitCode = report.verdict === again.verdict && changed === 0 && process.listenerCount('SIGINT') === 0 ? 7 : 1;
    `;
    const folder = await mkdtemp(join(tmpdir(), 'mailcheck-library-'));
    await writeFile(join(folder, 'program.mjs'), program);
    const started = promisify(execFile)(process.execPath, [join(folder, 'program.mjs')], { timeout: 20_000 });
    const outcome = await started.catch((error: unknown) => error);
    await rm(folder, { recursive: true });
    expect(outcome).toMatchObject({ code: 7, stdout: '', stderr: '' });
  });
});

test('the answers of receivers are no pass where none is known', async () => {
  const report = await check('example.com', ['203.0.113.5'], { dns: ['127.0.0.1:1'], timeoutMs: 5000 });
  expect(report.receivers.map(({ outcome }) => outcome)).toEqual(report.receivers.map(() => 'unknown'));
  expect(report.rules.find(({ id }) => id === 'receiver')).toMatchObject({ status: 'skipped' });
});

test('what is no text and no list of texts is wrong usage', async () => {
  await expect(check(undefined as unknown as string)).rejects.toThrow(UsageError);
  await expect(check('example.com', '203.0.113.5' as unknown as string[])).rejects.toThrow(UsageError);
});

/** Tests the options of the library: they are those of the configuration file, and a wrong one is refused in its words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkedConfig } from '../../src/cli/config/check-config.ts';
import { checkOptionsSchema, readCheckOptions } from '../../src/cli/config/library-options.ts';
import { configSchema, targetSchema } from '../../src/cli/config/schema.ts';
import { type CheckOptions, check, replay, UsageError } from '../../src/index.ts';
import { parseDomain } from '../../src/network/domain.ts';
import { scenes } from '../world/scenes.ts';
import { startWorld, worldAuthority } from '../world/world.ts';

/** The keys of the configuration that are about its file and the reports, which the library does not write. */
const OF_THE_FILE = ['$schema', 'targets', 'formats', 'failOn', 'baseline'];
/** The options that only programs have: data in place of a file, milliseconds, and what is no text. */
const OF_PROGRAMS = [
  'timeoutMs',
  'greylistWaitMs',
  'probePauseMs',
  'submissionPorts',
  'listKeys',
  'extraRoots',
  'dkimKeyPem',
  'transcript',
  'signal',
  'onFault',
  'onProgress',
  'record',
];

/** Calls `check` as a program without types does. */
const checkWith = (options: object): Promise<unknown> => check('example.com', ['203.0.113.5'], options as CheckOptions);

const readAll = (options: CheckOptions) => {
  const domain = parseDomain('example.com');
  if (domain === undefined) throw new Error('example.com is a domain');
  return readCheckOptions(options, domain);
};

describe('library options: names', () => {
  test('they are the keys of the configuration file, and a few for programs', () => {
    const configured = Object.keys(configSchema.shape).filter((key) => !OF_THE_FILE.includes(key));
    expect(Object.keys(checkOptionsSchema.shape).sort()).toEqual([...configured, ...OF_PROGRAMS].sort());
    const ofTarget = Object.keys(targetSchema.shape).filter((key) => key !== 'domain' && key !== 'ips');
    expect(Object.keys(checkOptionsSchema.shape)).toEqual(expect.arrayContaining(ofTarget));
  });

  test.each<[options: object, message: string]>([
    [{ selector: ['s1'] }, "unknown option 'selector'; did you mean 'selectors'?"],
    [{ dnsOnyl: true }, "unknown option 'dnsOnyl'; did you mean 'dnsOnly'?"],
    [{ timeoutMS: 1000 }, "unknown option 'timeoutMS'; did you mean 'timeoutMs'?"],
    [{ xyzzyPlughQuux: 1 }, "unknown option 'xyzzyPlughQuux'"],
    [
      { accept: [{ code: 'ptr/missing', reson: 'known', reason: 'known', until: '2027-01-31' }] },
      "unknown option 'accept[0].reson'; did you mean 'reason'?",
    ],
  ])('an unknown one is refused: %j', async (options, message) => {
    await expect(checkWith(options)).rejects.toThrow(new UsageError(message));
  });

  test('an unknown code of severity is refused with the one that may be meant', async () => {
    await expect(checkWith({ severity: { 'ptr/mising': 'error' } })).rejects.toThrow(
      /^severity: there is no finding "?ptr\/mising"? \(did you mean ptr\/missing\?\)/,
    );
  });

  test('replay refuses an unknown one', async () => {
    await expect(replay({}, { onMising: () => {} } as object)).rejects.toThrow(
      new UsageError("unknown option 'onMising'; did you mean 'onMissing'?"),
    );
  });
});

describe('library options: values', () => {
  test.each<[key: string, value: unknown]>([
    ['smtpPort', '25'],
    ['smtpPort', 70_000],
    ['sendOnly', 'yes'],
    ['selectors', 's1'],
    ['vantage', 'outsid'],
    ['timeout', -1],
    ['allowInconclusive', 'tls'],
    ['severity', { 'ptr/missing': 'fatal' }],
    ['accept', [{ code: 'ptr/missing', reason: '', until: '2027-01-31' }]],
  ])('a wrong type of %s is refused in the words of the configuration: %j', async (key, value) => {
    const words = (() => {
      try {
        checkedConfig({
          value: { [key]: value },
          place: (path) => path.map(String).join('.'),
        } as Parameters<typeof checkedConfig>[0]);
      } catch (error) {
        return error instanceof UsageError ? error.message.replace(/^\S+: /, '') : undefined;
      }
      return undefined;
    })();
    expect(words).toBeDefined();
    const refused = await checkWith({ [key]: value }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as UsageError).message.replace(/^\S+: /, '')).toBe(words);
    expect((refused as UsageError).message.startsWith(key)).toBe(true);
  });

  test.each<[options: object, message: RegExp]>([
    [{ selectors: ['-'] }, /^selectors: "?-"? is not a DKIM selector/],
    [{ egressTargets: ['a:b:c'] }, /^egressTargets: .* is not a host and port/],
    [{ zones: [3] }, /^zones\[0\]: expected a file name, or \{ name, text \}/],
    [{ message: 3 }, /^message: expected a file name, or a Uint8Array/],
    [{ signal: {} }, /^signal: expected an AbortSignal/],
    [{ onProgress: 'log' }, /^onProgress: expected a function/],
    [{ only: ['spf'], skip: ['spf'] }, /^only and skip leave nothing to check/],
    [{ dnsOnly: true, activeRcpt: true }, /--dns-only and --active-rcpt contradict each other/],
  ])('one that cannot be used is refused: %j', async (options, message) => {
    await expect(checkWith(options)).rejects.toThrow(UsageError);
    await expect(checkWith(options)).rejects.toThrow(message);
  });

  test('they reach the run as those of the configuration do', async () => {
    const { target, run } = await readAll({
      selectors: ['S1', 's1'],
      helo: 'mail.example.com',
      dns: ['192.0.2.53'],
      only: ['tls', 'ptr', 'spf'],
      skip: ['tls'],
      timeout: '2m',
      greylistWait: 300,
      relayRcpt: 'you@example.net',
      egressTargets: ['mx.example.net'],
      connectTo: ['203.0.113.5:25:127.0.0.1:2525'],
      onHost: true,
      dnsOnly: true,
      allowInconclusive: ['tls'],
      accept: [{ code: 'ptr/missing', reason: 'known', until: '2027-01-31' }],
    });
    expect(target).toEqual({ selectors: ['s1'], helo: 'mail.example.com' });
    expect(run).toMatchObject({
      timeoutMs: 120_000,
      ruleIds: ['ptr', 'spf'],
      dnsServers: [{ address: '192.0.2.53', port: 53 }],
      judgement: { allowInconclusive: ['tls'], accept: [{ code: 'ptr/missing' }] },
    });
    expect(run.settings).toEqual({
      smtpPort: 25,
      allowPrivate: false,
      greylistWaitMs: 300_000,
      relayRecipient: 'you@example.net',
      egressTargets: [{ host: 'mx.example.net', port: 25 }],
      connectTo: new Map([['203.0.113.5:25', { host: '127.0.0.1', port: 2525 }]]),
      vantage: 'self',
      dnsOnly: true,
    });
  });

  test('what is accepted is read as in the configuration: an address in another form, and keys without a value', async () => {
    const { run } = await readAll({
      severity: { 'ptr/generic': undefined, 'ptr/missing': 'warning' } as unknown as NonNullable<
        CheckOptions['severity']
      >,
      accept: [
        { code: 'ptr/missing', ip: '2001:DB8:0::5', zone: undefined, reason: ' known ', until: '2027-01-31' },
      ] as unknown as NonNullable<CheckOptions['accept']>,
    });
    expect(run.judgement).toStrictEqual({
      allowInconclusive: [],
      severity: { 'ptr/missing': 'warning' },
      accept: [{ code: 'ptr/missing', ip: '2001:db8::5', reason: 'known', until: '2027-01-31' }],
    });
  });

  test('without options, every check runs for a minute', async () => {
    const { run } = await readAll({ helo: undefined });
    expect(run).toMatchObject({ timeoutMs: 60_000, settings: { smtpPort: 25, allowPrivate: false } });
    expect(run.settings).toEqual({ smtpPort: 25, allowPrivate: false });
    expect(run.ruleIds?.length).toBeGreaterThan(8);
  });

  test('a time in milliseconds comes before the one in seconds', async () => {
    expect((await readAll({ timeout: 5, timeoutMs: 1500 })).run.timeoutMs).toBe(1500);
    const { settings } = (await readAll({ probePause: 2, probePauseMs: 10, greylistWait: 1, greylistWaitMs: 5 })).run;
    expect(settings).toMatchObject({ probePauseMs: 10, greylistWaitMs: 5 });
  });

  test('zones are names of files or texts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mailcheck-options-'));
    const file = join(folder, 'new.zone');
    await writeFile(file, 'example.com. 300 IN TXT "v=spf1 -all"\n');
    try {
      const { run } = await readAll({ zones: [file, { name: 'mine', text: 'www.example.com. IN A 203.0.113.9' }] });
      expect(run.proposed?.map((zone) => zone.file)).toEqual([file, 'mine']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('library options: dnsOnly connects to nobody, and allowInconclusive is in the report and its replay', async () => {
  const world = await startWorld(scenes.healthy.world);
  try {
    const recordings: unknown[] = [];
    const options: CheckOptions = {
      dns: [world.dns.server],
      connectTo: world.connectTo,
      allowPrivate: true,
      vantage: 'outside',
      selectors: ['s1'],
      extraRoots: [worldAuthority.certificate],
      dnsOnly: true,
      allowInconclusive: ['helo'],
      transcript: true,
    };
    const report = await check('example.com', ['203.0.113.5'], {
      ...options,
      record: (recording) => recordings.push(JSON.parse(JSON.stringify(recording))),
    });
    expect([...world.hosts.values()].flatMap(({ sessions }) => sessions)).toEqual([]);
    expect(report.rules.filter(({ allowed }) => allowed).map(({ id }) => id)).toEqual(['helo']);
    expect(await replay(recordings[0])).toEqual([report]);
    expect(report.transcript).toBeDefined();
    expect(await replay(recordings[0], { transcript: undefined } as object)).toEqual([report]);
    const [again] = await replay(recordings[0], { allowInconclusive: false });
    expect([report.verdict, again?.verdict]).toEqual(['pass', 'inconclusive']);
  } finally {
    await world.close();
  }
});

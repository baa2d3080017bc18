/** Tests that an untrusted file is refused in one line if it is no recording or a damaged one. */
import { describe, expect, test } from 'vitest';
import { parseRecording, recordingOf } from '../../src/recording/read.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { RecordedRun } from '../../src/recording/schema.ts';
import { UsageError } from '../../src/usage-error.ts';
import { worldAuthority } from '../world/world.ts';
import { recordAndReplay } from './record-and-replay.ts';

/** @returns the error line for a text, or "accepted". */
function refusal(text: string): string {
  try {
    parseRecording(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('recording: a text that is no recording is refused', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const cases: [name: string, text: string, line: RegExp][] = [
    ['words', 'hello', /^the text is not JSON/],
    ['nothing', '', /^the text is not JSON/],
    ['a report', '{"schemaVersion":1}', /^the text is not a recording/],
    ['null', 'null', /^the text is not a recording/],
    ['a list', '[]', /^the text is not a recording/],
    ['a deep list', deep, /^the text is not (a recording|JSON)/],
    [
      'a later version',
      '{"recordingVersion":3}',
      /^the text has recording version 3 that this mailcheck does not know/,
    ],
    ['a version of no kind', '{"recordingVersion":"\\u001b[31m1"}', /^the text has a recording version that this/],
    [
      'no runs',
      '{"recordingVersion":2,"tool":{"name":"mailcheck","version":"1"},"runs":[]}',
      /^the text is damaged: runs: /,
    ],
    [
      'keys of prototypes',
      '{"recordingVersion":2,"__proto__":{"runs":[]},"constructor":1}',
      /^the text is damaged: tool: /,
    ],
  ];
  test.each(cases)('%s', (_, text, line) => {
    expect(refusal(text)).toMatch(line);
    expect(refusal(text)).not.toMatch(/[\n\u001b]/);
  });
});

describe('recording: reading', async () => {
  const world = { dns: { zone: {} }, hosts: { '203.0.113.5': { tls: { identity: worldAuthority.issue({}) } } } };
  const { run } = await recordAndReplay({ ...world, rules: ['tls', 'dns'] });

  /** @returns the error line for the recording with another value at a path. */
  function spoiled(path: readonly (string | number)[], value: unknown): string {
    const recording: unknown = JSON.parse(JSON.stringify(recordingOf([run])));
    let place: unknown = recording;
    for (const key of path.slice(0, -1)) place = Reflect.get(Object(place), key);
    Reflect.set(Object(place), path.at(-1) ?? '', value);
    return refusal(JSON.stringify(recording));
  }

  const first = (kind: RecordedRun['exchanges'][number]['kind']): number =>
    run.exchanges.findIndex((exchange) => exchange.kind === kind);

  test('an undamaged recording is accepted', () => {
    expect(refusal(JSON.stringify(recordingOf([run])))).toBe('accepted');
    expect(first('starttls')).toBeGreaterThan(0);
  });

  const cases: [what: string, path: (string | number)[], value: unknown, at: string][] = [
    ['a domain', ['runs', 0, 'target', 'domain'], 'not a domain', 'runs.0.target.domain'],
    ['an address', ['runs', 0, 'target', 'ips', 0], '203.0.113', 'runs.0.target.ips.0'],
    ['a port', ['runs', 0, 'settings', 'smtpPort'], 0, 'runs.0.settings.smtpPort'],
    ['a time', ['runs', 0, 'environment', 'startedAt'], 1e300, 'runs.0.environment.startedAt'],
    ['a seed', ['runs', 0, 'environment', 'seed'], 'x', 'runs.0.environment.seed'],
    ['a variable', ['runs', 0, 'listKeys'], [{ variable: '__proto__', key: 0 }], 'runs.0.listKeys.0.variable'],
    ['a time that never ends', ['runs', 0, 'durations'], [{ what: 'x', ms: 1e12 }], 'runs.0.durations.0.ms'],
    ['a HELO name', ['runs', 0, 'target', 'helo'], 'a\r\nQUIT', 'runs.0.target.helo'],
    ['a selector with a line break', ['runs', 0, 'target', 'selectors'], ['a\nb'], 'runs.0.target.selectors.0'],
    ['an option', ['runs', 0, 'target', 'given'], [['x; id']], 'runs.0.target.given.0'],
    ['the value of an option', ['runs', 0, 'target', 'given'], [['--rua', 'a\u202eb']], 'runs.0.target.given.0'],
    ['a list', ['runs', 0, 'settings', 'dnsblZones'], ['$(id).example'], 'runs.0.settings.dnsblZones.0'],
    ['a mailbox', ['runs', 0, 'settings', 'reportsTo'], 'a"|id"@example.com', 'runs.0.settings.reportsTo'],
    ['a provider', ['runs', 0, 'settings', 'provider'], '../x', 'runs.0.settings.provider'],
    ['the id of a rule', ['runs', 0, 'ruleIds'], ['`id`'], 'runs.0.ruleIds.0'],
    ['a redirection', ['runs', 0, 'connectTo'], [{ from: '*', host: 'a b', port: 25 }], 'runs.0.connectTo.0.host'],
    ['a file', ['runs', 0, 'proposed'], [{ file: 'a\u001b[2J', records: [] }], 'runs.0.proposed.0.file'],
    ['a name', ['runs', 0, 'exchanges', first('dns'), 'result', 'name'], 'x'.repeat(2000), 'result'],
    ['a version', ['tool', 'version'], '\u009b31m', 'tool.version'],
    ['a kind', ['runs', 0, 'exchanges', 0, 'kind'], 'http', 'runs.0.exchanges.0.kind'],
    ['an answer', ['runs', 0, 'exchanges', first('dns'), 'result'], { status: 'answer' }, 'result'],
    ['a reply', ['runs', 0, 'exchanges', first('hello'), 'result'], { status: 'reply', reply: 250 }, 'result'],
    [
      'a certificate',
      ['runs', 0, 'exchanges', first('starttls'), 'result', 'tls', 'chain', 0],
      Buffer.from('not DER').toString('base64'),
      'result',
    ],
  ];
  test.each(cases)('%s that is invalid → refused with its place', (_, path, value, at) => {
    const line = spoiled(path, value);
    expect(line).toMatch(/^the text is damaged: /);
    expect(line).toContain(at);
    expect(line).not.toMatch(/\n/);
  });

  test('a name that no EHLO command can carry becomes one that nobody has', () => {
    const spoilt = { ...run, environment: { ...run.environment, probeName: 'a\r\n\u009b31mMAIL FROM:<>' } };
    const [read] = parseRecording(JSON.stringify(recordingOf([spoilt]))).runs;
    expect(read?.environment.probeName).toBe('unknown.invalid');
  });

  test('a replay leaves out what is no selector, and no command repeats code or a file to write', async () => {
    const given = [
      ['--config', 'evil.mjs'],
      ['--output', '/home/user/.profile'],
      ['--config', 'own.json'],
    ];
    const target = { ...run.target, ips: [], selectors: ['x;id;#', 's1'], given };
    const [read] = parseRecording(JSON.stringify(recordingOf([{ ...run, target, ruleIds: ['dkim', 'ptr'] }]))).runs;
    if (read === undefined) throw new Error('nothing was read');
    const { report, missing } = await replayRun(read);
    expect(missing).toContain('the selector x;id;#, which is none');
    expect(report.target.selectors).toEqual(['s1']);
    const printed = JSON.stringify(report.advice.steps);
    expect(printed).toContain('--config own.json');
    expect(printed).not.toMatch(/evil|\.profile|;id/);
  });

  test('unknown keys are dropped, with any value', () => {
    const recording = JSON.parse(JSON.stringify(recordingOf([run])));
    recording.runs[0].settings.dkimKeyPem = 'a key';
    recording.runs[0].extra = { deep: [1] };
    const read = JSON.stringify(parseRecording(JSON.stringify(recording)));
    expect(read).not.toContain('a key');
    expect(read).not.toContain('deep');
  });
});

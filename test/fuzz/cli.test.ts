/** The command line with words of all kinds: it ends with one of its exit codes, and never with a stack trace. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import fc from '../fast-check.ts';
import { CLI } from '../world/world.ts';
import { fuzz } from './fuzz.ts';

let directory = '';
const JUNK_FILE = 'junk';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailcheck-fuzz-'));
  writeFileSync(join(directory, JUNK_FILE), Buffer.from('\x1b[2J{]\0"\r\n\xff', 'latin1'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const word = fc.oneof(
  fc.constantFrom(
    'example.com',
    '203.0.113.5',
    '2001:db8::5',
    'spf',
    'records',
    'pool',
    'explain',
    'providers',
    'help',
    'completion',
  ),
  fc.constantFrom(
    '--only',
    '--format',
    '--helo',
    '--selector',
    '--timeout',
    '--zone',
    '--message',
    '--dkim-key',
    '--ca-file',
  ),
  fc.constantFrom(
    '--config',
    '--baseline',
    '--replay',
    '--fail-on',
    '--connect-to',
    '--smtp-port',
    '--dnsbl',
    '--egress-target',
    '--vantage',
  ),
  fc.constantFrom(
    'json',
    'ptr',
    'ptr,spf',
    '0',
    '-1',
    '99999999999',
    'FILE',
    '/dev/null',
    '.',
    '-',
    '-f',
    '-v',
    '-o',
    '--no-such',
    '--wait',
  ),
  fc.constantFrom(
    '\x1b[31m',
    '\n',
    '::error::x',
    '',
    '🦀.example',
    '[::1]',
    'a'.repeat(5000),
    '%s',
    '$(id)',
    '../..',
    '127.0.0.1:1',
  ),
  fc.string({ maxLength: 12 }).filter((text) => !text.includes('\0')),
);

/** With a server that nobody is at, before anything that could take these words for its own; no word names another. */
function asking(words: readonly string[]): string[] {
  const [first = '', ...rest] = words;
  const server = ['--dns', '127.0.0.1:1'];
  if (['spf', 'records', 'pool'].includes(first)) return [first, ...server, ...rest];
  if (['explain', 'providers', 'help', 'completion'].includes(first)) return [...words];
  return [...server, '--timeout', '1', ...words];
}

/** In a directory of its own, for what `-o` and the like write. */
function runIn(cwd: string, args: readonly string[]) {
  return new Promise<{ code: unknown; signal: unknown; stderr: string }>((resolve) => {
    const options = { cwd, env: { PATH: process.env.PATH, HOME: cwd }, timeout: 20_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [CLI, ...args], options, (error, _, stderr) => {
      resolve({ code: error === null ? 0 : error.code, signal: error?.signal ?? null, stderr });
    });
  });
}

/** Twelve processes for each case, two at a time. */
fuzz('any words', 3, fc.array(fc.array(word, { maxLength: 7 }), { minLength: 12, maxLength: 12 }), async (commands) => {
  const left = [...commands];
  const worker = async (): Promise<void> => {
    for (let words = left.shift(); words !== undefined; words = left.shift()) {
      const given = words.map((text) => (text === 'FILE' ? join(directory, JUNK_FILE) : text));
      const args = asking(given);
      const { code, signal, stderr } = await runIn(directory, args);
      const shown = JSON.stringify(args);
      expect(signal, shown).toBeNull();
      expect([0, 1, 2, 3], shown).toContain(code);
      expect(stderr, shown).not.toMatch(/^\s+at .*(?:\.js:\d+|node:)/m);
      expect(stderr, shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
    }
  };
  await Promise.all([worker(), worker()]);
});

/** A text on standard input: read to the end, within a bound, and asked for on a terminal. */
import { Readable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { type Input, readStdin } from '../../src/cli/terminal/stdin.ts';

afterEach(() => vi.restoreAllMocks());

function said(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  return lines;
}

const input = (chunks: readonly string[], isTTY = false): Input => Object.assign(Readable.from(chunks), { isTTY });

test('all of a pipe is read, and nothing is said', async () => {
  const lines = said();
  expect(await readStdin('the bounce', () => input(['550 5.7', '.25 x\n']))).toBe('550 5.7.25 x\n');
  expect(lines).toEqual([]);
});

test('a terminal: stderr says what is waited for', async () => {
  const lines = said();
  expect(await readStdin('the bounce', () => input(['550'], true))).toBe('550');
  expect(lines).toEqual(['mailcheck: paste the bounce, then press Enter and Ctrl-D\n']);
});

test('more than 1 MiB: the beginning', async () => {
  const lines = said();
  const chunk = 'x'.repeat(1024 * 1024);
  expect(await readStdin('the bounce', () => input([chunk, chunk]))).toBe(chunk);
  expect(lines).toEqual(['mailcheck: standard input has more than 1 MiB; the rest is not read\n']);
});

test('an input that cannot be read is an error of one line', async () => {
  const broken = Object.assign(new Readable({ read: (): void => void broken.destroy(new Error('EISDIR')) }), {});
  await expect(readStdin('the bounce', () => broken)).rejects.toThrow('cannot read standard input: EISDIR');
});

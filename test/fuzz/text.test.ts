/** Readers of text: any text is read or refused in one line, and a long one in a time that grows with its length alone. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packedData } from '../../packed-data.mjs';
import { oneLine } from '../../src/cli/program.ts';
import { UsageError } from '../../src/usage-error.ts';
import fc from '../fast-check.ts';
import { sample } from '../sample.ts';
import { fuzz, PATIENCE_MS } from './fuzz.ts';
import { readers, type TextReader } from './parsers.ts';
import type { Job, Outcome } from './worker.ts';

const entries = Object.entries(readers);

async function readOrRefused({ read, refuses = false }: TextReader, text: string): Promise<void> {
  try {
    await read(text);
  } catch (error) {
    if (!(refuses && error instanceof UsageError)) throw error;
    // As the command line shows it.
    expect(oneLine(error.message)).toMatch(/^mailcheck: [^\x00-\x1f\x7f-\x9f\u2028\u202e]*\n$/);
  }
}

/** A sample with pieces cut out, doubled, or replaced by something else. */
function damaged(samples: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '"',
      '\\',
      '\0',
      '\x1b[2J',
      '\r\n',
      ';',
      '=',
      '%{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ':',
      '@',
      '\u2028',
    ),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.constantFrom('999999999999999999999', '-1', '../../x', '__proto__', 'constructor', 'p=', 'v=spf1'),
  );
  const edit = fc.tuple(fc.nat(400), fc.nat(12), piece);
  return fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 6 })).map(([sample, edits]) =>
    edits.reduce((text, [at, length, insert]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + insert + text.slice(start + length);
    }, sample),
  );
}

describe('any text is read or refused', () => {
  for (const [name, reader] of entries) {
    const text = fc.oneof(
      { weight: 5, arbitrary: damaged(reader.samples) },
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fuzz(name, 250, text, (given) => readOrRefused(reader, given));
  }
});

interface Case {
  readonly name: string;
  readonly reader: string;
  readonly text: string;
}

const kept = JSON.parse(readFileSync(new URL('seeds/text.json', import.meta.url), 'utf8')) as Case[];

test.each(kept)('kept: $reader: $name', async ({ reader, text }) => {
  const found = readers[reader];
  if (found === undefined) throw new Error(`no reader ${reader}`);
  await readOrRefused(found, text);
});

describe('a long text takes no longer than it is long', () => {
  const LENGTH = 65_000;
  /**
   * No DNS record is longer. Linear readers take some ten milliseconds for it, a quadratic one several seconds; and the
   * seconds are the processor's.
   */
  const LIMIT_MS = 1000;
  const units = [
    'a',
    '0',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r\n ',
    '.',
    '-',
    ':',
    ';',
    '=',
    ',',
    '/',
    '@',
    '"',
    '\\',
    '(',
    '[',
    '<',
    '%',
    '%{',
    '}',
    '{',
    '&',
    'a.',
    'a=',
    ';a=b',
    'a ',
    'no ',
    'not a ',
    'relay ',
    'relaying',
    'sender ',
    'host ',
    'p=',
    'p =',
    'mailto:a,',
    '%{d}.',
    'include:a ',
    'ip4:1.2.3.4 ',
    'a:b ',
    '1.',
    '0-',
    '\\"',
    '" "',
    '"\\',
    '$',
    '- ',
    '- - ',
    '[[',
    '{"a":',
    '*a ',
    '&a ',
    '? ',
    '-----BEGIN ',
    'x: y\n',
    '<a@b>,',
    '\u00e9',
    'From: a\r\n',
    'DKIM-Signature: d=a; s=b\r\n',
  ];
  /** Behind the beginning of a text that is read well. */
  const usual = [' ', '\t', 'a', 'a ', '.', '-', ';', 'relay '];
  const file = fileURLToPath(
    new URL(`../../node_modules/.cache/mailcheck/fuzz-worker-${process.pid}.mjs`, import.meta.url),
  );
  let worker: Worker;

  beforeAll(async () => {
    mkdirSync(fileURLToPath(new URL('.', `file://${file}`)), { recursive: true });
    await build({
      entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
      outfile: file,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      plugins: [packedData],
      logLevel: 'warning',
    });
    worker = started();
  });
  afterAll(async () => {
    await worker.terminate();
    rmSync(file, { force: true });
  });

  function started(): Worker {
    return new Worker(file).on('error', (error) => {
      throw error;
    });
  }

  /** @returns the outcome, or `null` when it took too long; the worker is then a new one. */
  async function inWorker(job: Job): Promise<Outcome | null> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Outcome | null>((resolve) => {
      worker.once('message', resolve);
      timer = setTimeout(() => resolve(null), LIMIT_MS * 10);
      worker.postMessage(job);
    });
    clearTimeout(timer);
    worker.removeAllListeners('message');
    if (outcome !== null) return outcome;
    await worker.terminate();
    worker = started();
    return null;
  }

  test.each(entries)(
    '%s',
    async (name, { samples, longest = LENGTH, refuses = false }) => {
      const slow: string[] = [];
      await inWorker({ reader: name, text: samples[0] ?? '' });
      const starts = ['', ...samples.map((sample) => sample.slice(0, 9))];
      for (const start of new Set(starts)) {
        for (const unit of start === '' ? sample(units, 16) : usual) {
          const text = `${start}${unit.repeat(Math.ceil(longest / unit.length))}`.slice(0, longest - 1);
          const outcome = await inWorker({ reader: name, text: `${text}!` });
          const allowed = outcome?.refusal === null || (refuses && outcome?.refusal === 'UsageError');
          const isSlow = outcome === null || outcome.ms > LIMIT_MS;
          if (isSlow || !allowed)
            slow.push(`${JSON.stringify(start)} ${JSON.stringify(unit)}: ${JSON.stringify(outcome)}`);
        }
      }
      expect(slow).toEqual([]);
    },
    PATIENCE_MS * 2,
  );
});

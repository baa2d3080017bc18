/** A sample leaves nothing out of a whole run, and is the same sample every time. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesBelow } from './files-below.ts';
import { runs, sample, sampleNotice } from './sample.ts';

const cases = Array.from({ length: 500 }, (_, index) => `case ${index}`);

describe('sample', () => {
  test('a whole run has every case, in order', () => {
    expect(sample(cases, 20, true)).toEqual(cases);
  });

  test('a sample has as many different cases as it is told, in the order of the table', () => {
    const drawn = sample(cases, 20, false);
    expect(new Set(drawn).size).toBe(20);
    expect(drawn).toEqual(cases.filter((one) => drawn.includes(one)));
  });

  test('a sample is the same in every run, and is not the beginning of the table', () => {
    expect(sample(cases, 20, false)).toEqual(sample(cases, 20, false));
    expect(sample(cases, 20, false)).not.toEqual(cases.slice(0, 20));
  });

  test('a table shorter than the sample is not cut', () => {
    expect(sample(cases.slice(0, 3), 20, false)).toEqual(cases.slice(0, 3));
  });
});

describe('the count of random inputs', () => {
  test.each([
    [3000, 300],
    [15, 2],
    [2, 2],
    [1, 1],
  ])('%i in a whole run, %i in a sample', (whole, sampled) => {
    expect([runs(whole, true), runs(whole, false)]).toEqual([whole, sampled]);
  });
});

test('a run says whether it is whole, and how to run the rest', () => {
  expect(sampleNotice(true)).toContain('whole, with seed');
  expect(sampleNotice(false)).toContain('MAILCHECK_TESTS=whole');
});

describe('every test asks the sample', () => {
  const root = new URL('./', import.meta.url);
  const sources = filesBelow(root)
    .filter((path) => path.endsWith('.ts') && path !== 'sample.test.ts')
    .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
  const pathsWith = (pattern: RegExp): string[] =>
    sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  test('only test/sample.ts reads the switch', () => {
    expect(pathsWith(/process\.env\.MAILCHECK_TESTS/)).toEqual(['sample.ts']);
  });

  test('properties have the seed of the tests', () => {
    expect(pathsWith(/from 'fast-check'/)).toEqual(['fast-check.ts']);
  });

  test('no property has a number of runs of its own', () => {
    expect(pathsWith(/numRuns: (?!runs\(|Number\.MAX_SAFE_INTEGER)/)).toEqual([]);
    expect(pathsWith(/numRuns: runs\(/).length).toBeGreaterThan(4);
  });
});

test('CI runs the long tests whole', () => {
  const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  expect(textOf('.ci/run')).toMatch(/^step env MAILCHECK_TESTS=whole npm cit$/m);
  expect(textOf('.github/workflows/ci.yml')).toMatch(/^ +MAILCHECK_TESTS: whole$/m);
});

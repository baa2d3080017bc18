import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { fileErrorText, jsonErrorText } from '../../src/network/fault.ts';

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it threw nothing');
};

const systemError = (code: string): Error => Object.assign(new Error(`${code}: raw words`), { code, errno: -1 });

describe('an error of the system about a file is told in words', () => {
  const missing = `${tmpdir()}/mailcheck-none/file`;
  test.each([
    ['read', thrownBy(() => readFileSync(missing)), 'there is no such file'],
    ['write', thrownBy(() => writeFileSync(missing, '')), 'there is no such folder'],
    ['read', thrownBy(() => readFileSync(tmpdir())), 'it is a folder'],
    ['read', systemError('EACCES'), 'permission denied'],
    ['write', systemError('ENOSPC'), 'the disk is full'],
    ['read', systemError('EODD'), 'the system reports the error EODD'],
    ['read', new Error('it is a socket'), 'it is a socket'],
  ] as const)('%s, %s: %s', (access, error, words) => {
    expect(fileErrorText(error, access)).toBe(words);
  });
});

test.each([
  ['', 'the text ends too early'],
  ['{"a": 1', /^(?:the text ends too early|expected .+)$/],
  ['{"a": 1,}', /^(?:expected .+|"}" is not expected here)$/],
  ['hello\u001b', '"h" is not expected here'],
  ['"a\nb"', 'the syntax is wrong'],
])('%j is not JSON, and what is wrong is told without the text', (text, words) => {
  const told = jsonErrorText(thrownBy(() => JSON.parse(text)));
  if (typeof words === 'string') expect(told).toBe(words);
  else expect(told).toMatch(words);
});

/** Any value in what is printed to be pasted: one word of a shell or no command, one record or none, and no raw control. */
import { expect } from 'vitest';
import { recordOf } from '../../src/check/conclusion/plan/values.ts';
import type { PlainType } from '../../src/check/rules/edit.ts';
import { ownCommand } from '../../src/check/rules/own-command.ts';
import {
  address,
  command,
  hostName,
  inWords,
  links,
  selectorName,
  shellWord,
  variableName,
} from '../../src/check/rules/pasted.ts';
import { parseArguments, type Target } from '../../src/check/target.ts';
import { jsonText } from '../../src/reporters/json-text.ts';
import { printable } from '../../src/reporters/printable.ts';
import {
  addressValue,
  isPublishable,
  mxValue,
  nameValue,
  type RecordValue,
  textValue,
  tlsaValue,
} from '../../src/standards/zone-file/line.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { INVISIBLE } from '../../src/usage-error.ts';
import fc from '../fast-check.ts';
import { HOSTILE_VALUES, sentenceFaults } from '../world/hostile-evidence.ts';
import { fuzz } from './fuzz.ts';

/** Values that are right, hostile, or damaged by pieces of each other. */
const piece = fc.oneof(
  fc.constantFrom(...HOSTILE_VALUES, 'mail.example.com', '203.0.113.5', '2001:db8::5', 's1', 'https://example.com/x'),
  fc.constantFrom(...'$`\'"\\;&|<>(){}[]!*?~#-.:/@= \t\n\r\0', '\u0085', '\u202e', '\u{e0041}', '\ud800', 'é'),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const values = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));

/** @returns the words that a POSIX shell reads in a line of bare words and words in single quotes. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let rest = line;
  while (rest !== '') {
    const [whole = '', text = ''] = /^((?:[\w./:=@,-]|'[^']*'|\\')+)(?: |$)/.exec(rest) ?? [];
    if (whole === '') throw new Error(`no word: ${JSON.stringify(rest)}`);
    words.push(text.replace(/'([^']*)'|\\'/g, (quoted, inner?: string) => (quoted === "\\'" ? "'" : (inner ?? ''))));
    rest = rest.slice(whole.length);
  }
  return words;
}

const target: Target = { ...parseArguments('example.com', ['203.0.113.5']), ipSource: 'argument', selectors: [] };

fuzz('a value in a command', 20_000, values, (value) => {
  for (const word of [hostName(value), address(value), selectorName(value), variableName(value)]) {
    expect(word ?? 'x').toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/);
    const [line] = command`a '${word}' # ${word}`;
    expect(line).toBe(word === undefined ? undefined : `a '${value}' # ${value}`.replaceAll(value, word));
  }
  const quoted = shellWord(value);
  if (quoted !== undefined && value !== '') expect(wordsOf(quoted)).toEqual([value]);
  const given = [['--rua', value]];
  for (const hostile of [
    { ...target, helo: value },
    { ...target, selectors: [value] },
    { ...target, given },
  ]) {
    for (const line of ownCommand(hostile, 'check', '--dnsbl-except', value)) {
      for (const word of wordsOf(line)) {
        expect([
          'mailcheck',
          'example.com',
          '203.0.113.5',
          '--helo',
          '--selector',
          '--rua',
          '--dnsbl-except',
          value,
        ]).toContain(word);
      }
    }
    expect(ownCommand(hostile, 'check', '--helo', value).length === 1).toBe(
      hostName(value) !== undefined && [...hostile.selectors].every((text) => selectorName(text) !== undefined),
    );
  }
  for (const link of links(value, `https://example.com/${value}`, null))
    expect(link).toMatch(/^https:\/\/[\x21-\x7e]+$/);
});

fuzz('a value in a sentence', 20_000, values, (value) => {
  const sentence = inWords(`Set the PTR record of ${value} to ${value}.`, { value });
  expect(sentenceFaults(sentence)).toEqual([]);
  expect(printable(value)).not.toMatch(new RegExp(INVISIBLE.source, 'u'));
  const json = jsonText({ [value]: [value] });
  expect(json.replaceAll('\n', '').search(INVISIBLE)).toBe(-1);
  // An own property of this name cannot be compared.
  if (value !== '__proto__') expect(JSON.parse(json)).toEqual({ [value]: [value] });
});

const made: Readonly<Record<PlainType, (value: string) => RecordValue>> = {
  A: addressValue,
  AAAA: addressValue,
  CNAME: nameValue,
  MX: (value) => mxValue({ preference: 10, exchange: value }),
  PTR: nameValue,
  TLSA: (value) => tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: value }),
  TXT: (value) => textValue(Buffer.from(value, 'utf8').toString('latin1')),
};

fuzz(
  'a value in a record',
  20_000,
  fc.record({
    value: values,
    owner: fc.oneof(fc.constant('mail.example.com'), values),
    type: fc.constantFrom<PlainType>('A', 'AAAA', 'CNAME', 'MX', 'PTR', 'TLSA', 'TXT'),
  }),
  ({ value, owner, type }) => {
    const data = made[type](value);
    const { line } = recordOf(owner, type, data);
    // Whether or not it can be published, it is one line, and no part of it ends the record.
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(line).not.toMatch(/[`$]/);
    if (!isPublishable(owner, type, data)) return;
    const { records } = parseZone(`${line}\n`, 'file', 'example.com');
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ type });
    if (type === 'TXT') expect([records[0]?.data].flat().join('')).toBe(data);
  },
);

/** What the compiler cannot hold the rows of options to, and how their values are read. */
import { Option } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  EXPLAIN_OPTIONS,
  INIT_OPTIONS,
  POOL_OPTIONS,
  PROVIDERS_OPTIONS,
  RECORDS_OPTIONS,
  SPF_OPTIONS,
} from '../../../src/cli/options/command-options.ts';
import { optionReader } from '../../../src/cli/options/read.ts';
import type { OptionRows } from '../../../src/cli/options/row.ts';
import { OPTION_GROUPS, OPTIONS, RARE_OPTIONS } from '../../../src/cli/options/table.ts';
import { UsageError } from '../../../src/usage-error.ts';

const tables: Readonly<Record<string, OptionRows>> = {
  check: OPTIONS,
  init: INIT_OPTIONS,
  spf: SPF_OPTIONS,
  pool: POOL_OPTIONS,
  records: RECORDS_OPTIONS,
  providers: PROVIDERS_OPTIONS,
  explain: EXPLAIN_OPTIONS,
};

describe.each(Object.entries(tables))('the rows of %s', (_, rows) => {
  test('are named as commander names what their flags give', () => {
    const named = Object.values(rows).map(({ flags }) => new Option(flags).attributeName());
    expect(named).toEqual(Object.keys(rows));
  });

  test('take a value where their flags say so, and say where they can be repeated', () => {
    for (const [name, { flags, help, takes }] of Object.entries(rows)) {
      expect(/[<[]/.test(flags), name).toBe(takes !== 'flag');
      const isRepeated = ['list', 'repeated', 'files', 'outputs'].includes(takes);
      expect(/\brepeatable\b/.test(help), name).toBe(isRepeated);
    }
  });
});

test('every option of the check is under exactly one heading of the help', () => {
  const grouped = [...OPTION_GROUPS, RARE_OPTIONS].flatMap(([, rows]) => Object.keys(rows));
  expect(grouped.sort()).toEqual(Object.keys(OPTIONS).sort());
});

const given = { volume: 'low', smtpPort: '25', whoamiName: 'none', timeout: '60' } as const;

describe('a value is read', () => {
  test('by the parser of its row', async () => {
    const { read } = optionReader(OPTIONS, { ...given, selector: ['S1'], dns: ['192.0.2.53'] });
    expect(await read('timeout')).toBe(60_000);
    expect(await read('selector')).toEqual(['s1']);
    expect(await read('dns')).toMatchObject([{ address: '192.0.2.53', port: 53 }]);
  });

  test('as it is, where its row has none, and not at all where it is not given', async () => {
    const { read } = optionReader(OPTIONS, { ...given, output: 'report.txt' });
    expect(await read('output')).toBe('report.txt');
    expect(await read('record')).toBeUndefined();
    expect(await read('wait')).toBeUndefined();
  });

  test('into settings, in milliseconds', async () => {
    const options = { ...given, greylistWait: '1.5', probePause: '0', neighbours: true, onHost: true };
    expect(await optionReader(OPTIONS, options).settings()).toEqual({
      volume: 'low',
      smtpPort: 25,
      greylistWaitMs: 1500,
      probePauseMs: 0,
      neighbours: true,
      vantage: 'self',
    });
  });
});

describe('an error begins with the place of the value', () => {
  const wrong = { ...given, probePause: '3601', probeName: 'a b' };

  test('which is its flag on the command line', async () => {
    const { settings } = optionReader(OPTIONS, { ...given, probePause: '3601' });
    await expect(settings()).rejects.toThrow(/^--probe-pause: "3601" is not a time\./);
  });

  test('and its line and key in the configuration', async () => {
    const { settings } = optionReader(OPTIONS, wrong, { placeOf: (name) => `c.json:1:2: ${name}` });
    await expect(settings()).rejects.toThrow(/^c\.json:1:2: probeName: "a b" cannot be a HELO name\./);
  });

  test('but not where it is about more than the value', async () => {
    const contradiction = new UsageError('--a and --b contradict each other');
    const { about } = optionReader(OPTIONS, given);
    await expect(
      about('skip', () => {
        throw contradiction;
      }),
    ).rejects.toBe(contradiction);
  });
});

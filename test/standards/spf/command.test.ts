/** `mailcheck spf`: its report, and how it reads. */
import { describe, expect, test } from 'vitest';
import { formatSpf, runSpf } from '../../../src/cli/commands/spf-report.ts';
import { tonesFor } from '../../../src/reporters/tones.ts';
import { UsageError } from '../../../src/usage-error.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

const ZONE: ZoneScript = {
  'example.com': 'v=spf1 include:_spf.example.net a:gone.example -all exp=why.example.com',
  '_spf.example.net': 'v=spf1 ip4:192.0.2.0/24 ~all',
  'why.example.com': { TXT: ['%{i} may not send as %{s}'] },
};

function run(options: { ip?: string; sender?: string; helo?: string; zone?: ZoneScript }) {
  const { ip = '203.0.113.5', sender = 'joe@example.com', helo, zone = ZONE } = options;
  return runSpf({ ip, sender, resolver: zoneResolver({ zone }), ...(helo === undefined ? {} : { helo }) });
}

describe('spf command: the report', () => {
  test('has the result, explanation, counts and trace', async () => {
    expect(await run({})).toMatchObject({
      result: 'fail',
      explanation: '203.0.113.5 may not send as joe@example.com',
      domain: 'example.com',
      ip: '203.0.113.5',
      sender: 'joe@example.com',
      lookups: 2,
      voidLookups: 1,
      matched: [{ domain: 'example.com', term: '-all' }],
      problem: null,
      trace: { domain: 'example.com', result: 'fail' },
    });
  });

  test('has a null explanation when the domain has none', async () => {
    expect(await run({ zone: { 'example.com': 'v=spf1 -all' } })).toMatchObject({ result: 'fail', explanation: null });
  });

  test.each([
    ['', 'mail.example.com'],
    ['<>', 'mail.example.com'],
    ['example.com', 'example.com'],
    ['<joe@example.com>', 'example.com'],
  ])('for sender %j evaluates the record of %s', async (sender, domain) => {
    expect(await run({ sender, helo: 'mail.example.com' })).toMatchObject({ domain });
  });

  test('accepts any spelling of an address', async () => {
    expect(await run({ ip: '[IPv6:::ffff:192.0.2.7]' })).toMatchObject({ ip: '192.0.2.7', result: 'pass' });
  });

  test('rejects invalid arguments and says what to type', async () => {
    await expect(run({ ip: 'example.com' })).rejects.toThrow(UsageError);
    await expect(run({ sender: '' })).rejects.toThrow(/--helo/);
  });
});

describe('spf command: the text output', () => {
  test('shows the tree with the lookups of each term and why it did not match', async () => {
    const text = formatSpf(await run({}), { width: 100 });
    expect(text).toBe(
      [
        'fail  203.0.113.5 for joe@example.com',
        '2 of 10 lookups, 1 of 2 void lookups',
        'Explanation of the domain: 203.0.113.5 may not send as joe@example.com',
        '',
        'example.com fail',
        '  v=spf1 include:_spf.example.net a:gone.example -all exp=why.example.com',
        '  · include:_spf.example.net: no match, _spf.example.net gives softfail  [1 lookup]',
        '    _spf.example.net softfail',
        '      v=spf1 ip4:192.0.2.0/24 ~all',
        '      · ip4:192.0.2.0/24: no match, 203.0.113.5 is not in 192.0.2.0/24',
        '      ✓ ~all: match, always matches',
        '  · a:gone.example: no match, no A record (nxdomain)  [1 lookup, 1 void]',
        '  ✓ -all: match, always matches',
        '    exp=why.example.com: ignored, explanation of a fail',
        '',
      ].join('\n'),
    );
  });

  test('never exceeds the width, for any record', async () => {
    const zone: ZoneScript = {
      'example.com': `v=spf1 ${'ip4:192.0.2.1 '.repeat(20)}a:${'x'.repeat(300)}.example -all`,
    };
    const lines = formatSpf(await run({ zone }), { width: 60 }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test('names the invalid term', async () => {
    const text = formatSpf(await run({ zone: { 'example.com': 'v=spf1 ip4:1 -all' } }));
    expect(text).toContain('permerror');
    expect(text).toContain('(in "ip4:1", at offset 7)');
  });

  test('escapes control characters from the network', async () => {
    const zone: ZoneScript = { 'example.com': 'v=spf1 a:\u001b[2J\u0000\r\n\u009b31m -all' };
    const text = formatSpf(await run({ zone, helo: '\u202egnirts' }));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('\\x1b[2J\\x00\\x0d\\x0a\\x9b31m');
  });

  test('uses the given colours', async () => {
    const tones = tonesFor(true);
    expect(formatSpf(await run({}), { tones })).toContain(tones.fail(tones.bold('fail')));
    expect(formatSpf(await run({ ip: '192.0.2.7' }), { tones })).toContain(tones.pass(tones.bold('pass')));
  });
});

/** Every finding code is explained: what it means, why it matters, how it is seen by hand and how it is fixed. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { explanations } from '../../../src/cli/explain/explanations.ts';
import { list, onePage } from '../../../src/cli/explain/page.ts';
import { rowsOf } from '../../../src/knowledge/data-folder.ts';
import { page } from '../../../src/reporters/explanation-page.ts';
import { tonesFor } from '../../../src/reporters/tones.ts';

const guideSchema = z.strictObject({
  rule: z.string(),
  checks: z.string().min(10).regex(/[^.]$/),
  see: z.array(z.string()).min(1),
  codes: z.record(z.string(), z.strictObject({ fix: z.string().min(10), see: z.array(z.string()).optional() })),
});

test.each(rowsOf('guides/data'))('guide %# is valid', (row) => {
  const result = guideSchema.safeParse(row);
  expect(result.success ? '' : z.prettifyError(result.error)).toBe('');
});

test.each(explanations)(
  '$code: what it is, why, how to see it, how to fix it',
  ({ rule, why, see, fix, reference }) => {
    for (const text of [why, fix, reference]) expect(text.length).toBeGreaterThan(2);
    expect(fix, `src/knowledge/guides/data/${rule}.json has no entry for it`).not.toMatch(
      /^Run the check: its report says/,
    );
    expect(see.length, `src/knowledge/guides/data/${rule}.json`).toBeGreaterThan(0);
  },
);

test('every command by hand is one that a shell understands', () => {
  const commands = [...new Set(explanations.flatMap(({ see }) => see))];
  execFileSync('bash', ['-n'], { input: `${commands.join('\n')}\n` });
  for (const command of commands) expect(command).toMatch(/^(?:dig|delv|openssl|curl|whois|mailcheck|#) /);
});

const plain = tonesFor(false);

test('the page of a finding has its parts in one order', () => {
  const [explained] = explanations.filter(({ code }) => code === 'spf/missing');
  const lines = explained ? onePage(explained, 80, plain) : [];
  expect(lines.slice(0, 2)).toEqual(['spf/missing (error)', explained?.title]);
  const labels = lines.filter((_, index) => index > 1 && lines[index - 1] === '');
  expect(labels).toEqual([
    'What triggers it',
    'Corrected',
    'Why receivers care',
    'See it by hand',
    'Fix it',
    'Reference',
  ]);
  expect(lines).toContain('  example.com. IN TXT "v=spf1 ip4:203.0.113.5 -all"');
  const chapters = (explained ? page(explained) : '').match(/^## .+$/gm);
  expect(chapters).toEqual(labels.map((label) => `## ${label}`));
});

test('a finding that records do not show has no such parts', () => {
  const [explained] = explanations.filter(({ code }) => code === 'egress/blocked');
  const lines = explained ? onePage(explained, 80, plain) : [];
  expect(lines.filter((line) => line === 'What triggers it' || line === 'Corrected')).toEqual([]);
  expect(lines).toContain('Why receivers care');
});

test.each([40, 100])('at %i columns, text is wrapped and records and commands are whole', (width) => {
  for (const explained of explanations) {
    const lines = onePage(explained, width, plain);
    const { see, example } = explained;
    const whole = [...see, ...(example?.trigger ?? []), ...(example?.corrected ?? [])];
    for (const line of whole) expect(lines).toContain(`  ${line}`);
    const others = lines.slice(1).filter((line) => !whole.includes(line.trim()) && !line.startsWith('  ; mailcheck '));
    const long = others.filter((line) => line.length > width && line.trim().includes(' '));
    expect(long).toEqual([]);
  }
  expect(list(explanations, 100, plain).filter((line) => line.length > 100)).toEqual([]);
});

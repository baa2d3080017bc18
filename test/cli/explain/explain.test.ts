/** Every finding code is explained: what it means, why it matters, how it is seen by hand and how it is fixed. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { explanations } from '../../../src/cli/explain/explanations.ts';
import { rowsOf } from '../../../src/knowledge/data-folder.ts';

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
  for (const command of commands) expect(command).toMatch(/^(?:dig|openssl|curl|whois|mailcheck|#) /);
});

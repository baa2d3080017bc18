/**
 * Runs `npm run facts`: lists every fact with the day on which it was checked. With `--release`, it fails when a fact
 * stops a release.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { collectFacts } from './facts/collect.ts';
import { faultsOf } from './facts/judge.ts';
import { faultText, listText } from './facts/text.ts';

const USAGE = `usage: npm run facts [-- [--release] [--on YYYY-MM-DD]]
  --release  show what stops a release, and exit with 1 if something does
  --on       the day to judge by (default: today)`;

try {
  const { values } = parseArgs({ options: { release: { type: 'boolean' }, on: { type: 'string' } } });
  const day = z.iso.date().parse(values.on ?? new Date().toISOString().slice(0, 10));
  const facts = collectFacts();
  process.stdout.write(values.release ? faultText(facts, day) : listText(facts, day));
  if (values.release && facts.some((fact) => faultsOf(fact, day).length > 0)) process.exitCode = 1;
} catch (error) {
  const isUsage = error instanceof z.ZodError ? error.issues[0]?.path.length === 0 : error instanceof TypeError;
  if (!isUsage) throw error;
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
}

/**
 * Runs `npm run facts`: lists every fact with the day on which it was checked. With `--release`, it fails when a fact
 * stops a release.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { collectFacts } from './facts/collect.ts';
import { faultsOf } from './facts/judge.ts';
import { faultText, listText } from './facts/text.ts';

const USAGE = `usage: npm run facts [-- [--release] [--on YYYY-MM-DD]]
  --release  show what stops a release, and exit with 1 if something does
  --on       the day to judge by (default: today)`;

interface Arguments {
  readonly isRelease: boolean;
  /** The day to judge by, as `YYYY-MM-DD`. */
  readonly day: string;
}

/** @returns what was typed, or `undefined` if it cannot be used. */
function typed(): Arguments | undefined {
  try {
    const { values } = parseArgs({ options: { release: { type: 'boolean' }, on: { type: 'string' } } });
    const day = z.iso.date().parse(values.on ?? new Date().toISOString().slice(0, 10));
    return { isRelease: values.release ?? false, day };
  } catch {
    return undefined;
  }
}

const wanted = typed();
if (wanted === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  const { isRelease, day } = wanted;
  const facts = collectFacts();
  process.stdout.write(isRelease ? faultText(facts, day) : listText(facts, day));
  if (isRelease && facts.some((fact) => faultsOf(fact, day).length > 0)) process.exitCode = 1;
}

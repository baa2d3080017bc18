/** The long soak: what must not have happened, what came out how often, and where the memory went. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const MiB = 1024 * 1024;
/**
 * From the 200th check on, when caches and compiled code are there: 800 checks that keep 5 KB each, a thirtieth of what one
 * leaves behind while it runs, would pass it.
 */
const MAX_GROWTH = 4 * MiB;
const SETTLED_AFTER = 200;
const MEASURE_EVERY = 50;

const { values } = parseArgs({
  options: { checks: { type: 'string', default: '1000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? randomInt(2 ** 20));
const say = (text: string): void => void process.stdout.write(`${text}\n`);
say(`Seed ${seed}; repeat with: npm run soak -- --checks ${values.checks} --seed ${seed}`);
const started = performance.now();
const result = await soak({
  checks: Number(values.checks),
  seed,
  measureEvery: MEASURE_EVERY,
  onProgress: (done) => {
    if (done % MEASURE_EVERY === 0) say(`${done} checks, ${Math.round((performance.now() - started) / 1000)} s`);
  },
});
const inMiB = (bytes: number): string => `${(bytes / MiB).toFixed(1)} MiB`;
const settled = result.heap[SETTLED_AFTER / MEASURE_EVERY - 1] ?? result.heap[0] ?? 0;
const growth = (result.heap.at(-1) ?? 0) - settled;
say(`Verdicts: ${JSON.stringify(result.verdicts)}`);
say(`Heap after garbage collection: ${result.heap.map(inMiB).join(', ')}`);
say(`RSS: ${result.rss.map(inMiB).join(', ')}`);
say(`Growth since check ${SETTLED_AFTER}: ${inMiB(growth)} (at most ${inMiB(MAX_GROWTH)})`);
say(`Left open: ${result.left.join(', ') || 'nothing'}`);
for (const fault of result.faults) say(fault);
say(
  `${result.faults.length} of ${result.checks} checks or more were wrong`.replace(/^0 of .*/, 'Every report was right'),
);
if (result.faults.length > 0 || result.left.length > 0 || growth > MAX_GROWTH) process.exitCode = 1;

/** `npm run fuzz -- [--seconds 600] [--seed 1] [name of a file]`: every property for so long, in all files or one. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const seed = values.seed ?? String(randomInt(2 ** 31));
process.stdout.write(`Seed ${seed}; repeat with: npm run fuzz -- --seed ${seed} --seconds ${values.seconds}\n`);
const files = positionals.length > 0 ? positionals.map((name) => `test/fuzz/${name}`) : ['test/fuzz/'];
const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
  env: { ...process.env, MAILCHECK_TESTS: 'whole', FUZZ_SEED: seed, FUZZ_SECONDS: values.seconds },
  stdio: 'inherit',
});
vitest.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

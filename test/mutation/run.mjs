/**
 * `npm run mutation -- [part ...]`: changes the sources one place at a time and counts the changes that the tests see.
 *
 * A part is judged by its own tests alone, without property tests and without processes: what is killed here would be
 * killed by the whole suite too, in a hundredth of the time. Survivors are printed, and kept in coverage/mutation/.
 * Ends with 1 if the tests see less than 80 % of the changes of a part.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';

const LEAST_KILLED = 80;

const root = fileURLToPath(new URL('../../', import.meta.url));
process.chdir(root);

const rules = readdirSync('src/rules', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The tests of a rule that do not bear its name. */
const OTHER_TESTS = { spf: ['test/spf/repair.test.ts'], 'open-relay': ['test/rules/vantage.test.ts'] };

/** What is changed, and the tests that should see it, by the part's name. */
const parts = new Map([
  ['report', { mutate: ['src/report.ts'], tests: ['test/report.test.ts'] }],
  [
    'spf',
    {
      mutate: ['src/spf/**/*.ts'],
      tests: [
        ...['check-host', 'macro', 'parse', 'repair', 'walk'].map((name) => `test/spf/${name}.test.ts`),
        'test/rules/spf.test.ts',
      ],
    },
  ],
  ...rules.map((rule) => [
    `rules/${rule}`,
    {
      // Texts are judged by reading them: findings.ts and words.ts hold little else.
      mutate: [`src/rules/${rule}/**/*.ts`, '!src/rules/**/findings.ts', '!src/rules/**/words.ts'],
      tests: [`test/rules/${rule}.test.ts`, ...(OTHER_TESTS[rule] ?? [])],
    },
  ]),
]);

const KILLED = new Set(['Killed', 'Timeout']);
const COUNTED = new Set([...KILLED, 'Survived', 'NoCoverage']);

async function killRateOf(name, { mutate, tests }) {
  process.env.MUTATION_TESTS = tests.join(',');
  const results = await new Stryker({
    mutate,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    // TypeScript 7 has no JavaScript API to read one with.
    tsconfigFile: 'stryker-reads-none.json',
    disableTypeChecks: 'src/**/*.ts',
    // Not dist: one of the rule tests starts what is built.
    ignorePatterns: ['coverage'],
    coverageAnalysis: 'perTest',
    timeoutMS: 5000,
    concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
    reporters: ['clear-text', 'json'],
    clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: false },
    jsonReporter: { fileName: `coverage/mutation/${name.replace('/', '-')}.json` },
    tempDirName: 'node_modules/.cache/stryker',
    thresholds: { high: 90, low: LEAST_KILLED, break: null },
  }).runMutationTest();
  const counted = results.filter(({ status }) => COUNTED.has(status));
  const killed = counted.filter(({ status }) => KILLED.has(status));
  return { name, all: counted.length, killed: killed.length };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !parts.has(name));
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown.join(', ')}. Parts: ${[...parts.keys()].join(', ')}\n`);
  process.exit(2);
}

execFileSync(process.execPath, ['build.mjs', '--no-types'], { stdio: ['ignore', 'ignore', 'inherit'] });
const rates = [];
for (const name of asked.length > 0 ? asked : parts.keys()) rates.push(await killRateOf(name, parts.get(name)));

const percentOf = ({ killed, all }) => (100 * killed) / all;
const sum = (of) => rates.reduce((total, rate) => total + of(rate), 0);
const total = { name: 'all', all: sum(({ all }) => all), killed: sum(({ killed }) => killed) };
for (const rate of [...rates, total]) {
  const { name, all, killed } = rate;
  process.stdout.write(
    `${name.padEnd(18)}${`${killed} of ${all}`.padStart(13)}${percentOf(rate).toFixed(1).padStart(8)} %\n`,
  );
}
process.exitCode = rates.every((rate) => percentOf(rate) >= LEAST_KILLED) ? 0 : 1;

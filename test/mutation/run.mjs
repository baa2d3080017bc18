/**
 * `npm run mutation -- [--survivors] [part ...]`: changes the sources one place at a time and counts the changes that
 * the tests see.
 *
 * A part is judged by its own tests alone, without property tests and without processes: what is killed here would be
 * killed by the whole suite too, in a hundredth of the time. Survivors are printed, and kept in coverage/mutation/.
 * `--survivors` asks only about those of the last run, after tests were added and no source was changed.
 * Ends with 1 if the tests see less than 80 % of the changes of a part.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const LEAST_KILLED = 80;

const root = fileURLToPath(new URL('../../', import.meta.url));
process.chdir(root);

const rules = readdirSync('src/check/rules', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The tests of a rule that do not bear its name. */
const OTHER_TESTS = {
  spf: ['test/standards/spf/correct.test.ts'],
  rbl: ['test/check/rules/rbl-answers.test.ts'],
  tls: ['test/check/rules/tls-judgement.test.ts'],
  'open-relay': ['relay-answers', 'relay-judgement'].map((name) => `test/check/rules/${name}.test.ts`),
};

const SPF_TESTS = ['check-host', 'macro', 'network', 'parse', 'policy', 'correct', 'prefetch', 'trace', 'walk'];

/** What is changed, and the tests that should see it, by the part's name. */
const parts = new Map([
  ['report', { mutate: ['src/report/status.ts'], tests: ['test/report/status.test.ts'] }],
  [
    'spf',
    {
      mutate: ['src/standards/spf/**/*.ts'],
      tests: [...SPF_TESTS.map((name) => `test/standards/spf/${name}.test.ts`), 'test/check/rules/spf.test.ts'],
    },
  ],
  [
    'certificate',
    {
      mutate: ['src/standards/certificate.ts'],
      tests: ['test/standards/certificate.test.ts', 'test/check/rules/tls-judgement.test.ts'],
    },
  ],
  ['facts/tls-endpoints', { mutate: ['src/check/facts/tls-endpoints.ts'], tests: ['test/check/rules/tls.test.ts'] }],
  [
    'facts/relay',
    {
      mutate: ['src/check/facts/relay-answers.ts', 'src/check/facts/relay/*.ts'],
      tests: [
        ...['dialogue', 'replies', 'test-message', 'vectors'].map((name) => `test/check/facts/relay/${name}.test.ts`),
        ...['open-relay', 'relay-answers', 'relay-judgement'].map((name) => `test/check/rules/${name}.test.ts`),
      ],
    },
  ],
  ...rules.map((rule) => [
    `rules/${rule}`,
    {
      // Texts are judged by reading them: findings.ts and words.ts hold little else.
      mutate: [`src/check/rules/${rule}/**/*.ts`, '!src/check/rules/**/findings.ts', '!src/check/rules/**/words.ts'],
      tests: [`test/check/rules/${rule}.test.ts`, 'test/check/rules/catalogue.test.ts', ...(OTHER_TESTS[rule] ?? [])],
    },
  ]),
]);

const KILLED = new Set(['Killed', 'Timeout']);
const COUNTED = new Set([...KILLED, 'Survived', 'NoCoverage']);

/** @returns the mutants that count, each with whether the tests saw it, by file, place and change. */
function verdictsOf(mutants) {
  return new Map(
    mutants
      .filter(({ status }) => COUNTED.has(status))
      .map(({ fileName, location: { start, end }, mutatorName, replacement, status }) => [
        [relative(root, fileName), start.line, start.column, end.line, end.column, mutatorName, replacement].join(':'),
        KILLED.has(status),
      ]),
  );
}

const reportOf = (name) => `coverage/mutation/${name.replace('/', '-')}.json`;

/** The mutants of the last run, from the report that is kept. */
function lastRun(name) {
  const { files } = JSON.parse(readFileSync(reportOf(name), 'utf8'));
  return Object.entries(files).flatMap(([fileName, { mutants }]) => mutants.map((mutant) => ({ ...mutant, fileName })));
}

/** Where they are, as Stryker wants it: lines counted from 1, columns from 0. */
function placesOf(mutants) {
  return mutants
    .filter(({ status }) => COUNTED.has(status) && !KILLED.has(status))
    .map(
      ({ fileName, location: { start, end } }) =>
        `${fileName}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
    );
}

async function killRateOf(name, { mutate, tests }, onlySurvivors) {
  process.env.MUTATION_TESTS = tests.join(',');
  const last = onlySurvivors ? lastRun(name) : [];
  const places = placesOf(last);
  const results = await new Stryker({
    mutate: onlySurvivors ? places : mutate,
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
    reporters: ['clear-text', ...(onlySurvivors ? [] : ['json'])],
    clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: false },
    jsonReporter: { fileName: reportOf(name) },
    tempDirName: 'node_modules/.cache/stryker',
    thresholds: { high: 90, low: LEAST_KILLED, break: null },
  }).runMutationTest();
  const verdicts = [...new Map([...verdictsOf(last), ...verdictsOf(results)]).values()];
  return { name, all: verdicts.length, killed: verdicts.filter((isKilled) => isKilled).length };
}

const { values, positionals } = parseArgs({ options: { survivors: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !parts.has(name));
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown.join(', ')}. Parts: ${[...parts.keys()].join(', ')}\n`);
  process.exit(2);
}

execFileSync(process.execPath, ['build.mjs', '--no-types'], { stdio: ['ignore', 'ignore', 'inherit'] });
const rates = [];
for (const name of positionals.length > 0 ? positionals : parts.keys()) {
  rates.push(await killRateOf(name, parts.get(name), values.survivors === true));
}

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

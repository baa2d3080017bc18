/** Adding a rule, a fact and a reporter: each takes its own files, and a line in a list where there is one. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { copyOfTree } from '../copy-of-tree.ts';
import { isWhole } from '../sample.ts';
import { startWorld } from '../world/world.ts';

/** A fact is one file. */
const FACT = `/** The answer to a question of the test. */
import { fact, type Needs } from './fact.ts';

/** Whether a domain publishes a record for verification. */
export const addedRecord = fact(async ({ dns }: Needs<'dns'>, domain: string) => dns.query(\`_added.\${domain}\`, 'TXT'));
`;

/** A rule is a folder, a line in the list of rules, and its guide. */
const RULE = `/** The domain publishes the record of the test. */
import { isAbsent, isFailure, queryEvidence } from '../../../network/dns/answer.ts';
import { addedRecord } from '../../facts/added.ts';
import { questionsOf } from '../finding.ts';
import { defineRule } from '../rule.ts';
import { findings } from './findings.ts';

export default defineRule({
  id: 'added',
  title: 'An added rule',
  reference: 'RFC 1464',
  findings,
  step: 'sender-policy',
  security: true,
  needsAddress: true,

  async *check({ target, facts }, finding) {
    const answer = await facts(addedRecord, target.domain);
    const detail = { about: { name: answer.name }, rests: questionsOf(answer) };
    const query = queryEvidence(answer);
    if (isFailure(answer)) yield finding('added/inconclusive', { reason: 'lookup-failed', query }, detail);
    else if (isAbsent(answer)) yield finding('added/missing', { query }, detail);
  },
});
`;

const FINDINGS = `import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';

export const findings = {
  'added/missing': findingSpec<{ query: QueryEvidence }>({
    severity: 'error',
    title: 'The added record is missing',
    message: ({ query }) => \`\${query.name} has no TXT record.\`,
    explanation: 'The test looks for it.',
    remediation: ({ query }) => ({ summary: 'Publish the added record.', records: [txtRecord(query.name, 'added')] }),
    reference: 'RFC 1464',
    causes: ['no-spf'],
  }),
  'added/inconclusive': inconclusiveSpec({
    title: 'The added record could not be looked up',
    explanation: 'It may be there.',
    reference: 'RFC 1464',
    reasons: {
      'lookup-failed': reason<{ query: QueryEvidence }>({
        says: ({ query }) => \`\${query.name} could not be looked up.\`,
        fix: () => 'Run again.',
      }),
    },
  }),
};
`;

const GUIDE = {
  rule: 'added',
  checks: 'the added record is there',
  see: ['dig +short _added.example.com TXT'],
  codes: { 'added/missing': { fix: 'Publish the added record, as the guide says.' } },
};

/** A reporter is one file, and a line in the lists of formats and of reporters. */
const REPORTER = `/** One line for each finding. */
import { printable } from './printable.ts';
import type { Reporter } from './reporter.ts';

export const added: Reporter = (reports) =>
  reports
    .flatMap(({ rules }) => rules.flatMap(({ findings }) => findings))
    .map(({ code, severity, subject }) => printable(\`ADDED \${severity} \${code} \${subject}\`))
    .join('\\n');
`;

const RULES = 'src/check/rules/index.ts';
const REPORTERS = 'src/reporters/index.ts';
const FORMATS = 'src/reporters/formats.ts';

const copy = copyOfTree();
let report: Report;
let lines: string;

const run = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(process.execPath, [copy.cli, ...args], { cwd: tmpdir() }, (_error, stdout) => resolve(stdout));
  });

// Compiling and building a copy takes long.
const wholeTest = test.runIf(isWhole);

beforeAll(async () => {
  if (!isWhole) return;
  copy.write('src/check/facts/added.ts', FACT);
  copy.write('src/check/rules/added/rule.ts', RULE);
  copy.write('src/check/rules/added/findings.ts', FINDINGS);
  copy.write('src/knowledge/guides/data/added.json', JSON.stringify(GUIDE));
  copy.change(RULES, (text) => `import added from './added/rule.ts';\n${text}`);
  copy.insert(RULES, '  receiver,\n] as const', '  added,\n');
  copy.write('src/reporters/added.ts', REPORTER);
  copy.change(REPORTERS, (text) => `import { added } from './added.ts';\n${text}`);
  copy.insert(REPORTERS, '} as const satisfies', '  added,\n');
  copy.insert(FORMATS, '] as const;', "  'added',\n");
  copy.build();
  const world = await startWorld({ dns: { zone: { 'example.com': { TXT: ['v=spf1 -all'] } } } });
  const args = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--only', 'added,receiver', ...world.args];
  report = reportSchema.parse(JSON.parse(await run(...args, '-f', 'json')));
  lines = await run(...args, '-f', 'added');
  await world.close();
}, 180_000);
afterAll(() => copy.remove());

const resultOf = (id: string) => report.rules.find((rule) => rule.id === id);

wholeTest('a rule runs on a fact of its own, and its finding is a step', () => {
  expect(resultOf('added')).toMatchObject({
    kind: 'check',
    status: 'fail',
    security: true,
    findings: [
      {
        code: 'added/missing',
        message: '_added.example.com has no TXT record.',
        about: { name: '_added.example.com' },
        rests: [{ name: '_added.example.com', type: 'TXT' }],
      },
    ],
  });
  expect(report.advice.steps).toMatchObject([{ summary: 'Publish the added record.', codes: ['added/missing'] }]);
});

wholeTest('its finding is a cause that receivers know', () => {
  const causes = new Set(report.receivers.flatMap((receiver) => receiver.causes));
  expect([...causes]).toEqual(['added/missing']);
});

wholeTest('it is explained, completed and taken by the options that name rules', async () => {
  expect(await run('explain', 'added/missing')).toContain('Publish the added record, as the guide says.');
  expect(await run('completion', 'bash')).toContain('added');
  expect(await run('example.com', '203.0.113.5', '--only', 'added', '--print-config')).toContain('added');
});

wholeTest('a reporter is a format', () => {
  expect(lines).toContain('ADDED error added/missing _added.example.com');
});

/** Tests the published type declarations, with a program that compiles against them with strict settings. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishTypes } from '../../published-types.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Outside of this checkout, so that the compiler finds no package but those of an installation: none. */
let folder: string;

async function compile(...args: string[]): Promise<string> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = promisify(execFile)(process.execPath, [tsc, ...args], { cwd: root });
  return run.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-types-'));
  expect(await compile('-p', 'tsconfig.build.json', '--outDir', join(folder, 'types'))).toBe('');
  publishTypes(join(folder, 'types'), 'index.d.ts', root);
});
afterAll(() => rm(folder, { recursive: true }));

const RIGHT = `
import { check, exitCode, hasCode, replay, reportSchema, UsageError, type ProgressEvent, type Recording, type Report } from './types/index.js';

export async function gate(domain: string, signal: AbortSignal): Promise<number> {
  const recordings: Recording[] = [];
  const seen: string[] = [];
  const onProgress = (event: ProgressEvent): void => {
    switch (event.kind) {
      case 'started':
        seen.push(event.rule);
        break;
      case 'found':
        seen.push(event.finding.code, event.finding.remediation.summary);
        break;
      case 'finished':
        seen.push(event.status, ...event.waiting);
        break;
      default:
        event satisfies never;
    }
  };
  try {
    const report: Report = await check(domain, ['203.0.113.5'], {
      helo: 'mail.example.com',
      only: ['spf'] as const,
      zones: ['./new.zone', { name: 'mine', text: '@ 300 IN TXT "v=spf1 -all"' }],
      dnsOnly: true,
      allowInconclusive: ['helo'],
      severity: { 'ptr/missing': 'warning' },
      signal,
      onProgress,
      record: (recording) => recordings.push(recording),
    });
    for (const finding of report.rules.flatMap(({ findings }) => findings)) {
      if (hasCode(finding, 'ptr/forward-mismatch')) seen.push(finding.evidence.ptr, ...finding.evidence.addresses);
      if (hasCode(finding, 'spf/inconclusive') && finding.evidence.reason === 'fault') seen.push(finding.evidence.fault);
      seen.push(finding.about.ip ?? '', ...finding.rests.map(({ name, type }) => name + type));
    }
    const read: Report = reportSchema.parse(JSON.parse(JSON.stringify(report)));
    seen.push(read.verdict);
    const [again] = await replay(recordings[0], { onMissing: (questions) => seen.push(...questions) });
    const verdict: 'pass' | 'warn' | 'fail' | 'inconclusive' = report.verdict;
    return verdict === again?.verdict ? exitCode(report, { failOn: 'error', allowInconclusive: [] }) : 2;
  } catch (error) {
    if (error instanceof UsageError) return 2;
    throw error;
  }
}
`;

const WRONG: readonly string[] = [
  // The schema is known, although Zod is not installed.
  'const text: string = reportSchema.parse({});',
  'reportSchema.safePars({});',
  'check();',
  "check('example.com', '203.0.113.5');",
  "check('example.com', [], { heloName: 'mail.example.com' });",
  "check('example.com', [], { vantage: 'here' });",
  "check('example.com', [], { selector: ['s1'] });",
  "check('example.com', [], { selectors: 's1' });",
  "check('example.com', [], { allowInconclusive: 'tls' });",
  "check('example.com', [], { accept: [{ code: 'ptr/missing' }] });",
  "check('example.com', [], { onProgress: (event) => event.finding });",
  "check('example.com', [], { record: (recording) => { recording.runs = []; } });",
  "replay({}, { onMissing: (questions) => questions.push('x') });",
  "check('example.com').then((report) => report.verdict === 'ok');",
  "check('example.com').then(({ rules }) => rules[0]?.findings.some((finding) => hasCode(finding, 'ptr/mismatch')));",
  "check('example.com').then(({ rules }) => rules[0]?.findings.map((finding) => hasCode(finding, 'ptr/missing') && finding.evidence.addresses.length));",
];

test('type declarations: a correct program compiles, and each wrong call is a type error', async () => {
  const mistakes = WRONG.map((line) => `// @ts-expect-error\n${line}`).join('\n');
  await writeFile(join(folder, 'right.ts'), RIGHT);
  await writeFile(
    join(folder, 'wrong.ts'),
    `import { check, replay, reportSchema } from './types/index.js';\n${mistakes}\n`,
  );
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: 'ES2022',
    module: 'NodeNext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
    noEmit: true,
    // A type that is not found would otherwise be `any`.
    skipLibCheck: false,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['right.ts', 'wrong.ts'] }));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  expect(await compile('-p', folder)).toBe('');
});

test('type declarations: they need no package that an installation does not have', async () => {
  const files = await readdir(join(folder, 'types'), { recursive: true });
  const declarations = files.filter((file) => file.endsWith('.d.ts'));
  expect(declarations).toEqual(expect.arrayContaining(['index.d.ts', 'report/schema.d.ts', 'zod/index.d.ts']));
  // What the library does not lead to is not published.
  expect(declarations.filter((file) => /^(?:cli\/program|reporters\/pretty)\.d\.ts$/.test(file))).toEqual([]);
  expect(files).toContain(join('zod', 'LICENSE'));
  const texts = await Promise.all(declarations.map((file) => readFile(join(folder, 'types', file), 'utf8')));
  const named = texts.flatMap((text) => [
    ...text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/(?<![\w"'-])(?:from|import)\s*\(?\s*["']([^."'][^"']*)["']/g),
  ]);
  expect(new Set(named.map(([, name]) => name))).toEqual(new Set(['node:crypto', 'node:tls']));
});

test('type declarations: the build stops for a package that an installation does not have', async () => {
  const made = await mkdtemp(join(tmpdir(), 'mailcheck-types-'));
  try {
    await writeFile(join(made, 'index.d.ts'), "export type { Chalk } from 'chalk';\n");
    expect(() => publishTypes(made, 'index.d.ts', root)).toThrow('index.d.ts needs the types of chalk');
  } finally {
    await rm(made, { recursive: true });
  }
});

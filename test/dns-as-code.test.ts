/**
 * Runs the recipes of docs/dns-as-code.md and docs/dkim-rotation.md. The shell steps run as typed, with programs in the
 * place of octodns-sync, dnscontrol and terraform that print plans. mailcheck is the built command in the test world.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sample } from './sample.ts';
import { blocksIn } from './typed-commands.ts';
import { scenes } from './world/scenes.ts';
import { CLI, startWorld } from './world/world.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(root, 'docs/dns-as-code.md'), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

/** The YAML blocks of a section. */
function yamlOf(heading: string): unknown[] {
  const [, section = ''] = new RegExp(`\n## ${heading}\n([\\s\\S]*?)(?=\n## |$)`).exec(page) ?? [];
  return blocksIn(section)
    .filter(({ language }) => language === 'yaml')
    .map(({ text }) => parse(text, { strict: true, uniqueKeys: true }) as unknown);
}

const workflowOf = (tool: string): Workflow => yamlOf(tool).at(-1) as Workflow;
const stepsOf = (tool: string): readonly Step[] => Object.values(workflowOf(tool).jobs).flatMap(({ steps }) => steps);

const TOOLS = ['octoDNS', 'dnscontrol', 'Terraform'] as const;
type Tool = (typeof TOOLS)[number];

const SPF = 'v=spf1 ip4:203.0.113.5 -all';
const WITHOUT_MAIL_HOST = 'v=spf1 ip4:198.51.100.7 -all';

/** A change of example.com: the values of SPF, and of a record that has nothing to do with mail. */
interface Change {
  readonly spf: string;
}

/** What each tool prints for a change, in the shape of its own plans. */
const PLANS: Readonly<Record<Tool, (change: Change) => unknown>> = {
  octoDNS: ({ spf }) => ({
    live: {
      'example.com.': {
        changes: [
          { name: 'www', new: { ttl: 300, value: '192.0.2.80' }, record_type: 'A', type: 'create' },
          ...(spf === SPF
            ? []
            : [
                {
                  existing: { ttl: 300, value: SPF },
                  name: '',
                  new: { ttl: 300, value: spf },
                  record_type: 'TXT',
                  type: 'update',
                },
              ]),
        ],
        meta: null,
      },
    },
  }),
  dnscontrol: ({ spf }) => ({
    dns_providers: [{ name: 'live', type: 'BIND' }],
    domains: [
      {
        dnsProviders: { live: -1 },
        keepunknown: true,
        meta: {},
        name: 'example.com',
        records: [
          { filepos: '[line:6:3]', name: 'www', target: '192.0.2.80', ttl: 300, type: 'A' },
          { filepos: '[line:7:3]', name: '@', target: spf, ttl: 300, type: 'TXT' },
        ],
        registrar: 'none',
        uniquename: 'example.com',
      },
    ],
    registrars: [{ name: 'none', type: 'NONE' }],
  }),
  Terraform: ({ spf }) => ({
    format_version: '1.2',
    terraform_version: '1.11.4',
    planned_values: { root_module: {} },
    resource_changes: [
      resource('www', 'create', null, { name: 'www.example.com', type: 'A', ttl: 300, records: ['192.0.2.80'] }),
      resource(
        'apex',
        spf === SPF ? 'no-op' : 'update',
        { name: 'example.com', type: 'TXT', ttl: 300, records: [SPF] },
        { name: 'example.com', type: 'TXT', ttl: 300, records: [spf] },
      ),
      {
        address: 'random_password.database',
        mode: 'managed',
        type: 'random_password',
        name: 'database',
        provider_name: 'registry.terraform.io/hashicorp/random',
        change: {
          actions: ['create'],
          before: null,
          after: { length: 20, result: SECRET },
          after_unknown: {},
          before_sensitive: false,
          after_sensitive: { result: true },
        },
      },
    ],
  }),
};

/** A value in a plan that no output may have. */
const SECRET = 'correct horse battery staple';

function resource(name: string, action: string, before: object | null, after: object) {
  const inZone = (values: object | null) => values && { ...values, zone_id: 'Z0123456789', alias: [] };
  return {
    address: `aws_route53_record.${name}`,
    mode: 'managed',
    type: 'aws_route53_record',
    name,
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: {
      actions: [action],
      before: inZone(before),
      after: inZone(after),
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
  };
}

/** Fails for any use that would change something, or that the real program does not have. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'octodns-sync': `[ "$*" = "--config-file config/production.yaml" ] || exit 90
echo 'Manager __init__: config_file=config/production.yaml' >&2; cat "$PLAN"`,
  dnscontrol: `[ "$*" = print-ir ] || exit 90
cat "$PLAN"`,
  terraform: `case $1 in
  init) [ "$*" = 'init -input=false' ] && echo 'Terraform has been successfully initialized!' ;;
  plan) out=\${3#-out=}; [ "$2" = -input=false ] && [ "$3" != "$out" ] && cp "$PLAN" "$out" ;;
  show) [ "$2" = -json ] && cat "$3" ;;
  *) exit 90 ;;
esac`,
  pip: '[ "$*" = "install --require-hashes -r requirements.txt" ]',
};

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script for the change, in an empty folder with the pull request in \`request\`. */
async function runRecipe(script: string, plan: unknown): Promise<Finished & { files: string[] }> {
  const world = await startWorld(scenes.healthy.world);
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-as-code-'));
  const [programs, temp, job] = ['programs', 'temp', 'job'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const quoted = world.args.map((word) => `'${word}'`).join(' ');
  try {
    for (const name of [programs, temp, job, join(job, 'request')]) mkdirSync(name);
    const stubs = {
      ...PROGRAMS,
      node: `exec '${process.execPath}' "$@" ${quoted}`,
      mailcheck: `exec '${process.execPath}' '${CLI}' "$@" ${quoted}`,
      // What the recipe clones is this checkout, without the work of an installation.
      git: `[ "$1" != clone ] || { mkdir "$3"; ln -s '${join(root, 'dist')}' "$3"; mkdir "$3/.ci"
  printf '#!/bin/sh\\n' > "$3/.ci/build"; chmod +x "$3/.ci/build"; }`,
    };
    for (const [name, text] of Object.entries(stubs)) {
      writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(programs, name), 0o755);
    }
    symlinkSync(join(root, 'dist'), join(folder, 'dist'));
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
    const typed = script.replaceAll(/\/tmp\/(?=mailcheck|plan\.bin)/g, `${temp}/`);
    const finished = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', typed], {
      cwd: job,
      env: {
        PATH: `${programs}:${process.env.PATH}`,
        PLAN: join(folder, 'plan.json'),
        RUNNER_TEMP: temp,
        MAILCHECK_REPOSITORY: 'https://git.example.com/mailcheck',
        MAILCHECK_COMMIT: '0123456789abcdef',
      },
    }).then(
      ({ stdout, stderr }): Finished => ({ code: 0, stdout, stderr }),
      (error: Finished) => error,
    );
    return {
      ...finished,
      files: readdirSync(job, { recursive: true })
        .map(String)
        .filter((name) => !name.startsWith('mailcheck/')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await world.close();
  }
}

/** The steps of a workflow as one script, each in its own folder, as GitHub runs them. */
const scriptOf = (tool: Tool): string =>
  stepsOf(tool)
    .flatMap(({ run, 'working-directory': place = '.' }) =>
      run === undefined ? [] : [`(cd '${place}'; ${run.trim()})`],
    )
    .join('\n');

interface Run {
  readonly recipe: Tool | 'GitLab';
  readonly spf: string;
}

const gitlab = (): string => {
  const [{ mail }] = yamlOf('GitLab') as [{ mail: { script: string[] } }];
  return mail.script.join('\n');
};

const RUNS: readonly Run[] = [
  ...TOOLS.flatMap((recipe) => [SPF, WITHOUT_MAIL_HOST].map((spf) => ({ recipe, spf }))),
  { recipe: 'GitLab', spf: WITHOUT_MAIL_HOST },
];

test.each(sample(RUNS, 3))(
  'DNS as code: $recipe stops a change only if it breaks mail ($spf)',
  async ({ recipe, spf }) => {
    const isGitLab = recipe === 'GitLab';
    const plan = PLANS[isGitLab ? 'Terraform' : recipe]({ spf });
    const { code, stdout, stderr, files } = await runRecipe(isGitLab ? gitlab() : scriptOf(recipe), plan);
    expect({ code, stderr }).toMatchObject({ code: spf === SPF ? 0 : 1 });
    if (isGitLab) expect(files).toContain('mailcheck.xml');
    else expect(/^::error [^\n]*SPF/im.test(stdout)).toBe(spf !== SPF);
    expect(stdout + stderr).not.toContain(SECRET);
    // The plan is no file of the job.
    expect(files.filter((name) => name.startsWith('plan'))).toEqual([]);
  },
);

describe.each(TOOLS)('DNS as code: the workflow for %s', (tool) => {
  test('can read the repository and nothing else, and keeps no credential of GitHub in the checkout', () => {
    const { on, permissions } = workflowOf(tool);
    expect([on, permissions]).toEqual(['pull_request', { contents: 'read' }]);
    const [checkout, build, ...others] = stepsOf(tool);
    expect(checkout?.with).toEqual({ path: 'request', 'persist-credentials': false });
    expect(build?.run).toMatch(/checkout "\$MAILCHECK_COMMIT" && mailcheck\/\.ci\/build$/);
    expect(stepsOf(tool).flatMap(({ uses = 'x@v1' }) => (/^[\w./-]+@v\d+$/.test(uses) ? [] : [uses]))).toEqual([]);
    // mailcheck runs by its path, outside of the folder of the request, and gets no secret.
    const check = others.at(-1);
    expect(check?.run).toMatch(/^node mailcheck\/dist\/cli\.js example\.com --no-config /);
    expect(check).not.toHaveProperty('working-directory');
    expect(check).not.toHaveProperty('env');
    expect(page).not.toMatch(/upload-artifact|on: pull_request_target/);
  });
});

test('DNS as code: octoDNS is told to print its plan as JSON', () => {
  expect(yamlOf('octoDNS')[0]).toEqual({
    manager: { plan_outputs: { json: { class: 'octodns.provider.plan.PlanJson' } } },
  });
});

test('DNS as code: pre-commit finds the hook that the page names', () => {
  const [config] = yamlOf('Before the commit') as [{ repos: { rev: string; hooks: { id: string }[] }[] }];
  const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as { id: string }[];
  const ids = config.repos.flatMap(({ hooks: used }) => used.map(({ id }) => id));
  expect(ids.filter((id) => !hooks.some((hook) => hook.id === id))).toEqual([]);
  expect(config.repos.map(({ rev }) => rev)).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/)]);
});

describe('DKIM rotation: the hook', () => {
  const [hook] = blocksIn(readFileSync(join(root, 'docs/dkim-rotation.md'), 'utf8').replace(/^ {3}/gm, ''))
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text);

  test.each([
    [0, ['switched to s2']],
    [1, []],
    [3, []],
  ] as const)('makes the switch with exit code 0 alone (%i)', async (code, expected) => {
    const script = `mailcheck() { echo "$*" >&2; return ${code}; }\nswitch-signer() { echo "switched to $1"; }\n${hook}`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euc', script]);
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual(expected);
    expect(stderr).toMatch(/^example\.com .*--dkim-key s2\.private\.pem --selector s2 --wait 2h$/m);
  });
});

/** Holds the dependency arrows: cli → run → rules → facts → dns | smtp | spf | dkim | dmarc, and reporters → report. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;

interface Import {
  readonly file: string;
  readonly to: string;
  readonly typeOnly: boolean;
  /** What stands between `import` and `from`. */
  readonly names: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?([^;'"]*?)from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map((match) => {
    const specifier = match[3] ?? match[4] ?? match[5] ?? '';
    const to = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
    return { file, to, typeOnly: match[1] !== undefined, names: match[2] ?? '' };
  });
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((entry) => entry.endsWith('.ts'))
  .map((entry) => `src/${entry}`);
const imports = files.flatMap(importsOf);

const under = (folder: string): Import[] => imports.filter(({ file }) => file.startsWith(folder));

/** The imports of a folder that lead anywhere but to the places given. */
function strays(folder: string, allowed: readonly RegExp[]): string[] {
  return under(folder)
    .filter(({ to }) => to.startsWith('src/') && !to.startsWith(folder) && !allowed.some((place) => place.test(to)))
    .map(({ file, to }) => `${file} → ${to}`);
}

const leaf = /^src\/(ip|domain|organizational-domain|tag-list|fault)\.ts$/;

test('the imports were found', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(imports.some(({ file, to }) => file === 'src/check/run-rules.ts' && to === 'src/check/rules/index.ts')).toBe(
    true,
  );
});

test('no comment cites a document that is not here', () => {
  const cited = ['src', 'test', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((entry) => /\.(?:ts|mjs|py|md)$/.test(entry) && !entry.startsWith('fixtures'))
      .flatMap((entry) => {
        const text = readFileSync(join(root, folder, entry), 'utf8');
        return [...text.matchAll(/\b([A-Z]{4,})(?:\.md)? ?§/g)].map(([, name]) => `${folder}/${entry}: ${name}`);
      }),
  );
  const isHere = (name: string): boolean => name === 'SARIF' || existsSync(join(root, `${name}.md`));
  expect(cited.filter((place) => !isHere(place.split(': ')[1] ?? ''))).toEqual([]);
});

/** What would make a run another one each time; all of it reaches the rules through src/check/world.ts, to be recorded. */
describe('a run depends on nothing that cannot be recorded', () => {
  const commands = /^src\/commands\//;
  const network = /^src\/(dns\/(client|transport|canary)|smtp\/connection)\.ts$/;
  const cases: [what: string, sign: RegExp, allowed: RegExp[]][] = [
    [
      'chance',
      /\brandom(?:Bytes|Int|UUID|FillSync|Fill)\b|\bMath\.random\b|\bgetRandomValues\b/,
      [/^src\/environment\.ts$/, /^src\/dns\/transport\.ts$/, commands],
    ],
    [
      'time',
      /\bDate\.now\b|\bnew Date\(\)|\bclock\s*=\s*Date\b|\bperformance\.now\b/,
      [/^src\/(environment|outside|recording\/recorder)\.ts$/, /^src\/spf\/evaluate\.ts$/, network, commands],
    ],
    [
      'waiting',
      /\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|'node:timers/,
      [
        /^src\/(outside|run-rules)\.ts$/,
        /^src\/(recording\/timeline|timing\/virtual-timeline)\.ts$/,
        network,
        commands,
      ],
    ],
    [
      'this machine',
      /'node:os'|\bsystemServers\b|\bprocess\.(?:env|platform|pid|cwd)\b/,
      [/^src\/environment\.ts$/, /^src\/dns\/servers\.ts$/, /^src\/config\//, commands],
    ],
  ];
  test.each(cases)('%s', (_, sign, allowed) => {
    const found = files.filter((file) => sign.test(readFileSync(join(root, file), 'utf8')));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((file) => !allowed.some((place) => place.test(file)))).toEqual([]);
  });
});

describe('arrows', () => {
  const cases: [folder: string, allowed: RegExp[]][] = [
    ['src/standards/spf/', [leaf, /^src\/dns\/answer\.ts$/]],
    ['src/standards/dkim/', [leaf, /^src\/dns\/answer\.ts$/]],
    ['src/standards/dmarc/', [leaf, /^src\/dns\/answer\.ts$/]],
    ['src/network/dns/', [leaf, /^src\/target\.ts$/]],
    ['src/network/smtp/', [leaf]],
    ['src/knowledge/lists/', [leaf]],
    [
      'src/recording/',
      [
        leaf,
        /^src\/(dns|smtp|lists)\//,
        /^src\/dkim\/defect\.ts$/,
        /^src\/(outside|run|report|settings|target|version)\.ts$/,
      ],
    ],
    ['src/knowledge/providers/', [leaf, /^src\/data-folder\.ts$/]],
    ['src/receivers/', [/^src\/(report|report-schema|data-folder)\.ts$/]],
    [
      'src/check/conclusion/remediation/',
      [leaf, /^src\/(providers|dns)\//, /^src\/(report|report-schema|target|zone-line|data-folder)\.ts$/],
    ],
    [
      'src/check/facts/',
      [leaf, /^src\/(dns|smtp|spf|dkim|dmarc|lists|mta|providers)\//, /^src\/(target|settings|token)\.ts$/],
    ],
    ['src/cli/completion/', [/^src\/(explain|providers|reporters|rules)\//, /^src\/command-tree\.ts$/]],
    [
      'src/cli/config/',
      [leaf, /^src\/(rules|lists)\//, /^src\/(target|report)\.ts$/, /^src\/commands\/(options|check-arguments)\.ts$/],
    ],
    ['src/cli/man/', [/^src\/(command-tree|help-texts|program)\.ts$/, /^src\/(config\/source|lists\/catalogue)\.ts$/]],
    ['src/reporters/', [/^src\/explain\//, /^src\/(report|report-schema|fingerprint)\.ts$/]],
  ];
  test.each(cases)('%s keeps to its place', (folder, allowed) => {
    expect(strays(folder, allowed)).toEqual([]);
  });

  test('a rule never imports another rule', () => {
    const crossing = under('src/check/rules/').filter(({ file, to }) => {
      const [own, other] = [file, to].map((path) => /^src\/rules\/([^/]+)\//.exec(path)?.[1]);
      return own !== undefined && other !== undefined && own !== other;
    });
    expect(crossing).toEqual([]);
  });

  test('rules know no reporter, no command and no run', () => {
    expect(
      under('src/check/rules/').filter(({ to }) => /^src\/(reporters|recording|commands|outside|run|cli)/.test(to)),
    ).toEqual([]);
  });

  test('only dns/ and smtp/ open sockets', () => {
    const sockets = new Set([
      'node:net',
      'node:dgram',
      'node:tls',
      'node:dns',
      'node:dns/promises',
      'node:http',
      'node:https',
      'dnsbl',
    ]);
    const opening = imports.filter(
      ({ file, to, typeOnly }) => sockets.has(to) && !typeOnly && !/^src\/(dns|smtp)\//.test(file),
    );
    // isIP and its like are functions of text.
    expect(opening.filter(({ names }) => !/^\s*\{\s*isIP(v4|v6)?(,\s*isIP(v4|v6)?)*\s*\}\s*$/.test(names))).toEqual([]);
  });

  test('the product imports only packages that are installed with it', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const packageOf = (to: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? '';
    const used = imports.map(({ to }) => to).filter((to) => !to.startsWith('src/') && !to.startsWith('node:'));
    expect(used.map(packageOf).filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
    // What mailcheck is compared with in the tests has no part in what it says.
    expect(dependencies).not.toHaveProperty('mailauth');
  });

  test('only program.ts knows commander, command-tree.ts its types, and no shell is ever started', () => {
    const knowing = imports.filter(({ to }) => to === 'commander');
    expect(knowing.filter(({ typeOnly }) => !typeOnly).map(({ file }) => file)).toEqual(['src/cli/program.ts']);
    expect(knowing.filter(({ typeOnly }) => typeOnly).map(({ file }) => file)).toEqual(['src/cli/command-tree.ts']);
    expect(imports.filter(({ to }) => to === 'node:child_process')).toEqual([]);
  });
});

/**
 * Tests the architecture: which folder may import which, and which files may use the clock, random numbers, sockets and
 * this machine.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirname, join as joined } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { filesBelow } from './files-below.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Import {
  readonly file: string;
  readonly to: string;
  readonly typeOnly: boolean;
  /** The text between `import` and `from`. */
  readonly names: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?([^;'"]*?)from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map((match) => {
    const specifier = match[3] ?? match[4] ?? match[5] ?? '';
    const to = specifier.startsWith('.') ? joined(dirname(file), specifier) : specifier;
    return { file, to, typeOnly: match[1] !== undefined, names: match[2] ?? '' };
  });
}

const files = filesBelow(join(root, 'src'))
  .filter((entry) => entry.endsWith('.ts'))
  .map((entry) => `src/${entry}`);
const imports = files.flatMap(importsOf);

test('architecture: this test finds the imports of src', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(imports.some(({ file, to }) => file === 'src/check/run-rules.ts' && to === 'src/check/rules/index.ts')).toBe(
    true,
  );
});

test('architecture: comments cite only documents of this repository', () => {
  const cited = ['src', 'test', 'bench', 'tools'].flatMap((folder) =>
    filesBelow(join(root, folder))
      .filter((entry) => /\.(?:ts|mjs|py|md)$/.test(entry) && !entry.startsWith('fixtures'))
      .flatMap((entry) => {
        const text = readFileSync(join(root, folder, entry), 'utf8');
        return [...text.matchAll(/\b([A-Z]{4,})(?:\.md)? ?§/g)].map(([, name]) => `${folder}/${entry}: ${name}`);
      }),
  );
  const isHere = (name: string): boolean => name === 'SARIF' || existsSync(join(root, `${name}.md`));
  expect(cited.filter((place) => !isHere(place.split(': ')[1] ?? ''))).toEqual([]);
});

/**
 * Everything that differs between two runs reaches the rules through src/check/world.ts and what it opens, so that it can be recorded.
 */
describe('architecture: only the allowed files use', () => {
  const commands = /^src\/cli\/(check|commands|fleet|options|terminal|webhook)\//;
  const dns =
    /^src\/network\/dns\/(client|asker|resolve|resolve-signed|name-servers|transport|udp-sockets|upstreams|canary)\.ts$/;
  const smtpClock = /^src\/network\/smtp\/(connection|open|patient-dial|presence|wait)\.ts$/;
  const smtpTimers = /^src\/network\/smtp\/wait\.ts$/;
  const cases: [what: string, sign: RegExp, allowed: RegExp[]][] = [
    [
      'random numbers',
      /\brandom(?:Bytes|Int|UUID|FillSync|Fill)\b|\bMath\.random\b|\bgetRandomValues\b/,
      [/^src\/check\/(opening|world)\.ts$/, /^src\/network\/dns\/(transport|udp-sockets)\.ts$/, commands],
    ],
    [
      'the clock',
      /\bDate\.now\b|\bnew Date\(\)|\bclock\s*=\s*Date\b|\bperformance\.now\b/,
      [
        /^src\/(check\/opening|check\/world|recording\/notebook)\.ts$/,
        /^src\/standards\/spf\/evaluate\.ts$/,
        dns,
        /^src\/network\/rates\.ts$/,
        smtpClock,
        /^src\/fleet\/queue\//,
        // A target waits there before its run begins.
        /^src\/fleet\/backlog\.ts$/,
        commands,
      ],
    ],
    [
      'timers',
      /\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|'node:timers/,
      [
        /^src\/check\/(opening|world)\.ts$/,
        /^src\/recording\/(timeline|waterfall\/virtual-timeline)\.ts$/,
        /^src\/network\/rates\.ts$/,
        dns,
        smtpTimers,
        /^src\/network\/https\/lifetime\.ts$/,
        // What the queue lost is looked for every other second. No run sees it.
        /^src\/fleet\/queue\//,
        // A target waits there before its run begins.
        /^src\/fleet\/backlog\.ts$/,
        commands,
      ],
    ],
    [
      'this machine',
      /'node:os'|\bsystemServers\b|\bprocess\.(?:env|platform|pid|cwd)\b/,
      [
        /^src\/check\/(?:machine|cache-folder)\.ts$/,
        /^src\/network\/dns\/servers\.ts$/,
        /^src\/cli\/config\//,
        commands,
      ],
    ],
  ];
  test.each(cases)('%s', (_, sign, allowed) => {
    const found = files.filter((file) => sign.test(readFileSync(join(root, file), 'utf8')));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((file) => !allowed.some((place) => place.test(file)))).toEqual([]);
  });
});

/**
 * The files that each folder may reach besides itself, directly or through other files. For a file, the innermost
 * folder with an entry counts. The folders of src are the steps of the pipeline: a lower one knows nothing of a higher
 * one.
 */
const NETWORK = ['src/network/'];
/** What DNS and SMTP share. */
const ADDRESSES = [
  'abort-listeners',
  'ip',
  'special-purpose',
  'nat64',
  'domain',
  'fault',
  'octet-string',
  'rates',
  'forget',
  'until-end',
].map((name) => `src/network/${name}.ts`);
const STANDARDS = ['src/standards/', ...NETWORK];
const CHECK = ['src/check/', 'src/report/', 'src/knowledge/', ...STANDARDS];
const FACTS = ['src/check/target.ts', 'src/check/settings.ts', 'src/check/token.ts', 'src/knowledge/', ...STANDARDS];
const RULES = ['src/check/facts/', 'src/check/rules/', 'src/report/', ...FACTS];
const CONCLUSION = ['src/check/conclusion/', ...RULES];
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'src/': ['src/'],
  'src/network/': [],
  'src/network/dns/': ['src/network/gate.ts', ...ADDRESSES],
  'src/network/smtp/': ['src/network/gate.ts', ...ADDRESSES],
  'src/network/https/': ['src/network/gate.ts', 'src/network/certificate-name.ts', 'src/network/smtp/', ...ADDRESSES],
  'src/standards/': NETWORK,
  'src/standards/spf/': ['src/standards/meaning.ts', ...NETWORK],
  'src/standards/dkim/': [
    'src/standards/meaning.ts',
    'src/standards/tag-list.ts',
    'src/standards/organizational-domain.ts',
    ...NETWORK,
  ],
  'src/standards/dmarc/': [
    'src/standards/meaning.ts',
    'src/standards/tag-list.ts',
    'src/standards/organizational-domain.ts',
    'src/standards/report-route.ts',
    'src/standards/zone-file/line.ts',
    ...NETWORK,
  ],
  'src/standards/tls-rpt/': ['src/standards/report-route.ts', ...NETWORK],
  'src/standards/dnssec/': ['src/standards/zone-file/tokens.ts', ...NETWORK],
  'src/standards/zone-file/': NETWORK,
  'src/knowledge/': NETWORK,
  'src/report/': [],
  'src/check/': CHECK,
  'src/check/facts/': FACTS,
  'src/check/rules/': RULES,
  'src/check/conclusion/': CONCLUSION,
  'src/recording/': CHECK,
  'src/pool/': CHECK,
  'src/records/': CHECK,
  'src/fleet/': ['src/recording/', ...CHECK],
  'src/reporters/': [
    'src/report/',
    'src/knowledge/guides/',
    'src/knowledge/lists/zones.ts',
    'src/knowledge/data-folder.ts',
  ],
  'src/cli/': ['src/'],
};
const LOOSE = ['src/cli.ts', 'src/index.ts', 'src/usage-error.ts', 'src/version.ts'];

const imported = new Map(files.map((file) => [file, imports.filter((one) => one.file === file)]));

/** @returns a map from every file that a file reaches to the path of imports that leads there. */
function reachOf(file: string): Map<string, string> {
  const reached = new Map<string, string>();
  const follow = (from: string, path: string): void => {
    for (const { to } of imported.get(from) ?? []) {
      if (!to.startsWith('src/') || reached.has(to)) continue;
      reached.set(to, `${path} → ${to}`);
      follow(to, `${path} → ${to}`);
    }
  };
  follow(file, file);
  return reached;
}

/** @returns the innermost folder of the table that a file is in. */
function folderOf(file: string): string {
  const folders = Object.keys(ARROWS).filter((folder) => file.startsWith(folder));
  return folders.reduce((inner, folder) => (folder.length > inner.length ? folder : inner), '');
}

describe('architecture: imports', () => {
  test('src has no files outside its folders, except the entry points and what they share', () => {
    expect(
      readdirSync(join(root, 'src'), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => `src/${name}`)
        .sort(),
    ).toEqual(LOOSE);
  });

  test('every folder of src is in the table of allowed imports', () => {
    const top = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(top.map(({ name }) => `src/${name}/`).filter((folder) => !Object.hasOwn(ARROWS, folder))).toEqual([]);
    expect(Object.keys(ARROWS).filter((folder) => !files.some((file) => file.startsWith(folder)))).toEqual([]);
  });

  test.each(Object.entries(ARROWS))('%s reaches only the folders that the table allows', (folder, allowed) => {
    const places = [folder, 'src/usage-error.ts', 'src/version.ts', ...allowed];
    const strays = files
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) => [...reachOf(file)])
      .filter(([to]) => !places.some((place) => to.startsWith(place)));
    expect(strays.map(([, path]) => path)).toEqual([]);
  });

  test('there is no import cycle, not even of types', () => {
    expect(files.filter((file) => reachOf(file).has(file)).map((file) => reachOf(file).get(file))).toEqual([]);
  });

  test('facts, rules and the conclusion do not import the code that runs them', () => {
    const runs = ['src/check/run.ts', 'src/check/run-rules.ts', 'src/check/world.ts'];
    const below = files.filter((file) => /^src\/check\/(facts|rules|conclusion)\//.test(file));
    expect(below.flatMap((file) => runs.flatMap((run) => reachOf(file).get(run) ?? []))).toEqual([]);
    expect(reachOf('src/check/run-rules.ts').has('src/check/run.ts')).toBe(false);
  });

  test('a rule reaches no other rule', () => {
    const ruleOf = (path: string): string | undefined => /^src\/check\/rules\/([^/]+)\//.exec(path)?.[1];
    const crossing = files
      .filter((file) => ruleOf(file) !== undefined)
      .flatMap((file) => [...reachOf(file)].filter(([to]) => ruleOf(to) !== undefined && ruleOf(to) !== ruleOf(file)));
    expect(crossing.map(([, path]) => path)).toEqual([]);
  });

  /** The imports of code that can open a socket. isIP, isIPv4 and isIPv6 only read text. */
  const SOCKETS = /^(?:node:(?:net|dgram|tls|dns|dns\/promises|https?|http2)|dnsbl|bullmq|ioredis)$/;
  const READS_TEXT = /^\s*\{\s*(?:isIP(?:v4|v6)?|type \w+)(?:,\s*(?:isIP(?:v4|v6)?|type \w+))*,?\s*\}\s*$/;
  const opening = imports.filter(({ to, typeOnly, names }) => SOCKETS.test(to) && !typeOnly && !READS_TEXT.test(names));

  test('sockets are opened in these files alone, for a resolver or behind the gate', () => {
    expect([...new Set(opening.map(({ file }) => file))].sort()).toEqual([
      // The webhook, whose address the user types.
      'src/cli/webhook/post.ts',
      // The queue that the user names, over connections of redis.ts.
      'src/fleet/queue/queue-judge.ts',
      'src/fleet/queue/redis.ts',
      'src/fleet/queue/worker.ts',
      // The test entries of block lists, asked of the resolvers.
      'src/network/dns/canary.ts',
      // Opens none: reads the addresses of the resolvers.
      'src/network/dns/servers.ts',
      // The resolvers, and the servers of `towards`, over TCP and UDP.
      'src/network/dns/transport.ts',
      'src/network/dns/udp-sockets.ts',
      // Sends a request over a socket that it is given.
      'src/network/https/ask.ts',
      // Called for the client alone, which asks the gate first.
      'src/network/https/attempt.ts',
      // A handshake with nobody, to see what this machine can offer.
      'src/network/smtp/capability.ts',
      // Called for the client alone, which asks the gate first.
      'src/network/smtp/open.ts',
      // Sends nothing: looks up whether this machine has a route.
      'src/network/smtp/route.ts',
      // TLS on the socket of a connection.
      'src/network/smtp/tls.ts',
    ]);
    const importersOf = (name: string): string[] =>
      imports
        .filter(({ to, names }) => to.startsWith('src/') && names.split(/\W+/).includes(name))
        .map(({ file }) => file);
    expect(importersOf('openConnection').sort()).toEqual([
      'src/network/smtp/patient-dial.ts',
      'src/network/smtp/presences.ts',
    ]);
    expect(importersOf('reachPort')).toEqual(['src/network/smtp/patient-dial.ts']);
    expect(importersOf('PatientDial').sort()).toEqual(['src/network/smtp/client.ts', 'src/network/smtp/presences.ts']);
    expect(importersOf('refusal').sort()).toEqual([
      'src/check/facts/public-address.ts',
      'src/cli/config/limits.ts',
      'src/network/dns/name-servers.ts',
      'src/network/https/client.ts',
      'src/network/smtp/client.ts',
    ]);
    expect(importersOf('attemptAt')).toEqual(['src/network/https/client.ts']);
    expect(importersOf('askOver')).toEqual(['src/network/https/attempt.ts']);
    const turning = files.filter((file) => readFileSync(join(root, file), 'utf8').includes('.towards('));
    expect(turning.sort()).toEqual([
      // These pass the call on.
      'src/check/authority/authority-check.ts',
      'src/check/facts/gaps.ts',
      // Some of the resolvers, or some of a list's name servers behind the gate.
      'src/check/facts/list-liveness.ts',
      // Name servers that the DNS names, judged by the gate.
      'src/check/facts/public-address.ts',
      // The resolver that the user names for signatures.
      'src/check/facts/security.ts',
      // These pass the call on.
      'src/network/dns/overlay.ts',
      'src/network/dns/through.ts',
      'src/recording/record-dns.ts',
    ]);
    const asking = files.filter((file) => readFileSync(join(root, file), 'utf8').includes('.atNameServers('));
    expect(asking.sort()).toEqual([
      // Passes the call on.
      'src/check/authority/authority-check.ts',
      // The name servers of the zones. The client behind it asks the gate.
      'src/check/facts/authority/servers.ts',
      // Passes the call on.
      'src/check/facts/gaps.ts',
      // The name servers of block lists. The client behind it asks the gate.
      'src/check/facts/list-servers.ts',
      // These pass the call on.
      'src/network/dns/through.ts',
      'src/recording/record-dns.ts',
    ]);
  });

  test('the product imports only packages that package.json names, and an installation fetches none of them', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    // The build bundles what the product imports, but for what only a fleet with a queue needs. Who has a queue installs it.
    for (const kind of ['dependencies', 'optionalDependencies']) expect(manifest).not.toHaveProperty(kind);
    const peers = Object.keys(manifest.peerDependencies);
    expect(peers).toEqual(['bullmq', 'ioredis']);
    expect(manifest.peerDependenciesMeta).toEqual(Object.fromEntries(peers.map((name) => [name, { optional: true }])));
    const loading = imports.filter(({ to, typeOnly }) => peers.includes(to) && !typeOnly);
    expect(new Set(loading.map(({ file }) => dirname(file)))).toEqual(new Set(['src/fleet/queue']));
    const packageOf = (to: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? '';
    const used = imports.map(({ to }) => to).filter((to) => !to.startsWith('src/') && !to.startsWith('node:'));
    expect(used.map(packageOf).filter((name) => !Object.hasOwn(manifest.devDependencies, name))).toEqual([]);
    expect(used.map(packageOf)).toEqual(expect.arrayContaining(['commander', 'chalk', 'dnsbl', 'ip-address', 'zod']));
    // The tests compare mailcheck with mailauth, so mailcheck itself must not use it.
    expect(used.map(packageOf)).not.toContain('mailauth');
  });

  test('only program.ts imports commander, only command-tree.ts its types, and no file imports node:child_process', () => {
    const knowing = imports.filter(({ to }) => to === 'commander');
    expect(knowing.filter(({ typeOnly }) => !typeOnly).map(({ file }) => file)).toEqual(['src/cli/program.ts']);
    expect(knowing.filter(({ typeOnly }) => typeOnly).map(({ file }) => file)).toEqual(['src/cli/command-tree.ts']);
    expect(imports.filter(({ to }) => to === 'node:child_process')).toEqual([]);
  });
});

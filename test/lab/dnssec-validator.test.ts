/**
 * Compares the validator with those of BIND (delv) and Unbound: the same questions in the same zones, which BIND's tools
 * have signed. All servers are on loopback. Runs where the packages bind9, bind9-utils, bind9-dnsutils and unbound are.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DnssecMemory, readAnchors, TYPE, type Validation, validate } from '../../src/standards/dnssec/index.ts';
import { sample } from '../sample.ts';
import { KINDS, OWNERS, QUESTION_TYPES, type SignedTree, signTree } from './dnssec-zones.ts';
import { askServer } from './signed-client.ts';

const run = promisify(execFile);

const PROGRAMS = ['named', 'dnssec-signzone', 'dnssec-keygen', 'dnssec-dsfromkey', 'delv', 'unbound'];

type Verdict = 'secure' | 'insecure' | 'bogus';

/** What one validator says, and its own words. */
interface Said {
  readonly verdict: Verdict | 'unknown';
  readonly words: string;
}

interface Question {
  readonly name: string;
  readonly type: (typeof QUESTION_TYPES)[number];
}

const missing = PROGRAMS.filter((program) => !isInstalled(program));

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The questions for each zone in a sample, and those of them that delv is asked too: it is a process for each. */
const SAMPLE = 40;
const DELV_SAMPLE = 4;

describe.skipIf(missing.length > 0)('the validator, delv and Unbound say the same', () => {
  const started: ChildProcess[] = [];
  let tree: SignedTree;
  let namedPort = 0;
  let unboundPort = 0;
  let ours: (question: Question) => Promise<Validation>;

  beforeAll(async () => {
    tree = await signTree();
    [namedPort, unboundPort] = [await freePort(), await freePort()];
    started.push(startNamed(tree, namedPort));
    started.push(startUnbound(tree, unboundPort, namedPort));
    const ask = askServer(namedPort);
    const memory = new DnssecMemory();
    const anchors = readAnchors(tree.rootKey, 'root-key');
    const now = Date.now();
    ours = ({ name, type }) => validate({ name, type: TYPE[type] }, { ask, anchors, now, memory });
    await answering(namedPort);
    await answering(unboundPort);
  }, 300_000);

  afterAll(() => {
    for (const child of started) child.kill();
    if (tree !== undefined && process.env.LAB_LOG === undefined)
      rmSync(tree.directory, { recursive: true, force: true });
  });

  const questionsIn = (id: string): Question[] =>
    OWNERS.flatMap((owner) =>
      QUESTION_TYPES.map((type) => ({ name: owner === '' ? `${id}.test` : `${owner}.${id}.test`, type })),
    );

  test.each(Object.keys(KINDS))('%s', async (id) => {
    const questions = sample(questionsIn(id), SAMPLE);
    const withDelv = new Set(KINDS[id]?.isBeyondDelv ? [] : sample(questions, DELV_SAMPLE));
    const differences: string[] = [];
    let compared = 0;
    await each(questions, 8, async (question) => {
      const [own, unbound, delv] = await Promise.all([
        ours(question).then(saidBy),
        askUnbound(unboundPort, question),
        withDelv.has(question) ? askDelv(tree, namedPort, question) : undefined,
      ]);
      for (const [program, other] of [
        ['unbound', unbound],
        ['delv', delv],
      ] as const) {
        if (other === undefined) continue;
        compared += 1;
        if (other.verdict === own.verdict || isKnown(question, own, program)) continue;
        differences.push(
          `${question.name} ${question.type}: ${own.verdict} (${own.words}), ${program} ${other.verdict} (${other.words})`,
        );
      }
    });
    if (process.env.LAB_LOG !== undefined)
      process.stderr.write(`${id}: ${compared} verdicts compared, ${differences.length} differ\n`);
    expect(compared).toBe(questions.length + withDelv.size);
    expect(differences).toEqual([]);
  });
});

/** The differences where the standards are with the validator. */
function isKnown({ name, type }: Question, { words }: Said, program: 'delv' | 'unbound'): boolean {
  // delv calls a denial validated in which opt-out covers the name. RFC 5155 §9.2 forbids it.
  if (program === 'delv') return words.endsWith(' opt-out');
  // Unbound 1.17 fails where a question for a CNAME record meets a DNAME record (RFC 6672 §2.2). delv answers it.
  return type === 'CNAME' && /^[a-z]+\.dname\./.test(name);
}

function saidBy({ state, outcome }: Validation): Said {
  const words =
    state.kind === 'insecure'
      ? state.reason.kind
      : state.kind === 'bogus'
        ? `${state.fault.kind} ${state.fault.name} ${state.fault.type}`
        : state.kind === 'unknown'
          ? JSON.stringify(state.reason)
          : '';
  return { verdict: state.kind, words: `${outcome} ${words}`.trim() };
}

/** Asks delv, which validates by itself what the server sends. */
async function askDelv({ directory }: SignedTree, port: number, { name, type }: Question): Promise<Said> {
  const args = ['@127.0.0.1', '-p', String(port), '-a', join(directory, 'bind-anchor'), '+root=.', '+tcp', name, type];
  const { stdout, stderr } = await run('delv', args).catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: '',
    stderr: '',
    ...error,
  }));
  const text = `${stdout}${stderr}`;
  const words = text
    .split('\n')
    .filter((line) => /^;/.test(line))
    .join(' ');
  // An alias may be printed as validated before its target fails.
  if (/resolution failed: (?!ncache)/.test(text)) return { verdict: 'bogus', words };
  return {
    verdict: /unsigned answer/.test(text) ? 'insecure' : /fully validated/.test(text) ? 'secure' : 'unknown',
    words,
  };
}

/** Asks Unbound: SERVFAIL is bogus, and the AD bit is secure. */
async function askUnbound(port: number, { name, type }: Question): Promise<Said> {
  const reply = await askServer(port, { isCheckingDisabled: false })(name, TYPE[type]);
  if (reply.kind === 'failed') return { verdict: 'unknown', words: reply.detail };
  if (reply.rcode === 2) return { verdict: 'bogus', words: 'SERVFAIL' };
  return { verdict: reply.authenticated ? 'secure' : 'insecure', words: `RCODE ${reply.rcode}` };
}

function startNamed({ directory, files }: SignedTree, port: number): ChildProcess {
  const zones = [...files].map(([name, file]) => `zone "${name}" { type primary; file "${file}"; };\n`).join('');
  writeFileSync(
    join(directory, 'named.conf'),
    `options { directory "${directory}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
     pid-file none; session-keyfile none; dnssec-validation no; check-names primary ignore; masterfile-format text;
     tcp-clients 1000; };
     controls {};\n${zones}`,
  );
  return spawn('named', ['-f', '-c', join(directory, 'named.conf')], { stdio: 'ignore' });
}

function startUnbound({ directory, rootKey }: SignedTree, port: number, upstream: number): ChildProcess {
  const anchor = join(directory, 'unbound-anchor');
  writeFileSync(anchor, `${rootKey}\n`);
  const [, flags, protocol, algorithm, key] = /DNSKEY\s+(\d+) (\d+) (\d+) (.*)$/.exec(rootKey) ?? [];
  writeFileSync(
    join(directory, 'bind-anchor'),
    `trust-anchors { . static-key ${flags} ${protocol} ${algorithm} "${key?.replace(/\s/g, '')}"; };\n`,
  );
  const file = join(directory, 'unbound.conf');
  writeFileSync(
    file,
    `server:
  interface: 127.0.0.1
  port: ${port}
  num-threads: 1
  chroot: ""
  username: ""
  pidfile: ""
  directory: "${directory}"
  use-syslog: no
  logfile: "${join(directory, 'unbound.log')}"
  do-ip6: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "${anchor}"
  qname-minimisation: no
  aggressive-nsec: no
  val-sig-skew-min: 0
  val-sig-skew-max: 0
  local-zone: "test." nodefault
  incoming-num-tcp: 200
  outgoing-num-tcp: 200
  tcp-upstream: yes
  val-bogus-ttl: 0
  val-nsec3-keysize-iterations: "1024 100 2048 100 4096 100"
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${upstream}
`,
  );
  return spawn('unbound', ['-d', '-c', file], { stdio: 'ignore' });
}

/** @returns a port of the loopback address that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Waits until a server answers for the root. */
async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const reply = await askServer(port)('.', TYPE.SOA);
    if (reply.kind === 'reply' && reply.rcode === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the server at port ${port} does not answer`);
}

async function each<T>(items: readonly T[], atOnce: number, act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

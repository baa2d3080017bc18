/**
 * A small internet of network namespaces: each host has its own addresses and one wire to all the others, and nothing
 * leads out of it. Needs root and iproute2.
 *
 *     const net = await createNet({ prober: ['192.0.2.10'], mail: ['203.0.113.5', '2001:db8::5'] });
 *     net.host('mail').start(['postfix', 'start-fg']);
 *     await net.host('prober').run([process.execPath, CLI, 'example.com', '203.0.113.5']);
 *     await net.close();
 */
import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Finished {
  /** `null` when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Given to the process on stdin, which is empty when absent. */
  readonly input?: string;
}

export interface Host {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Runs a program inside to its end; a failure is a value. */
  run(command: readonly string[], settings?: RunSettings): Promise<Finished>;
  /** Starts a program inside; it is killed, with its children, when the net is closed. */
  start(command: readonly string[], options?: SpawnOptions): ChildProcess;
  /** `ip …` inside this host, such as `['link', 'set', 'eth0', 'down']`. */
  ip(...args: string[]): void;
}

export interface Net {
  host(name: string): Host;
  close(): Promise<void>;
}

export interface NetOptions {
  /** Host → milliseconds that a round trip between it and any other takes. */
  readonly delays?: Readonly<Record<string, number>>;
  /** What every host reads in its /etc/resolv.conf: the address of a DNS server in the net. */
  readonly resolver?: string;
  /** As `resolver`, several in this order. */
  readonly resolvers?: readonly string[];
}

const PREFIX = 'mailcheck-lab';
/** Whoever waits longer for a program in the lab has hung. */
const RUN_TIMEOUT_MS = 120_000;

/** @returns why no net can be made on this machine, or `null`. */
export function whyNoNet(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    removeLeftovers();
    const probe = `${PREFIX}-${process.pid}-probe`;
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return null;
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

let nets = 0;

/** Makes the hosts: name → addresses (with or without prefix length; they all reach each other). */
export async function createNet(
  hosts: Readonly<Record<string, readonly string[]>>,
  options: NetOptions = {},
): Promise<Net> {
  removeLeftovers();
  nets += 1;
  const id = `${PREFIX}-${process.pid}-${nets}`;
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  const made: string[] = [];
  const running = new Set<ChildProcess>();
  const cleanUp = (): void => {
    process.off('exit', cleanUp);
    for (const child of running) child.kill('SIGKILL');
    for (const namespace of made.splice(0)) removeNamespace(namespace);
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', cleanUp);
  try {
    const wire = `${id}-wire`;
    addNamespace(wire);
    ip('-n', wire, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', wire, 'link', 'set', 'br0', 'up');
    const resolvConf = join(directory, 'resolv.conf');
    const resolvers = options.resolvers ?? (options.resolver === undefined ? [] : [options.resolver]);
    writeFileSync(resolvConf, resolvers.map((address) => `nameserver ${address}\n`).join(''));
    const entries = Object.entries(hosts);
    for (const [index, [name, addresses]] of entries.entries()) {
      const namespace = `${id}-${name}`;
      addNamespace(namespace);
      connect(namespace, wire, `p${index}`);
      await delay(namespace, wire, `p${index}`, options.delays?.[name] ?? 0);
      settle(namespace, addresses);
    }
    const byName = new Map(
      entries.map(([name, addresses]) => [name, host(name, `${id}-${name}`, addresses, resolvConf, running)]),
    );
    return {
      host(name) {
        const found = byName.get(name);
        if (found === undefined) throw new RangeError(`no host ${name} in this net`);
        return found;
      },
      async close() {
        cleanUp();
      },
    };
  } catch (error) {
    cleanUp();
    throw error;
  }

  function addNamespace(name: string): void {
    ip('netns', 'add', name);
    made.push(name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }

  /** By netem, or in its place a wire that holds every frame back. */
  async function delay(namespace: string, wire: string, port: string, milliseconds: number): Promise<void> {
    if (milliseconds === 0 || hasNetem(namespace, milliseconds)) return;
    ip('-n', namespace, 'link', 'del', 'eth0');
    const program = fileURLToPath(new URL('./wire.py', import.meta.url));
    const args = [process.env.MAILCHECK_WIRE ?? program, namespace, 'eth0', wire, port, String(milliseconds / 2)];
    const slow = spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(slow);
    slow.once('exit', () => running.delete(slow));
    await new Promise<void>((resolve, reject) => {
      slow.once('error', reject).once('exit', (code) => reject(new Error(`the slow wire ended with ${code}`)));
      slow.stdout.once('data', () => resolve());
    });
    ip('-n', wire, 'link', 'set', port, 'master', 'br0', 'up');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  }
}

function hasNetem(namespace: string, milliseconds: number): boolean {
  const netem = ['qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', `${milliseconds}ms`];
  try {
    execFileSync('ip', ['netns', 'exec', namespace, 'tc', ...netem], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function connect(namespace: string, wire: string, port: string): void {
  batch(wire, [`link add ${port} type veth peer name eth0 netns ${namespace}`, `link set ${port} master br0 up`]);
  batch(namespace, ['link set eth0 up']);
}

/**
 * Everybody is a neighbour on one wire, whatever the address: the default route leads onto the wire and no further, so
 * what nobody there owns is unreachable.
 */
function settle(namespace: string, addresses: readonly string[]): void {
  const own = addresses.map((text) => {
    const isV6 = text.includes(':');
    const [address = '', length = isV6 ? '128' : '32'] = text.split('/');
    // Without duplicate detection an address can be used at once.
    return `address add ${address}/${length} dev eth0 ${isV6 ? 'nodad' : ''}`;
  });
  batch(namespace, [...own, 'route add 0.0.0.0/0 dev eth0', 'route add ::/0 dev eth0']);
}

function host(
  name: string,
  namespace: string,
  addresses: readonly string[],
  resolvConf: string,
  running: Set<ChildProcess>,
): Host {
  const inside = (command: readonly string[]): [string, string[]] => [
    'ip',
    ['netns', 'exec', namespace, ...IN_ITS_OWN_TREE, BIND_RESOLVER, 'sh', resolvConf, ...command],
  ];
  const keep = (child: ChildProcess): ChildProcess => {
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  return {
    name,
    addresses,
    ip: (...args) => ip('-n', namespace, ...args),
    start(command, options = {}) {
      return keep(spawn(...inside(command), { stdio: 'ignore', ...options }));
    },
    run(command, settings = {}) {
      return new Promise((resolve) => {
        const child = execFile(
          ...inside(command),
          {
            env: { ...process.env, ...settings.env },
            timeout: settings.timeoutMs ?? RUN_TIMEOUT_MS,
            killSignal: 'SIGKILL',
            maxBuffer: 64 * 1024 * 1024,
          },
          (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
            resolve({ code, stdout, stderr });
          },
        );
        keep(child);
        // A process may end without reading its input.
        child.stdin?.on('error', () => {});
        child.stdin?.end(settings.input ?? '');
      });
    },
  };
}

/** A process tree of its own, so that daemons end with the program that started them. */
const IN_ITS_OWN_TREE = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c'] as const;
const BIND_RESOLVER = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';

/** Waits until something listens on the port. @throws Error when nothing does within 30 s. */
export async function listens(from: Host, ip: string, port: number): Promise<void> {
  const knock = `for i in $(seq 150); do (exec 3<>/dev/tcp/${ip}/${port}) 2>/dev/null && exit; sleep 0.2; done; exit 1`;
  const { code } = await from.run(['bash', '-c', knock]);
  if (code !== 0) throw new Error(`nothing listens on ${ip} port ${port}`);
}

/** Also what a net left behind whose process was killed. */
function removeLeftovers(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const [namespace = ''] = line.split(' ');
    const [, pid] = new RegExp(`^${PREFIX}-(\\d+)-`).exec(namespace) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) removeNamespace(namespace);
  }
}

function removeNamespace(namespace: string): void {
  try {
    for (const pid of ip('netns', 'pids', namespace).split('\n').filter(Boolean)) kill(Number(pid));
    ip('netns', 'del', namespace);
  } catch {
    // Somebody else was faster.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @throws Error with what `ip` said. */
function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Several commands in one process: starting it is what takes the time. */
function batch(namespace: string, commands: readonly string[]): void {
  execFileSync('ip', ['-n', namespace, '-batch', '-'], {
    input: `${commands.join('\n')}\n`,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

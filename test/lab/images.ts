/**
 * Builds images by their Dockerfiles with Debian's buildah, from a base of this machine's own files, and runs them as
 * Docker does with `--read-only --cap-drop ALL --security-opt no-new-privileges --network host`. Nothing is pulled.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Finished } from './netns.ts';

const run = promisify(execFile);
const BASE = 'localhost/base';

export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface Image {
  readonly config: ImageConfig;
  /** The folder with its files. */
  readonly root: string;
  /** Starts its command, as process 1 of a container. */
  start(args: readonly string[], settings?: ContainerSettings): ChildProcess;
  /** Runs its command to its end; a failure is a value. */
  run(args: readonly string[], settings?: ContainerSettings): Promise<Finished>;
}

export interface ContainerSettings {
  /** In the place of the image's own. */
  readonly entrypoint?: readonly string[];
  readonly stdin?: 'ignore' | 'pipe';
  /** Folder of the container → folder of this machine, which is read-only there. */
  readonly volumes?: Readonly<Record<string, string>>;
}

export interface BuildSettings {
  readonly args?: Readonly<Record<string, string>>;
  /** Folder of the build → folder of this machine, which is read-only there. */
  readonly volumes?: Readonly<Record<string, string>>;
}

export interface Builder {
  /** Builds the folder's Dockerfile. Each `FROM` is the base, whatever its default is. */
  build(folder: string, baseArg: string, settings?: BuildSettings): Promise<Image>;
  close(): void;
}

/** @returns why no image can be built on this machine, or `null`. */
export function whyNoImages(): string | null {
  if (process.getuid?.() !== 0) return 'images are built by root';
  for (const program of ['buildah', 'apt-cache', 'setpriv']) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    } catch {
      return `${program} is not installed`;
    }
  }
  return null;
}

/** Makes the base image, in a store of its own. */
export async function startBuilder(): Promise<Builder> {
  const store = mkdtempSync(join(tmpdir(), 'mailcheck-images-'));
  // In memory, where layers need no copies: overlayfs cannot lie on itself, as the files of a container in CI do.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', store]);
  const close = (): void => {
    process.off('exit', close);
    execFileSync('umount', ['--recursive', '--lazy', store]);
    rmSync(store, { recursive: true, force: true });
  };
  process.once('exit', close);
  const buildah = async (...args: readonly string[]): Promise<string> => {
    const where = ['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--storage-driver', 'overlay'];
    const { stdout } = await run('buildah', [...where, ...args], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  };
  try {
    const container = await buildah('from', 'scratch');
    const script = fileURLToPath(new URL('./base-image.sh', import.meta.url));
    await run(script, [await buildah('mount', container), process.execPath]);
    await buildah('commit', '--quiet', '--rm', '--disable-compression', container, BASE);
  } catch (error) {
    close();
    throw error;
  }
  return {
    close,
    async build(folder, baseArg, { args = {}, volumes = {} } = {}) {
      const options = [
        ...Object.entries({ ...args, [baseArg]: BASE }).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
        ...Object.entries(volumes).flatMap(([inside, outside]) => ['--volume', `${outside}:${inside}:ro`]),
      ];
      const id =
        (await buildah('build', '--quiet', '--pull-never', '--isolation', 'chroot', ...options, folder))
          .split('\n')
          .at(-1) ?? '';
      const root = await buildah('mount', await buildah('from', '--pull-never', id));
      const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', id));
      const config: ImageConfig = OCIv1.config;
      return {
        config,
        root,
        start: (args, settings) => start(root, config, args, settings),
        run: (args, settings) => finished(start(root, config, args, settings)),
      };
    },
  };
}

/**
 * The root is read-only, with nothing to write in it. The process is the first of its own tree, belongs to the image's
 * user, has no capability and can get none.
 */
const CONTAINER = `set -e
root=$1 user=$2 folder=$3 volumes=$4
shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
for device in null zero urandom; do
  test -e "$root/dev/$device" || : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
for volume in $volumes; do
  mkdir -p "$root\${volume#*=}"
  mount --bind "\${volume%%=*}" "$root\${volume#*=}"
  mount -o remount,bind,ro "$root\${volume#*=}"
done
mount -o remount,bind,ro "$root"
exec chroot "$root" setpriv --reuid "\${user%:*}" --regid "\${user#*:}" --clear-groups --no-new-privs \
  --inh-caps=-all --ambient-caps=-all --bounding-set=-all env --chdir="$folder" -i "$@"`;

function start(root: string, config: ImageConfig, args: readonly string[], settings: ContainerSettings = {}) {
  const { volumes = {}, entrypoint = config.Entrypoint, stdin = 'ignore' } = settings;
  const mounted = Object.entries(volumes).map(([inside, outside]) => `${outside}=${inside}`);
  const given = [root, config.User, config.WorkingDir ?? '/', mounted.join(' ')];
  const command = ['sh', '-c', CONTAINER, 'sh', ...given, ...config.Env, ...entrypoint, ...args];
  const tree = ['--mount', '--pid', '--fork', '--kill-child'];
  return spawn('unshare', [...tree, ...command], { stdio: [stdin, 'pipe', 'pipe'] });
}

/** Waits for the end of a process that `start` began. */
export async function finished(child: ChildProcess): Promise<Finished> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream]?.on('data', (chunk) => (said[stream] += chunk));
  const [code] = await once(child, 'close');
  return { code, ...said };
}

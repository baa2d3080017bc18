/**
 * Debian packages for the lab without installing them: each set goes into a layer of its own over this machine's files
 * (overlayfs), so that mail servers whose packages exclude each other stand side by side and nothing here changes.
 */

import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Finished, Host, RunSettings } from './netns.ts';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mailcheck-lab');
const INSTALL_TIMEOUT_MS = 300_000;

/** Stacks a directory `up` on this machine's files, in a mount namespace; it is in memory, and gone with that. */
const MAKE_ROOM = 'mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir up work root';
const STACK = `
mount -t overlay overlay -o lowerdir=/,upperdir=up,workdir=work root
mount -t proc proc root/proc
mount --rbind /dev root/dev
`;

/** Services must not be started by their installation (invoke-rc.d asks this file). */
const INSTALL = `set -e
target=$2
test ! -e "$target" || exit 0
${MAKE_ROOM}
${STACK}
printf '#!/bin/sh\\nexit 101\\n' >root/usr/sbin/policy-rc.d
chmod +x root/usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
shift 2
install() { chroot root apt-get install -y -q --no-install-recommends "$@"; }
install "$@" || { chroot root apt-get update -q && install "$@"; }
rm -rf up/var/cache/apt up/var/lib/apt/lists up/usr/share/doc up/usr/share/man
rm -rf "$target.new"
cp -a up "$target.new"
mv "$target.new" "$target"
`;

/**
 * @returns the layer that holds these packages. The first process that wants it installs them, over the network, and
 * the others wait for it.
 */
export async function layer(...packages: readonly string[]): Promise<string> {
  const system = readFileSync('/etc/os-release', 'utf8');
  const key = createHash('sha256').update(system).update(packages.join(' ')).digest('hex').slice(0, 12);
  const path = join(cache, `${packages[0] ?? 'empty'}-${key}`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'mailcheck-layer-'));
  try {
    const args = [`${path}.lock`, 'unshare', '--mount', 'sh', '-c', INSTALL, 'sh', work, path, ...packages];
    await promisify(execFile)('flock', args, { timeout: INSTALL_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @returns a layer for each of these packages, by the names given. They are installed side by side. */
export async function layersOf<Name extends string>(
  packages: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, string>>> {
  const names = Object.keys(packages) as Name[];
  const paths = await Promise.all(names.map((name) => layer(packages[name])));
  return Object.fromEntries(names.map((name, index) => [name, paths[index]])) as Record<Name, string>;
}

/** This machine with a layer and some files over it, in the place of a host of the net. */
export interface Machine {
  run(command: readonly string[], settings?: RunSettings): Promise<Finished>;
  start(command: readonly string[], options?: SpawnOptions): ChildProcess;
  close(): void;
}

const ENTER = `set -e
${MAKE_ROOM}
cp -a "$2/." up/
cp -aL /etc/resolv.conf resolv.conf
${STACK}
rm -f root/etc/resolv.conf
cp resolv.conf root/etc/resolv.conf
cp -a "$3/." root/
shift 3
exec chroot root "$@"
`;

/** What is written inside is seen by that program alone, and gone with it. */
export function machine(host: Host, path: string, files: Readonly<Record<string, string>> = {}): Machine {
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-machine-'));
  const work = join(directory, 'work');
  const own = join(directory, 'files');
  mkdirSync(work);
  mkdirSync(own);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), text);
  }
  const inside = (command: readonly string[]) => ['sh', '-c', ENTER, 'sh', work, path, own, ...command];
  return {
    run: (command, settings) => host.run(inside(command), settings),
    start: (command, options) => host.start(inside(command), options),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

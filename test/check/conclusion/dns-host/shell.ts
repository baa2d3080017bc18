/** Runs commands in a real shell in which every program only writes down what it was given. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOOLS =
  'aws az curl doctl dnsimple gcloud hcloud knotc linode-cli nsd-checkzone nsd-control nsupdate ovhcloud pdnsutil scw vercel vultr-cli editor touch';

/** Writes its name and arguments, each ended by a NUL, then what it reads, and a line end behind a NUL. */
const STUB = `#!/bin/sh
{ for word in "\${0##*/}" "$@"; do printf '%s\\0' "$word"; done
  case "\${0##*/}" in nsupdate) while IFS= read -r line; do printf '%s\\0' "$line"; done;; esac
  printf '\\n'; } >> "$LOG"
`;

/** What commands did. */
export interface Ran {
  /** The programs that were started, each with its arguments and the lines that it read. */
  readonly started: readonly (readonly string[])[];
  /** The files that appeared in the folder. */
  readonly files: readonly string[];
  readonly code: number | null;
  readonly stderr: string;
}

/** @returns what the lines do in an empty folder, with no program but the stubs. */
export function ranInShell(lines: readonly string[]): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-dns-host-'));
  try {
    const [bin, work, log] = ['bin', 'work', 'log'].map((name) => join(folder, name)) as [string, string, string];
    mkdirSync(bin);
    mkdirSync(work);
    writeFileSync(log, '');
    for (const name of TOOLS.split(' ')) {
      writeFileSync(join(bin, name), STUB);
      chmodSync(join(bin, name), 0o755);
    }
    const { status, stderr } = spawnSync('/bin/sh', ['-c', lines.join('\n')], {
      cwd: work,
      env: { PATH: bin, LOG: log, EDITOR: 'editor' },
      encoding: 'utf8',
      timeout: 20_000,
    });
    const started = readFileSync(log, 'latin1')
      .split('\0\n')
      .filter((text) => text !== '')
      .map((text) => text.split('\0'));
    return { started, files: readdirSync(work), code: status, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns what a shell says of lines that it cannot parse. Empty when it parses all of them. */
export function faultsOfShell(lines: readonly string[]): string {
  return spawnSync('/bin/sh', ['-n'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' }).stderr;
}

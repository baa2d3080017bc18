/** Judges what is printed to be pasted: a shell that parses it, a shell that runs it, and a name server that loads it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns what a shell says of lines that it cannot parse. Empty when it parses all of them. */
export function parseFaults(lines: readonly string[]): string {
  const { stderr } = spawnSync('bash', ['-n'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  return stderr;
}

/** The programs that the commands of a report start. Each only writes down what it was given. */
const STUBS = (
  'mailcheck postconf postfix systemctl openssl certbot aws az gcloud doctl hcloud linode-cli vultr-cli scw ovhcloud oci upctl ' +
  'whois dig curl grep make smtpd exim zqxtrap touch sh reboot'
).split(' ');

const STUB = '#!/bin/bash\nfor word in "$0" "$@"; do printf "%s\\0" "$word"; done >> "$LOG"\nprintf "\\n" >> "$LOG"\n';

/** What a command did when it ran. */
export interface Ran {
  /** The programs that were started, each with its arguments. */
  readonly started: readonly (readonly string[])[];
  /** The files that appeared in its folder. */
  readonly files: readonly string[];
}

/** @returns what a command does in an empty folder, with no program but the stubs, and without a network where possible. */
export function ran(command: string): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-pasted-'));
  try {
    const [bin, work, log] = ['bin', 'work', 'log'].map((name) => join(folder, name)) as [string, string, string];
    mkdirSync(bin);
    mkdirSync(work);
    writeFileSync(log, '');
    for (const name of STUBS) {
      writeFileSync(join(bin, name), STUB);
      chmodSync(join(bin, name), 0o755);
    }
    const env = { PATH: bin, LOG: log, HOME: work };
    const shell = ['/usr/bin/bash', '--norc', '-c', command];
    const isolated = spawnSync('unshare', ['-n', 'true']).status === 0 ? ['/usr/bin/unshare', '-n', ...shell] : shell;
    const [file = '', ...args] = isolated;
    spawnSync(file, args, { cwd: work, env, stdio: 'ignore', timeout: 20_000 });
    const started = readFileSync(log, 'utf8')
      .split('\0\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\0').map((word) => word.replace(`${bin}/`, '')));
    return { started, files: readdirSync(work) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the checker of BIND is installed. */
export const hasChecker = spawnSync('named-checkzone', ['-v']).status === 0;

/** @returns what a name server says of the lines of a zone file that it refuses. Empty when it loads all of them. */
export function loadFaults(lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-zone-'));
  try {
    const file = join(folder, 'zone');
    const head = [
      '$TTL 300',
      '. IN SOA ns.example. h.example. 1 2 3 4 5',
      '. IN NS ns.example.',
      'ns.example. IN A 192.0.2.53',
    ];
    writeFileSync(file, `${[...head, ...lines].join('\n')}\n`);
    execFileSync('named-checkzone', ['-i', 'none', '-k', 'fail', '-m', 'fail', '.', file], { stdio: 'pipe' });
    return '';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: Buffer | string; stderr?: Buffer | string };
    return `${stdout}${stderr}` || 'refused';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

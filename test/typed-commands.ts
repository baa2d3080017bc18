/** The commands that the pages and the help have people type, and a shell that runs them in the test world. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { selfSigned } from './world/certificates.ts';
import { scenes } from './world/scenes.ts';
import { CLI, startWorld } from './world/world.ts';

/** The fenced blocks of a page, with their language. It is empty where the page gives none. */
export function blocksIn(markdown: string): { language: string; text: string }[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/**
 * @returns the lines of the fenced blocks that type the command, without what the page says of them behind it. The hosts
 *   of the demo that fail are left out, since the test world of these commands has the healthy one alone.
 */
export function typedIn(markdown: string): string[] {
  return blocksIn(markdown).flatMap(({ text }) =>
    text
      .split('\n')
      .map((line) => line.replace(/^\$ /, '').trim())
      .filter((line) => /^(?:mailcheck|node dist\/cli\.js)(?: |$)/.test(line))
      .filter((line) => !/^mailcheck (?:records )?example\.(?:net|org)\b/.test(line))
      .map((line) => line.replace(/ {2,}.*| \|\|.*| \| .*/, '')),
  );
}

export interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Shell {
  readonly folder: string;
  type(command: string): Promise<Typed>;
  close(): Promise<void>;
}

const SPF_RECORD = 'example.com. 300 IN TXT "v=spf1 ip4:203.0.113.5 -all"\n';

/** The world is outside the host, unless the command says that it runs there. */
const OUTSIDE = ['--vantage', 'outside'];

/**
 * Starts a shell in an empty folder, where `mailcheck` and `node dist/cli.js` are the built command. What needs a network
 * is led into the world of the demo's healthy host.
 */
export async function startShell(): Promise<Shell> {
  const world = await startWorld(scenes.healthy.world);
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-typed-'));
  const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
  const built = quoted([process.execPath, CLI]);
  const at = world.args.indexOf(OUTSIDE[0] ?? '');
  const onHost = [...world.args.slice(0, at), ...world.args.slice(at + OUTSIDE.length)];
  const files = {
    mailcheck: `#!/bin/sh
case " $* " in
  # No Redis is here: the lab has one.
  *" --queue "*) exec ${built} "$1" --help ;;
  *" --replay "*|*" --help "*|*" --print-config "*) exec ${built} "$@" ;;
  *" --on-host "*) exec ${built} "$@" ${quoted(onHost)} ;;
esac
case $1 in
  # It runs until a signal ends it: test/cli/watch.test.ts sends one.
  watch) exec ${built} watch --help ;;
  # It waits for a client: test/cli/mcp.test.ts is one.
  mcp) exec ${built} mcp --help ;;
  providers|dns-hosts|lint|explain|completion|help) exec ${built} "$@" ;;
  init) cd "$(mktemp -d "$PWD/init-XXXXXX")" && exec ${built} "$@" --dns ${world.dns.server} ;;
  spf|pool|records) exec ${built} "$@" --dns ${world.dns.server} ;;
esac
exec ${built} "$@" ${quoted(world.args)}
`,
    // In a checkout, `node dist/cli.js` is the command.
    node: '#!/bin/sh\nshift\nexec mailcheck "$@"\n',
    'hosts.csv': 'domain,ips,tags\nexample.com,203.0.113.5,prod\n',
    'new.zone': SPF_RECORD,
    'example.com.zone': SPF_RECORD,
    'dns/example.com.zone': SPF_RECORD,
    'bounce.eml': '550-5.7.25 This message was blocked because the sending IP address does not have a PTR record\r\n',
    'fullchain.pem': selfSigned({ names: ['mail.example.com'] }).certificate,
    'sent.eml': 'From: user@example.com\r\nTo: you@example.net\r\nSubject: a test\r\n\r\nHello\r\n',
  };
  mkdirSync(join(folder, 'dns'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (const name of ['mailcheck', 'node']) chmodSync(join(folder, name), 0o755);
  return {
    folder,
    async type(command) {
      // No question may leave this machine.
      const local = command.replace('--dns 192.0.2.53 ', '').replace(/^source <\((.*)\)$/, '$1');
      const run = promisify(execFile)('bash', ['-c', local], {
        cwd: folder,
        env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, NO_COLOR: '1' },
      });
      return run.then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (error: Typed) => error,
      );
    },
    async close() {
      await world.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a fleet says on stderr where it writes its targets to a file: the totals. */
export const TOTALS = /^mailcheck: \d+ targets? in \d+ s: .+\n/;

/** Whether the command writes its report to a file instead of the terminal. */
export const isFiled = (command: string): boolean => / > |--output |(?:-f|--format) \w+=/.test(command);

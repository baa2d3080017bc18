/**
 * Compares open relay tests: mailcheck and nmap's smtp-open-relay script, on the same real mail servers in one run. It
 * prints the verdict of each tool about each host, the number of ways to relay that it tries, and its time.
 */
import { layer, type Machine, machine } from '../test/lab/layers.ts';
import { domainOf, type MailLab, type ServerId, servers, startMailServers } from '../test/lab/mail-servers.ts';
import { whyNoNet } from '../test/lab/netns.ts';
import { median } from './table.ts';

type Verdict = 'open' | 'closed' | 'unknown';

interface Answer {
  readonly verdict: Verdict;
  /** The tool's own words. */
  readonly said: string;
  readonly ms: number;
}

/** The truth about each host. It is `unknown` for a host that an outsider cannot test at that moment. */
const TRUTH: Readonly<Partial<Record<ServerId, { readonly truth: Verdict; readonly what: string }>>> = {
  closed: { truth: 'closed', what: 'Postfix, closed' },
  closedexim: { truth: 'closed', what: 'Exim, closed' },
  opensmtpd: { truth: 'closed', what: 'OpenSMTPD, closed' },
  catchall: { truth: 'closed', what: 'Postfix, catch-all' },
  open: { truth: 'open', what: 'Exim, open' },
  openpostfix: { truth: 'open', what: 'Postfix, open' },
  openopensmtpd: { truth: 'open', what: 'OpenSMTPD, open' },
  spoof: { truth: 'open', what: 'Postfix, open to its own senders’ names' },
  greylist: { truth: 'unknown', what: 'Exim, greylisting everybody' },
  refusing: { truth: 'unknown', what: 'Postfix, 554 to this client' },
  silent: { truth: 'unknown', what: 'nothing listens' },
};

const ROUNDS = 3;
/** The number of ways that nmap tries: the 16 combinations of sender and recipient in the script's source. */
const NMAP_WAYS = 16;

interface Tool {
  readonly name: string;
  readonly ask: (id: ServerId) => Promise<Omit<Answer, 'ms'>>;
}

const why = whyNoNet();
if (why !== null) {
  console.error(`bench:relay cannot run: ${why}`);
  process.exit(2);
}

const ids = Object.keys(TRUTH) as ServerId[];
const lab = await startMailServers(ids);
const nmapMachine = machine(lab.prober, await layer('nmap'));
let ways = 0;
try {
  await report([
    { name: 'mailcheck', ask: (id) => mailcheck(lab, id, []) },
    { name: 'mailcheck, a pause of 1 s', ask: (id) => mailcheck(lab, id, ['--probe-pause', '1']) },
    { name: 'nmap', ask: (id) => nmap(nmapMachine, id) },
  ]);
} finally {
  await lab.close();
  nmapMachine.close();
}

async function mailcheck(
  { prober, dns }: MailLab,
  id: ServerId,
  options: readonly string[],
): Promise<Omit<Answer, 'ms'>> {
  const server = servers[id];
  const args = [domainOf(server), server.ip, '--only', 'open-relay', '--dns', dns, '--allow-private'];
  const more = ['--vantage', 'outside', '--timeout', '120', '-q', '-f', 'json', ...options];
  const cli = process.env.MAILCHECK_CLI ?? 'dist/cli.js';
  const { stdout } = await prober.run([process.execPath, cli, ...args, ...more]);
  const rule = (JSON.parse(stdout) as Reported).rules.find((candidate) => candidate.id === 'open-relay');
  ways = Math.max(ways, Number(/^(\d+) ways/.exec(rule?.note ?? '')?.[1] ?? 0));
  const verdicts = { pass: 'closed', fail: 'open' } as const;
  const status = rule?.status ?? '';
  const verdict = status === 'pass' || status === 'fail' ? verdicts[status] : 'unknown';
  return { verdict, said: rule?.findings[0]?.code ?? status };
}

interface Reported {
  readonly rules: readonly {
    readonly id: string;
    readonly status: string;
    readonly note?: string;
    readonly findings: readonly { readonly code: string }[];
  }[];
}

async function nmap(host: Machine, id: ServerId): Promise<Omit<Answer, 'ms'>> {
  const scriptArgs = 'smtp-open-relay.domain=example.org,smtp-open-relay.to=you,smtp-open-relay.from=probe';
  const command = ['nmap', '-Pn', '-n', '-p25', '--script', 'smtp-open-relay', '--script-args', scriptArgs];
  const { stdout } = await host.run([...command, servers[id].ip]);
  const said = /smtp-open-relay: (.*)/.exec(stdout)?.[1]?.trim() ?? 'says nothing';
  if (/is an open relay/.test(said)) return { verdict: 'open', said };
  return { verdict: /doesn't seem to be an open relay/.test(said) ? 'closed' : 'unknown', said };
}

async function report(tools: readonly Tool[]): Promise<void> {
  const answers = new Map<string, Map<ServerId, Answer>>(tools.map(({ name }) => [name, new Map()]));
  for (const id of ids) {
    const times = new Map<string, number[]>(tools.map(({ name }) => [name, []]));
    // The tools take turns, so that a slow moment of the machine affects all of them.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { name, ask } of tools) {
        const started = performance.now();
        const answer = await ask(id);
        times.get(name)?.push(performance.now() - started);
        answers.get(name)?.set(id, { ...answer, ms: median(times.get(name) ?? []) });
      }
    }
  }
  const head = ['Host', 'Truth', ...tools.map(({ name }) => name)];
  const rows = ids.map((id) => {
    const row = TRUTH[id];
    const cells = tools.map(({ name }) => cell(answers.get(name)?.get(id), row?.truth ?? 'unknown'));
    return [row?.what ?? id, row?.truth ?? '', ...cells];
  });
  const wrong = tools.map(({ name }) =>
    ids.filter((id) => isWrong(answers.get(name)?.get(id)?.verdict, TRUTH[id]?.truth)).length.toString(),
  );
  const totals = tools.map(({ name }) => sum([...(answers.get(name)?.values() ?? [])].map(({ ms }) => ms)));
  const nmapTotal = totals.at(-1) ?? 0;
  console.log(`Open relay, ${ids.length} real servers; median of ${ROUNDS} rounds; "!" marks a false verdict\n`);
  printTable([
    head,
    ...rows,
    ['Ways to relay tried', '', String(ways), String(ways), String(NMAP_WAYS)],
    ['False verdicts', '', ...wrong],
    ['Time for all', '', ...totals.map((ms) => `${(ms / 1000).toFixed(1)} s`)],
    ['Time, nmap = 1', '', ...totals.map((ms) => (ms / nmapTotal).toFixed(2))],
  ]);
}

/** Returns whether a verdict is false. "unknown" is never false, even if the truth could be known. */
function isWrong(verdict: Verdict | undefined, truth: Verdict | undefined): boolean {
  return verdict !== 'unknown' && verdict !== truth;
}

function cell(answer: Answer | undefined, truth: Verdict): string {
  if (answer === undefined) return '';
  const mark = isWrong(answer.verdict, truth) ? '! ' : '';
  return `${mark}${answer.verdict}, ${(answer.ms / 1000).toFixed(1)} s`;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows)
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

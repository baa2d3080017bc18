/**
 * Compares tools for block list lookups, on the same zones (rbldnsd and BIND), with the same faults and the same wire.
 * It prints what each tool reports, and how fast it is. README.md explains the method.
 */
import { emptyDefaultLists, LISTS, type ListLab, RESOLVER, startLists, whyNoLists } from '../test/lab/lists-servers.ts';
import type { Reading } from './lists-driver.ts';
import { median, table } from './table.ts';

const TOOLS = ['mailcheck', 'dnsbl.batch', 'adnshost', 'c-ares loop'] as const;
const DELAY_MS = 20;
const ROUNDS = 9;

type Truth = 'listed' | 'clean' | 'unknown';

/** The cases: an address, a list, and the result that a correct tool reports. */
const CASES: readonly { what: string; zone: string; ip: string; truth: Truth }[] = [
  { what: 'listed', zone: 'zen.spamhaus.org', ip: '203.0.113.3', truth: 'listed' },
  { what: 'not listed', zone: 'zen.spamhaus.org', ip: '203.0.113.5', truth: 'clean' },
  { what: 'a refusal beside a listing', zone: 'zen.spamhaus.org', ip: '203.0.113.14', truth: 'unknown' },
  { what: 'refuses this resolver by code', zone: 'sbl.spamhaus.org', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'lists everything', zone: 'wild.example', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'parked', zone: 'parked.example', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'empty, without its test entry', zone: 'empty.example', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'SERVFAIL', zone: 'servfail.example', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'REFUSED', zone: 'refused.example', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'silent', zone: 'silent.example', ip: '203.0.113.5', truth: 'unknown' },
  { what: 'an allow list', zone: 'list.dnswl.org', ip: '203.0.113.7', truth: 'listed' },
];

async function read(lab: ListLab, tool: string, rounds: number, zones: readonly string[], ips: readonly string[]) {
  const driver = `${process.env.MAILCHECK_BENCH_DRIVERS}lists-driver.mjs`;
  const command = [process.execPath, driver, tool, RESOLVER, String(rounds), zones.join(','), ips.join(',')];
  const { code, stdout, stderr } = await lab.client.run(command);
  if (code !== 0) throw new Error(`${tool}: ${stderr}`);
  const reading: Reading = JSON.parse(stdout);
  return reading;
}

/** Judges a tool's report. A result is wrong if it says "listed" or "clean" and the truth is another. */
function judge(said: string, truth: Truth): 'right' | 'false clean' | 'false listing' {
  const meant: Truth = said === 'listed' ? 'listed' : said === 'clean' ? 'clean' : 'unknown';
  if (meant === truth || (meant === 'unknown' && truth === 'unknown')) return 'right';
  return meant === 'listed' ? 'false listing' : 'false clean';
}

async function whoSaysWhat(): Promise<void> {
  const lab = await startLists(LISTS);
  try {
    const wrong = new Map(TOOLS.map((tool) => [tool, { 'false clean': 0, 'false listing': 0 }]));
    const rows = await inTurn(CASES, async ({ what, zone, ip, truth }) => {
      const cells = await inTurn(TOOLS, async (tool) => {
        const { said, times } = await read(lab, tool, 1, [zone], [ip]);
        const text = said[zone] ?? 'nothing';
        const verdict = judge(text, truth);
        const tally = wrong.get(tool);
        if (verdict !== 'right' && tally) tally[verdict] += 1;
        const seconds = (times[0] ?? 0) > 1000 ? ` in ${((times[0] ?? 0) / 1000).toFixed(1)} s` : '';
        return `${verdict === 'right' ? ' ' : '!'} ${text}${seconds}`;
      });
      return [what, truth, ...cells];
    });
    const totals = (kind: 'false clean' | 'false listing'): string[] =>
      TOOLS.map((tool) => `  ${wrong.get(tool)?.[kind] ?? 0}`);
    const sums = [
      ['false clean', '', ...totals('false clean')],
      ['false listing', '', ...totals('false listing')],
    ];
    process.stdout.write(`Who reports what\n\n${table(['the list', 'truth', ...TOOLS], [...rows, ...sums])}\n\n`);
  } finally {
    await lab.close();
  }
}

async function howFast(): Promise<void> {
  const datasets = emptyDefaultLists();
  const zones = Object.entries(datasets)
    .filter(([, files]) => 'ip4set' in files)
    .map(([zone]) => zone);
  const lab = await startLists(datasets, { delayMs: DELAY_MS });
  try {
    const pools: [string, string[]][] = [
      ['1 address', ['203.0.113.5']],
      ['16 addresses', Array.from({ length: 16 }, (_, index) => `203.0.113.${index + 100}`)],
    ];
    const rows = await inTurn(pools, async ([name, ips]) => {
      // The first round of each tool does not count, because it fills the resolver's cache and compiles code.
      const medians = await inTurn(TOOLS, async (tool) =>
        median((await read(lab, tool, ROUNDS + 1, zones, ips)).times.slice(1)),
      );
      const [own = Number.NaN] = medians;
      return [
        `${name}, ${zones.length} lists`,
        ...medians.map((ms) => `${ms.toFixed(1)} ms (${(ms / own).toFixed(2)})`),
      ];
    });
    const title = `How fast, all lists working, ${DELAY_MS} ms to the resolver (${lab.delayedBy}), median of ${ROUNDS}, ratio to mailcheck`;
    process.stdout.write(`${title}\n\n${table(['', ...TOOLS], rows)}\n`);
  } finally {
    await lab.close();
  }
}

async function inTurn<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}

const why = whyNoLists();
if (why !== null) {
  process.stderr.write(`bench:lists needs root, rbldnsd and bind9: ${why}\n`);
  process.exitCode = 1;
} else {
  await whoSaysWhat();
  await howFast();
}

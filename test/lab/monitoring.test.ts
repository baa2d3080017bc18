/**
 * What monitoring reads of a fleet, as its readers take it: the overview of 2 000 targets in Chromium, and metrics, alert
 * rules and their tests in promtool (Debian's package prometheus).
 */

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/report/status.ts';
import { OVERVIEW_FILE, overviewFoot, overviewHead, overviewRow, targetPage } from '../../src/reporters/fleet/html.ts';
import { prometheusText } from '../../src/reporters/fleet/prometheus.ts';
import { entry, finding, report, summary } from '../reporters/fleet/entries.ts';
import { type Chromium, type Page, startChromium, whyNoChromium } from './chromium.ts';

const PROMTOOL = '/usr/bin/promtool';
const reason = existsSync(PROMTOOL) ? whyNoChromium() : `${PROMTOOL} is not installed`;
if (reason !== null) throw new Error(`Monitoring cannot be tested: ${reason}`);

const MONITORING = fileURLToPath(new URL('../../docs/monitoring/', import.meta.url));
const TARGETS = 2000;
const HOSTILE = '"><script>document.title="gone"</script>';

const directory = mkdtempSync(join(tmpdir(), 'mailcheck-fleet-'));
const file = join(directory, OVERVIEW_FILE);
let chromium: Chromium;

beforeAll(async () => {
  const verdicts: readonly Verdict[] = ['pass', 'warn', 'fail', 'inconclusive'];
  const counts = { pass: TARGETS / 4, warn: TARGETS / 4, fail: TARGETS / 4, inconclusive: TARGETS / 4 };
  const sums = summary(HOSTILE, { verdicts: counts });
  writeFileSync(file, overviewHead(sums));
  for (let number = 0; number < TARGETS; number += 1) {
    const verdict = verdicts[number % 4] ?? 'pass';
    const codes = ['ptr/missing', 'spf/missing', 'dmarc/missing', 'dkim/none-exist', 'mx/none', 'helo/not-fqdn'];
    const findings = verdict === 'pass' ? [] : codes.map((code) => finding(code, 'error'));
    const of = report(`host${number}.example.com`, verdict, findings, [`192.0.2.${number % 250}`, '2001:db8::5']);
    const one = entry(number, of, number % 100 === 0 ? ['paris', HOSTILE] : ['berlin']);
    if (number === 2) writeFileSync(join(directory, 'target.html'), targetPage(one));
    appendFileSync(file, overviewRow(one));
  }
  appendFileSync(file, overviewFoot(sums));
  chromium = await startChromium();
});

afterAll(async () => {
  await chromium?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function opened<T>(width: number, look: (page: Page) => Promise<T>): Promise<T> {
  const page = await chromium.open(file, { width });
  try {
    return await look(page);
  } finally {
    await page.close();
  }
}

const VISIBLE = '[...document.getElementById("rows").rows].filter((row) => row.checkVisibility()).length';
const SHOWN = 'document.getElementById("shown").textContent';
/** Types into the filter, and lays the page out again. */
const typed = (text: string): string =>
  `(() => { const box = document.getElementById('filter'); box.value = ${JSON.stringify(text)};` +
  " box.dispatchEvent(new Event('input')); document.body.offsetHeight; })()";

/** The seconds of a processor that the page has taken so far. On a busy machine those of a clock are others. */
async function secondsOf(page: Page): Promise<number> {
  await page.send('Performance.enable', { timeDomain: 'threadTicks' });
  const { metrics } = await page.send('Performance.getMetrics');
  const found = (metrics as { name: string; value: number }[]).find(({ name }) => name === 'ThreadTime');
  return found?.value ?? Number.NaN;
}

describe('the overview of 2 000 targets', () => {
  test('loads within 2 s, and the filter works', async () => {
    await opened(1280, async (page) => {
      expect(await secondsOf(page)).toBeLessThan(2);
      expect(await page.evaluate(VISIBLE)).toBe(TARGETS);
      expect(await page.evaluate('document.title')).toBe(`FAIL: ${TARGETS} targets (mailcheck)`);
      expect(await page.evaluate(SHOWN)).toBe('2000 of 2000 targets');
      // By a tag, by a name, and by a finding that the row does not show.
      const before = await secondsOf(page);
      await page.evaluate(typed('Paris'));
      expect((await secondsOf(page)) - before).toBeLessThan(0.5);
      expect(await page.evaluate(VISIBLE)).toBe(20);
      await page.evaluate(typed('host77.'));
      expect(await page.evaluate(VISIBLE)).toBe(1);
      await page.evaluate(typed('helo/not-fqdn berlin'));
      expect(await page.evaluate(VISIBLE)).toBe(1500);
      await page.evaluate('document.getElementById("show-fail").click()');
      expect(await page.evaluate(VISIBLE)).toBe(500);
      expect(await page.evaluate(SHOWN)).toBe('500 of 2000 targets');
      await page.evaluate('document.getElementById("show-all").click()');
      const requests = page.messages.filter(({ method }) => method === 'Network.requestWillBeSent');
      expect(requests.map(({ params }) => params.documentURL)).toEqual([expect.stringMatching(/^file:.*index\.html/)]);
      const remarks = page.messages.filter(({ method }) =>
        /^(Log\.entryAdded|Audits\.issueAdded|Runtime\.(consoleAPICalled|exceptionThrown))$/.test(method),
      );
      expect(remarks).toEqual([]);
      await page.evaluate('document.querySelector("[data-filter=\\"ptr/missing\\"]").click()');
      expect(await page.evaluate(VISIBLE)).toBe(1500);
      await page.evaluate(typed(''));
      expect(await page.evaluate(VISIBLE)).toBe(TARGETS);
    });
  });

  test('without a script, the verdict can be chosen, and there is no box that does nothing', async () => {
    const page = readFileSync(file, 'utf8').replace(/<script>[\s\S]*<\/script>/, '');
    writeFileSync(file, page);
    await opened(360, async (open) => {
      expect(await open.evaluate('document.getElementById("filter").checkVisibility()')).toBe(false);
      await open.evaluate('document.getElementById("show-warn").click()');
      expect(await open.evaluate(VISIBLE)).toBe(TARGETS / 4);
      // On a telephone nothing is wider than the screen.
      expect(await open.evaluate('document.documentElement.scrollWidth')).toBe(360);
    });
  });
});

describe('promtool', () => {
  const promtool = (args: readonly string[], input = ''): string =>
    execFileSync(PROMTOOL, args, { cwd: MONITORING, input, encoding: 'utf8', stdio: 'pipe' });

  test('finds nothing wrong in the metrics, and refuses wrong ones', () => {
    expect(promtool(['check', 'metrics'], prometheusText(summary(HOSTILE)))).toBe('');
    expect(() => promtool(['check', 'metrics'], 'mailcheck_targets{verdict="x} 1\n')).toThrow();
  });

  test('reads the alert rules, and each fires when it should', () => {
    expect(promtool(['check', 'rules', 'mailcheck.rules.yml'])).toContain('SUCCESS');
    expect(promtool(['test', 'rules', 'mailcheck.rules.test.yml'])).toContain('SUCCESS');
  });

  test('reads every query of the dashboard', () => {
    const dashboard = JSON.parse(readFileSync(join(MONITORING, 'grafana-dashboard.json'), 'utf8'));
    const queries = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets);
    expect(queries.length).toBeGreaterThan(10);
    const rules = queries.map(({ expr }: { expr: string }, index: number) => ({ record: `query:q${index}`, expr }));
    const groups = join(directory, 'queries.yml');
    writeFileSync(groups, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    expect(promtool(['check', 'rules', groups])).toContain(`SUCCESS: ${queries.length} rules found`);
  });
});

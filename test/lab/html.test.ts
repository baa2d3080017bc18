/**
 * The html report in a real browser: nothing loaded, run or refused by its policy; no sideways scrolling on a telephone;
 * both schemes; paper. Chromium runs in a namespace without a network (see chromium.ts).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dark, light } from '../../src/reporters/html/palette.ts';
import { readPng } from '../../tools/png.ts';
import { scenes } from '../world/scenes.ts';
import { type Finished, mailcheck, startWorld } from '../world/world.ts';
import { type Chromium, type Page, startChromium, type Viewport, whyNoChromium } from './chromium.ts';

const reason = whyNoChromium();
if (reason !== null) throw new Error(`The html report cannot be opened: ${reason}`);

const directory = mkdtempSync(join(tmpdir(), 'mailcheck-html-'));
const fileOf = (name: string): string => join(directory, `${name}.html`);
let chromium: Chromium;

async function report(scene: keyof typeof scenes, ...options: string[]): Promise<Finished> {
  const running = await startWorld(scenes[scene].world);
  const finished = await mailcheck([...scenes[scene].args, '--format', 'html', ...options, ...running.args]);
  await running.close();
  return finished;
}

beforeAll(async () => {
  chromium = await startChromium();
  const healthy = await report('healthy', '--verbose');
  const fresh = await report('fresh', '--neighbours');
  writeFileSync(fileOf('healthy'), healthy.stdout);
  writeFileSync(fileOf('fresh'), fresh.stdout);
  for (const scene of Object.keys(scenes) as (keyof typeof scenes)[]) {
    writeFileSync(fileOf(`plain-${scene}`), (await report(scene)).stdout);
  }
  // A word without an end, where it would widen the page.
  writeFileSync(fileOf('endless'), fresh.stdout.replaceAll('mail.example.net', `${'m'.repeat(400)}.example.net`));
});

afterAll(async () => {
  await chromium?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function opened<T>(name: string, viewport: Viewport, look: (page: Page) => Promise<T>): Promise<T> {
  const page = await chromium.open(fileOf(name), viewport);
  try {
    return await look(page);
  } finally {
    await page.close();
  }
}

const VIEWPORTS: readonly (readonly [string, Viewport])[] = [
  ['a telephone', { width: 360 }],
  ['a telephone in the dark', { width: 360, scheme: 'dark' }],
  ['a narrow telephone', { width: 320 }],
  ['a tablet', { width: 768 }],
  ['a screen', { width: 1280 }],
  ['paper', { width: 720, media: 'print' }],
];

describe.each(['healthy', 'fresh', 'endless'])('%s', (name) => {
  test.each(VIEWPORTS)('on %s', async (_, viewport) => {
    await opened(name, viewport, async (page) => {
      const [title, width, tree] = await Promise.all([
        page.evaluate('document.title'),
        page.evaluate('document.documentElement.scrollWidth'),
        page.evaluate('document.querySelectorAll("svg.tree text").length'),
      ]);
      expect(title).toMatch(/^(FAIL|WARN|PASS): example\.(com|net) /);
      expect(tree).toBeGreaterThan(1);
      expect(width).toBe(viewport.width);
      // The file itself is the only request, and nothing is said of it.
      const requests = page.messages.filter(({ method }) => method === 'Network.requestWillBeSent');
      expect(requests.map(({ params }) => params.documentURL)).toEqual([`file://${fileOf(name)}`]);
      const remarks = page.messages.filter(({ method }) =>
        /^(Log\.entryAdded|Audits\.issueAdded|Runtime\.(consoleAPICalled|exceptionThrown))$/.test(method),
      );
      expect(remarks).toEqual([]);
    });
  });
});

test('the browser reports what the policy refuses, and what is too wide', async () => {
  await opened('fresh', { width: 360 }, async (page) => {
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<p style="color:red" onclick="x()">x</p>')`);
    await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
    expect(page.messages.some(({ method }) => method === 'Audits.issueAdded')).toBe(true);
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<pre>${'m'.repeat(200)}</pre>')`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeGreaterThan(360);
  });
});

describe('both schemes are painted', () => {
  const schemes = [
    ['light', light],
    ['dark', dark],
  ] as const;
  test.each(schemes)('%s', async (scheme, palette) => {
    const page = await opened('fresh', { width: 1280, scheme }, async (open) => pixels(await open.send(...SCREENSHOT)));
    expect(page.at(2, 2)).toBe(palette.page);
    // A blank page has one colour; text alone has many by its smoothed edges.
    expect(page.colours().size).toBeGreaterThan(50);
    expect(page.colours()).toContain(palette['fail-tint']);
  });
});

describe('what can be done without a script', () => {
  test('one click selects a record, a value or a command whole', async () => {
    await opened('fresh', { width: 1280 }, async (page) => {
      const selectors = ['.step .all', '.step .copy code'];
      for (const selector of selectors) {
        const box = await page.evaluate(
          `(() => { const code = document.querySelectorAll('${selector}')[1]; code.closest('details')?.setAttribute('open', '');` +
            ' code.scrollIntoView({ block: "center" }); const { x, y, height } = code.getBoundingClientRect();' +
            ' return [x + 12, y + height / 2, code.textContent]; })()',
        );
        const [x, y, text] = box as [number, number, string];
        for (const type of ['mousePressed', 'mouseReleased']) {
          await page.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
        }
        expect(await page.evaluate('getSelection().toString()')).toBe(text);
      }
    });
  });

  test('a card unfolds by a click, and by a link into it', async () => {
    const folded = 'document.querySelector("#helo details:not([open]) .finding") !== null';
    for (const act of ['document.querySelector("#helo summary").click()', 'location.hash = "helo-1"']) {
      await opened('fresh', { width: 1280 }, async (page) => {
        expect(await page.evaluate(folded)).toBe(true);
        await page.evaluate(act);
        expect(await page.evaluate(folded)).toBe(false);
      });
    }
  });
});

describe('paper', () => {
  test('shows what is open and folds what passed, black on white also where the screen is dark', async () => {
    await opened('fresh', { width: 720, scheme: 'dark', media: 'print' }, async (page) => {
      const hidden = (selector: string): string =>
        `[...document.querySelectorAll("${selector}")].filter((element) => !element.checkVisibility({ contentVisibilityAuto: true }) || element.getBoundingClientRect().height === 0).length`;
      const open = '.card:not(.pass) .finding .message';
      expect(await page.evaluate(`document.querySelectorAll("${open}").length`)).toBeGreaterThan(3);
      expect(await page.evaluate(hidden(open))).toBe(0);
      expect(await page.evaluate(hidden('.step .copy:not(.fold *), .step .gone, .step .records'))).toBe(0);
      const folded = await page.evaluate(hidden('.card.pass .finding .message'));
      expect(folded).toBeGreaterThan(0);
      expect(folded).toBe(await page.evaluate('document.querySelectorAll(".card.pass .finding .message").length'));
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
      expect(await page.evaluate('getComputedStyle(document.body).color')).toBe(rgb(light.text));
    });
  });

  test.each(Object.keys(scenes))('the report of the demo host "%s" has at most 4 pages of A4', async (scene) => {
    const { data } = await opened(`plain-${scene}`, { width: 1280, media: 'print' }, (page) =>
      page.send('Page.printToPDF', { printBackground: true, paperWidth: 8.27, paperHeight: 11.69 }),
    );
    const pdf = Buffer.from(String(data), 'base64').toString('latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    const pages = Number(/\/Count (\d+)/.exec(pdf)?.[1]);
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThanOrEqual(4);
  });
});

const CLIP = { x: 0, y: 0, width: 1280, height: 400, scale: 1 };
const SCREENSHOT = ['Page.captureScreenshot', { format: 'png', clip: CLIP }] as const;

function rgb(colour: string): string {
  const parts = (colour.slice(1).match(/../g) ?? []).map((part) => Number.parseInt(part, 16));
  return `rgb(${parts.join(', ')})`;
}

interface Pixels {
  /** `#rrggbb` */
  at(x: number, y: number): string;
  colours(): Set<string>;
}

function pixels({ data }: Readonly<Record<string, unknown>>): Pixels {
  const { width, height, pixels: bytes } = readPng(Buffer.from(String(data), 'base64'));
  const at = (x: number, y: number): string => {
    const start = 3 * (y * width + x);
    return `#${Buffer.from(bytes.subarray(start, start + 3)).toString('hex')}`;
  };
  return {
    at,
    colours: () =>
      new Set(Array.from({ length: width * height }, (_, pixel) => at(pixel % width, Math.floor(pixel / width)))),
  };
}

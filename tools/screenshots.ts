/**
 * Takes the screenshots of the HTML report, in light and dark. They need Chromium, which not everybody has. So a file
 * beside them holds the digest of the report that they show, and the digest of each image.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, startChromium, whyNoChromium } from '../test/lab/chromium.ts';
import { withPalette } from './png.ts';

const images = new URL('../docs/images/', import.meta.url);
const DIGESTS = 'report.sha256.json';
const SCHEMES = ['light', 'dark'] as const;

/** The part of the report that is shown, in CSS pixels, and the pixels of the image for each of them. */
const [WIDTH, HEIGHT, SCALE] = [960, 720, 1.5];

/** System fonts differ from machine to machine. These come with Chromium in Debian. */
const FONTS = { text: 'DejaVu Sans', code: 'DejaVu Sans Mono' };

interface Digests {
  /** Of the HTML report. */
  readonly report: string;
  /** Name of the file → digest of the image. */
  readonly images: Readonly<Record<string, string>>;
}

const nameOf = (scheme: string): string => `report-${scheme}.png`;

/**
 * @param html the report as it is now.
 * @param folder where the images are.
 * @returns why the screenshots are not those of this report, or `null` if they are.
 */
export function whyOutdated(html: string, folder = images): string | null {
  const kept = new URL(DIGESTS, folder);
  if (!existsSync(kept)) return `docs/images/${DIGESTS} does not exist`;
  const digests = JSON.parse(readFileSync(kept, 'utf8')) as Digests;
  if (digests.report !== digestOf(html)) return 'docs/images/report-*.png show another report';
  const changed = SCHEMES.map(nameOf).filter((name) => {
    const file = new URL(name, folder);
    return !existsSync(file) || digests.images[name] !== digestOf(readFileSync(file));
  });
  return changed.length === 0 ? null : `docs/images/${changed[0]} is not the image that was taken`;
}

/**
 * Takes the screenshots again if they show another report.
 *
 * @returns why it could not, or `null`. The old images are then kept.
 */
export async function takeScreenshots(html: string): Promise<string | null> {
  if (whyOutdated(html) === null) return null;
  const reason = whyNoChromium();
  if (reason !== null) return reason;
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-screenshots-'));
  const chromium = await startChromium();
  try {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const taken: Record<string, string> = {};
    for (const scheme of SCHEMES) {
      const page = await chromium.open(file, { width: WIDTH, height: HEIGHT, scheme });
      const image = withPalette(await screenshot(page));
      await page.close();
      writeFileSync(new URL(nameOf(scheme), images), image);
      taken[nameOf(scheme)] = digestOf(image);
    }
    const digests: Digests = { report: digestOf(html), images: taken };
    writeFileSync(new URL(DIGESTS, images), `${JSON.stringify(digests, null, 2)}\n`);
    return null;
  } finally {
    await chromium.close();
    rmSync(folder, { recursive: true });
  }
}

async function screenshot(page: Page): Promise<Buffer> {
  const metrics = { width: WIDTH, height: HEIGHT, deviceScaleFactor: SCALE, mobile: false };
  await page.send('Emulation.setDeviceMetricsOverride', metrics);
  // The policy of the report refuses a <style> of others, but not a sheet that DevTools constructs.
  const style = `* { font-family: "${FONTS.text}" !important } code, pre, .mono { font-family: "${FONTS.code}" !important }`;
  await page.evaluate(
    `{ const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(style)}); document.adoptedStyleSheets = [sheet]; }`,
  );
  const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
  return Buffer.from(String(data), 'base64');
}

function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Runs the built mailcheck against the demo's fresh cloud address. README, guides and images show what it prints. */
import { scenes } from '../test/world/scenes.ts';
import { mailcheck, startWorld } from '../test/world/world.ts';

export interface DemoReport {
  /** The command, as a user types it. */
  readonly command: string;
  /** The report for a terminal with its escape sequences for colours. */
  readonly colored: string;
  /** The report for a browser. */
  readonly html: string;
}

/** @returns the reports. Fixed values replace those that differ between runs. */
export async function demoReport(): Promise<DemoReport> {
  const { args, world } = scenes.fresh;
  const running = await startWorld(world);
  try {
    const pretty = await mailcheck([...args, ...running.args], { env: { FORCE_COLOR: '1' } });
    const html = await mailcheck([...args, '--format', 'html', ...running.args]);
    return {
      command: `mailcheck ${args.join(' ')}`,
      colored: steady(pretty.stdout).trimEnd(),
      html: steady(html.stdout),
    };
  } finally {
    await running.close();
  }
}

/** What differs between two runs of the demo, and what stands there instead. */
const VARYING: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // The demo asks a server of its own on a free port.
  [/ --dns 127\.0\.0\.1:\d+/g, ''],
  [/127\.0\.0\.1([#:])\d+/g, '192.0.2.53$153'],
  // The demo says where it runs. A user need not.
  [/outside \(you said so\)/g, 'outside'],
  [/\d+\.\d+ s(?![a-z])/g, '4.2 s'],
  [/\d+ DNS queries/g, '140 DNS queries'],
  [/(?<=>ms<\/dt><dd><code>)\d+/g, '40'],
  [/\bmailcheck-[\da-f]{16}\b/g, 'mailcheck-0123456789abcdef'],
  // The id of a new MTA-STS record.
  [/\bid=\d{14}Z\b/g, 'id=20261201120000Z'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-12-01T12:00:00.000Z'],
];

/** @returns the text of a report with fixed values in the place of those that differ between runs. */
export function steady(text: string): string {
  return VARYING.reduce((changed, [pattern, instead]) => changed.replace(pattern, instead), text);
}

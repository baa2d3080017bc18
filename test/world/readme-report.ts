/** The demo's report of the fresh cloud address, as the README shows it. */
import { scenes } from './scenes.ts';
import { mailcheck, startWorld } from './world.ts';

const START = '<!-- report: written by npm run readme -->\n```\n';
const END = '\n```\n<!-- /report -->';

/** @returns the command and its report, without what differs from run to run. */
export async function readmeReport(): Promise<string> {
  const { args, world } = scenes.fresh;
  const running = await startWorld(world);
  const { stdout } = await mailcheck([...args, ...running.args]);
  await running.close();
  const steady = stdout
    .replace(/^Checked from.*$/m, 'Checked from outside (no address of this machine is 198.51.100.7 or near it)')
    .replace(/^Resolver .*$/m, 'Resolver     192.0.2.53#53')
    .replace(/^Took .*$/m, (line) => line.replace(/[\d.]+ s/, '4.2 s').replace(/\d+ DNS/, '140 DNS'));
  return `$ mailcheck ${args.join(' ')}\n${steady.trimEnd()}`;
}

/** @throws when the README does not hold both marks: nothing of it may be lost. */
function bounds(readme: string): { start: number; end: number } {
  const mark = readme.indexOf(START);
  const start = mark + START.length;
  const end = readme.indexOf(END, start - 1);
  if (mark < 0 || end < 0) throw new Error('the README has no marks for the report');
  return { start, end: Math.max(start, end) };
}

/** @returns the report between the marks. */
export function shownReport(readme: string): string {
  const { start, end } = bounds(readme);
  return readme.slice(start, end);
}

export function withReport(readme: string, report: string): string {
  const { start, end } = bounds(readme);
  return readme.slice(0, start) + report + readme.slice(end);
}

/** The demo's report of the fresh cloud address, as the README shows it. */
import { scenes } from '../test/world/scenes.ts';
import { mailcheck, startWorld } from '../test/world/world.ts';

/** @returns the command and its report as a block of Markdown, without what differs from run to run. Needs a build. */
export async function demoReport(): Promise<string> {
  const { args, world } = scenes.fresh;
  const running = await startWorld(world);
  const { stdout } = await mailcheck([...args, ...running.args]);
  await running.close();
  const steady = stdout
    .replace(/^Checked from.*$/m, 'Checked from outside (no address of this machine is 198.51.100.7 or near it)')
    .replace(/^Resolver .*$/m, 'Resolver     192.0.2.53#53')
    .replace(/^Took .*$/m, (line) => line.replace(/[\d.]+ s/, '4.2 s').replace(/\d+ DNS/, '140 DNS'));
  return `\`\`\`\n$ mailcheck ${args.join(' ')}\n${steady.trimEnd()}\n\`\`\``;
}

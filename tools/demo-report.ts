/** Makes the report of the demo's fresh cloud address for the README. */
import { scenes } from '../test/world/scenes.ts';
import { mailcheck, startWorld } from '../test/world/world.ts';

/**
 * Runs the built mailcheck against the scene.
 *
 * @returns the command and its report as a code block of Markdown. Fixed values replace those that differ between runs.
 */
export async function demoReport(): Promise<string> {
  const { args, world } = scenes.fresh;
  const running = await startWorld(world);
  const { stdout } = await mailcheck([...args, ...running.args]);
  await running.close();
  const steady = stdout
    .replace(/^Checked from.*$/m, 'Checked from outside (no address of this machine is 198.51.100.7 or near it)')
    // The demo asks a server of its own.
    .replace(/ --dns 127\.0\.0\.1:\d+/g, '')
    .replace(/^Resolver .*$/m, 'Resolver     192.0.2.53#53')
    .replace(/^Took .*$/m, (line) => line.replace(/[\d.]+ s/, '4.2 s').replace(/\d+ DNS/, '140 DNS'));
  return `\`\`\`\n$ mailcheck ${args.join(' ')}\n${steady.trimEnd()}\n\`\`\``;
}

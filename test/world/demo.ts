/** `npm run demo` prints three reports of the real command line, over real sockets and without a network. */
import { scenes } from './scenes.ts';
import { mailcheck, startWorld } from './world.ts';

// The reader of a pipe may close it early (`npm run demo | head`).
process.stdout.on('error', () => process.exit());

const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
let wrong = 0;
for (const { title, args, world, exitCode } of Object.values(scenes)) {
  const running = await startWorld(world);
  const { code, stdout, stderr } = await mailcheck([...args, ...running.args], { env: color });
  await running.close();
  const lab = 'plus --dns, --connect-to and the like, which lead into the test world';
  process.stdout.write(
    `\n━━━ ${title} ━━━\n$ mailcheck ${args.join(' ')}   (${lab})\n\n${stdout}${stderr}\nexit code ${code}\n`,
  );
  if (code !== exitCode) {
    process.stderr.write(`expected exit code ${exitCode}\n`);
    wrong += 1;
  }
}
process.exitCode = wrong === 0 ? 0 : 1;

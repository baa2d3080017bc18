/**
 * Runs the command line inside the process of the test, from the sources. It is for what is typed and printed: a process
 * takes a second of processor time before it does anything. What belongs to a process (signals, pipes, standard input,
 * the working directory, what is built) is tested with `mailcheck` of world.ts.
 */
import { runCommandLine } from '../../src/cli/program.ts';
import { type Finished, plainEnvironment } from './world.ts';

/** The runs write to the same streams, so that one begins when the one before it has ended. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs the command line as `mailcheck` does.
 *
 * @returns the exit code and what was printed.
 */
export function typed(
  args: readonly string[],
  { env = {} }: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> {
  const run = before.then(() => alone(args, env));
  before = run.catch(() => {});
  return run;
}

type Write = typeof process.stdout.write;

async function alone(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  const { stdout, stderr, env: ownEnvironment, exitCode } = process;
  const written = { stdout: '', stderr: '' };
  const own = { stdout: stdout.write, stderr: stderr.write };
  const into = (name: 'stdout' | 'stderr'): Write =>
    ((chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      const done = rest.find((one): one is () => void => typeof one === 'function');
      if (done !== undefined) setImmediate(done);
      return true;
    }) as Write;
  process.env = { ...plainEnvironment(), ...env };
  process.exitCode = undefined;
  stdout.write = into('stdout');
  stderr.write = into('stderr');
  try {
    const { code } = await runCommandLine(args);
    return { code, signal: null, ...written };
  } finally {
    stdout.write = own.stdout;
    stderr.write = own.stderr;
    process.env = ownEnvironment;
    process.exitCode = exitCode;
  }
}

/**
 * Runs `mailcheck mcp`: serves the tools of `src/cli/mcp/` to one client over standard input and output, by the Model
 * Context Protocol. Only the protocol goes to stdout.
 */
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { EXIT } from '../../report/status.ts';
import { serverAt } from '../mcp/server.ts';
import { listKeysOf } from '../options/lists.ts';
import { optionReader } from '../options/read.ts';
import { type McpOptions, NETWORK_OPTIONS } from '../options/worker-options.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { warn } from '../terminal/output.ts';

/**
 * Serves until the client closes the connection, or a signal comes. The process then ends at once, and the calls under way
 * are not answered.
 *
 * @returns the exit code.
 * @throws UsageError for an option that cannot be used.
 */
export async function mcpCommand(options: McpOptions): Promise<number> {
  const { read, settings } = optionReader(NETWORK_OPTIONS, options);
  // It is read again for each call, so that a wrong one is refused now.
  await read('dns');
  const { dns } = options;
  const place = {
    ...(dns === undefined ? {} : { dns }),
    settings: { ...listKeysOf(process.env), ...(await settings()) },
  };
  if (process.stdin.isTTY) warn('an editor or an agent starts this command, and speaks MCP with it. Ctrl-D ends it');
  const interrupt = interruptible();
  try {
    const transport = new StdioServerTransport();
    serveStdio(() => serverAt(place), { transport, onerror: tellFault });
    await new Promise<void>((resolve) => {
      const { onclose } = transport;
      transport.onclose = () => {
        onclose?.();
        resolve();
      };
      interrupt.signal.addEventListener('abort', () => resolve());
    });
    return interrupt.signal.aborted ? interrupt.exitCode() : EXIT.ok;
  } finally {
    interrupt.stop();
  }
}

/** Tells what is wrong with the connection. What the client sends is not repeated: it may be anything. */
function tellFault({ name, message }: Error): void {
  warn(name === 'ZodError' ? 'a line on standard input is not a message of MCP' : message);
}

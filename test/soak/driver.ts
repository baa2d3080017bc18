/**
 * Checks again and again through the built library, in a process that holds nothing else. It asks the other side to make
 * the world ready for each check, and tells it what came out.
 */
import { pathToFileURL } from 'node:url';
import type { CheckOptions } from '../../src/index.ts';
import type { Report } from '../../src/report/status.ts';

export interface Ready {
  readonly lane: number;
  readonly domain: string;
  readonly ips: readonly string[];
  readonly options: CheckOptions;
  readonly connectTo: readonly (readonly [string, { readonly host: string; readonly port: number }])[];
}

export type FromDriver =
  | { readonly kind: 'next'; readonly lane: number }
  | { readonly kind: 'report'; readonly lane: number; readonly report: Report; readonly isValid: string }
  | { readonly kind: 'memory'; readonly heapBytes: number; readonly rssBytes: number }
  | { readonly kind: 'left'; readonly resources: readonly string[] };

export type ToDriver = Ready | { readonly kind: 'measure' } | { readonly kind: 'end' };

const [, , libraryFile = ''] = process.argv;
const library = (await import(pathToFileURL(libraryFile).href)) as typeof import('../../src/index.ts');

function tell(message: FromDriver): void {
  process.send?.(message);
}

async function check({ lane, domain, ips, options, connectTo }: Ready): Promise<void> {
  const report = await library.check(domain, ips, { ...options, connectTo: new Map(connectTo) });
  const { error } = library.reportSchema.safeParse(report);
  tell({ kind: 'report', lane, report, isValid: error ? error.message : '' });
}

/** What keeps a process alive, but for the channel to the other side. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !/^(?:Pipe|TTY|FS|FileHandle)/.test(name));
}

/** The library says that it is done; sockets that are closed are gone in the next turns of the loop. */
async function settled(): Promise<string[]> {
  for (let turn = 0; turn < 50 && resources().length > 0; turn += 1) {
    await new Promise((done) => setImmediate(done));
  }
  return resources().filter((name) => name !== 'Immediate');
}

process.on('message', (message: ToDriver) => {
  if ('lane' in message) {
    check(message).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    });
  } else if (message.kind === 'measure') {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    tell({ kind: 'memory', heapBytes: heapUsed, rssBytes: rss });
  } else {
    void settled().then((left) => {
      tell({ kind: 'left', resources: left });
      process.disconnect();
    });
  }
});
tell({ kind: 'next', lane: -1 });

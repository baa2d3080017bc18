/**
 * Debian's Chromium without a window, led over its DevTools pipe. It runs in a network namespace of its own without any
 * wire, so that it can reach nothing, not even loopback. Needs root, util-linux and the package chromium.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const PROGRAM = '/usr/bin/chromium';

/** @returns why it cannot run on this machine, or `null`. */
export function whyNoChromium(): string | null {
  if (!existsSync(PROGRAM)) return `${PROGRAM} is not installed`;
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'network namespaces cannot be made here';
  }
}

type Json = Readonly<Record<string, unknown>>;

export interface Message {
  readonly method: string;
  readonly params: Json;
}

export interface Page {
  /** What the page said of itself: logs, exceptions, violations of its policy, requests. */
  readonly messages: readonly Message[];
  send(method: string, params?: Json): Promise<Json>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface Viewport {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
}

export interface Chromium {
  /** Opens a file and waits until it is loaded. */
  open(file: string, viewport: Viewport): Promise<Page>;
  close(): Promise<void>;
}

export async function startChromium(): Promise<Chromium> {
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-chromium-'));
  const child = spawn(
    'unshare',
    [
      '--net',
      PROGRAM,
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--hide-scrollbars',
      `--user-data-dir=${directory}`,
      '--remote-debugging-pipe',
      'about:blank',
    ],
    // A group of its own, so that its children go with it.
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const devTools = connect(child);
  return {
    async open(file, viewport) {
      const { targetId } = await devTools.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
      return openPage(devTools, { sessionId: String(sessionId), targetId: String(targetId) }, file, viewport);
    },
    async close() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface DevTools {
  send(method: string, params?: Json, sessionId?: string): Promise<Json>;
  /** @returns a function that ends the listening. */
  listen(sessionId: string, listener: (message: Message) => void): () => void;
}

/** Messages are JSON with a NUL after each: written to descriptor 3 of the browser, read from its 4. */
function connect(child: ChildProcess): DevTools {
  const [, , , input, output] = child.stdio as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve: (result: Json) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, (message: Message) => void>();
  let last = 0;
  let rest = '';
  output.setEncoding('utf8');
  output.on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) take(JSON.parse(message));
  });
  const fail = (): void => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has ended'));
    waiting.clear();
  };
  child.once('error', fail).once('exit', fail);
  input.on('error', fail);

  function take(message: {
    id?: number;
    error?: { message: string };
    result?: Json;
    method?: string;
    params?: Json;
    sessionId?: string;
  }): void {
    const { id, error, result = {}, method, params = {}, sessionId = '' } = message;
    if (method !== undefined) listeners.get(sessionId)?.({ method, params });
    if (id === undefined) return;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  }

  return {
    send(method, params = {}, sessionId) {
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      });
    },
    listen(sessionId, listener) {
      listeners.set(sessionId, listener);
      return () => listeners.delete(sessionId);
    },
  };
}

async function openPage(
  devTools: DevTools,
  { sessionId, targetId }: { sessionId: string; targetId: string },
  file: string,
  { width, height = 900, scheme = 'light', media = 'screen' }: Viewport,
): Promise<Page> {
  const messages: Message[] = [];
  const send = (method: string, params?: Json): Promise<Json> => devTools.send(method, params, sessionId);
  const loaded = new Promise<void>((resolve) => {
    devTools.listen(sessionId, (message) => {
      messages.push(message);
      if (message.method === 'Page.loadEventFired') resolve();
    });
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Audits']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  await send('Emulation.setEmulatedMedia', {
    media,
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  });
  await send('Page.navigate', { url: pathToFileURL(file).href });
  await loaded;
  return {
    messages,
    send,
    async evaluate(expression) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value?: unknown }).value;
    },
    async close() {
      await devTools.send('Target.closeTarget', { targetId });
    },
  };
}

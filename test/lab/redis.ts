/** A Redis of its own on loopback, for tests that kill it and start it again with what it has written. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export interface RedisServer {
  /** The address in the form of `--queue`. */
  readonly address: string;
  readonly client: Redis;
  /** Kills the server without a warning, and starts it again after so many milliseconds. */
  restart(awayMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Says why there is no redis-server, or null. */
export function whyNoRedis(): string | null {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'redis-server is not installed';
  }
}

export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-redis-'));
  const port = await freePort();
  const start = (): ChildProcess =>
    spawn(
      'redis-server',
      [`--port ${port}`, '--bind 127.0.0.1', `--dir ${folder}`, '--save ""', '--appendonly yes'].flatMap((option) =>
        option.replaceAll('"', '').split(' '),
      ),
      { stdio: 'ignore' },
    );
  let server = start();
  const client = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => {});
  await client.ping();
  const kill = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  };
  return {
    address: `redis://127.0.0.1:${port}/`,
    client,
    async restart(awayMs) {
      await kill();
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      server = start();
      await client.ping();
    },
    async close() {
      client.disconnect();
      await kill();
      rmSync(folder, { recursive: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Runs a scripted web server on loopback. The script gives its certificate, its response and its faults. The server keeps
 * the requests, so that a test can also check what the client sends.
 */
import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { createAuthority, selfSigned } from './certificates.ts';
import { NOW } from './clock.ts';
import { started } from './running.ts';

/** The authority whose certificates every world trusts. */
export const worldAuthority = createAuthority('Test World Root');

/** An authority that nobody trusts. */
const foreignAuthority = createAuthority('Foreign Root');

const DAY_MS = 86_400_000;

export interface HttpsScript {
  /** The host that the certificate is for. */
  readonly host?: string;
  readonly certificate?: 'valid' | 'expired' | 'wrong-name' | 'self-signed' | 'untrusted';
  /** The paths with a response. All others are not found. Absent: every path has it. */
  readonly path?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks of so many bytes, with `Transfer-Encoding: chunked`. */
  readonly chunkBytes?: number;
  /** The bytes that the server sends in place of a response. */
  readonly raw?: string;
  /** Repeats `raw` until the client hangs up. */
  readonly isEndless?: true;
  /** Milliseconds between two bytes of the response. */
  readonly dripMs?: number;
  /** Closes the connection after so many bytes of the response. */
  readonly cutAfter?: number;
  /** What the server does in place of a handshake. */
  readonly handshake?: 'alert' | 'silent' | 'close' | 'garbage';
  /** Says nothing once the handshake is over. */
  readonly isSilent?: true;
}

export interface HttpsWorld {
  readonly port: number;
  /** The head of each request. */
  readonly requests: readonly string[];
  /** The number of connections so far. */
  readonly connections: number;
  /** The number of bytes that the server wrote. */
  readonly written: number;
  close(): Promise<void>;
}

/** Starts a server on a free port of loopback. */
export async function startHttps(script: HttpsScript = {}): Promise<HttpsWorld> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let written = 0;
  const { key, certificate } = issued(script);
  const secureContext = createSecureContext({ key, cert: certificate });
  const server = createServer((tcp) => {
    connections += 1;
    sockets.add(tcp);
    tcp.on('error', () => {});
    tcp.once('close', () => sockets.delete(tcp));
    if (script.handshake === 'silent') return;
    if (script.handshake === 'close') tcp.destroy();
    // Alert 40, handshake_failure (RFC 8446 §6).
    else if (script.handshake === 'alert') tcp.once('data', () => tcp.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])));
    else if (script.handshake === 'garbage') tcp.end('220 mail.example.com ESMTP\r\n');
    else serve(new TLSSocket(tcp, { isServer: true, secureContext }));
  });

  function serve(socket: TLSSocket): void {
    let head = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      requests.push(head.slice(0, head.indexOf('\r\n\r\n')));
      const [, path = ''] = head.split(' ');
      head = '';
      if (!script.isSilent) send(socket, responseOf(script, path)).catch(() => {});
    });
  }

  async function send(socket: TLSSocket, response: Buffer): Promise<void> {
    const { dripMs, cutAfter = response.length, isEndless } = script;
    const bytes = response.subarray(0, cutAfter);
    if (isEndless) {
      while (!socket.destroyed) {
        written += bytes.length;
        if (!socket.write(bytes)) {
          await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
        }
      }
    } else if (dripMs === undefined) {
      written += bytes.length;
      socket.end(bytes);
    } else {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      for (const byte of bytes) {
        if (socket.destroyed) return;
        written += 1;
        socket.write(Buffer.from([byte]));
        let timer: NodeJS.Timeout | undefined;
        const due = new Promise((resolve) => {
          timer = setTimeout(resolve, dripMs);
        });
        await Promise.race([due, closed]);
        clearTimeout(timer);
      }
      socket.end();
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : 0,
    requests,
    get connections() {
      return connections;
    },
    get written() {
      return written;
    },
    close: started(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    }),
  };
}

function issued({ host = 'mta-sts.example.com', certificate = 'valid' }: HttpsScript) {
  const names = [certificate === 'wrong-name' ? 'www.example.com' : host];
  switch (certificate) {
    case 'self-signed':
      return selfSigned({ names });
    case 'untrusted':
      return foreignAuthority.issue({ names });
    case 'expired': {
      const earliest = Math.min(Date.now(), NOW);
      return worldAuthority.issue({ names, notBefore: earliest - 90 * DAY_MS, notAfter: earliest - DAY_MS });
    }
    default:
      return worldAuthority.issue({ names });
  }
}

function responseOf(script: HttpsScript, path: string): Buffer {
  if (script.raw !== undefined) return Buffer.from(script.raw, 'latin1');
  const isFound = script.path === undefined || script.path === path;
  const { status = 200, headers = {}, body = '', chunkBytes } = isFound ? script : { status: 404 };
  const fields = { 'Content-Type': 'text/plain', ...headers };
  const bytes = Buffer.from(body);
  const head = (length: string): Buffer =>
    Buffer.from(
      `HTTP/1.1 ${status} Status\r\n${Object.entries(fields)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}${length}Connection: close\r\n\r\n`,
      'latin1',
    );
  if (chunkBytes === undefined) {
    const isBodiless = status === 204 || status === 304;
    return isBodiless ? head('') : Buffer.concat([head(`Content-Length: ${bytes.length}\r\n`), bytes]);
  }
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const chunk = bytes.subarray(start, start + chunkBytes);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([head('Transfer-Encoding: chunked\r\n'), ...chunks, Buffer.from('0\r\n\r\n')]);
}

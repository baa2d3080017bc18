/**
 * Runs a scripted mail server on loopback. The script gives its greeting, its extensions, its answers to recipients and
 * its faults, for each connection. The server keeps the commands, so that a test can also check how the client behaves.
 *
 * const server = await startSmtp({ rcpt: openRelay }); … server.port … server.sessions[0]?.commands … await
 * server.close();
 */
import { createServer, type Server, type Socket } from 'node:net';
import { started } from './running.ts';
import { Conversation } from './smtp-conversation.ts';
import type { ServedSession, SmtpScript } from './smtp-script.ts';

export * from './smtp-policies.ts';
export type { ServedSession, SmtpScript, TlsScript } from './smtp-script.ts';
export { STEPS, type Step } from './smtp-script.ts';

export interface SmtpWorld {
  readonly address: string;
  readonly port: number;
  readonly sessions: readonly ServedSession[];
  /** The highest number of connections that were open at the same time. */
  readonly mostAtOnce: number;
  /** Every command of every session, in order. */
  commands(): string[];
  close(): Promise<void>;
}

/** Gives a script for each connection (0, 1, …). It is told how many are open, with this one. */
export type ScriptOf = (connection: number, open: number) => SmtpScript;

/** Starts a server on a free port. */
export async function startSmtp(
  script: SmtpScript | ScriptOf = {},
  listen: { readonly address?: string; readonly port?: number } = {},
): Promise<SmtpWorld> {
  const sessions: ServedSession[] = [];
  const sockets = new Set<Socket>();
  let mostAtOnce = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    mostAtOnce = Math.max(mostAtOnce, sockets.size);
    const session: ServedSession = { commands: [], messages: [], secured: false, ended: false };
    socket.once('close', () => {
      sockets.delete(socket);
      session.ended = true;
    });
    const current = typeof script === 'function' ? script(sessions.length, sockets.size) : script;
    sessions.push(session);
    new Conversation(socket, current, session).begin();
  });
  const address = listen.address ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listen.port ?? 0, address, resolve);
  });
  return {
    address,
    port: boundPort(server),
    sessions,
    get mostAtOnce() {
      return mostAtOnce;
    },
    commands: () => sessions.flatMap(({ commands }) => commands),
    close: started(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    }),
  };
}

function boundPort(server: Server): number {
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : 0;
}

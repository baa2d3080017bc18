/** A DNS server on UDP and TCP that sends whatever octets it is told to. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { started } from '../world/running.ts';

export type Transport = 'udp' | 'tcp';

export interface RawDns {
  readonly port: number;
  /** What is sent for a query: each datagram, or piece of a TCP stream, by itself. */
  behave: (query: Buffer, transport: Transport) => readonly Buffer[];
  /** Told of each query over UDP. */
  onQuery: (query: Buffer, from: RemoteInfo) => void;
  send(bytes: Buffer, to: RemoteInfo): Promise<void>;
  close(): Promise<void>;
}

export async function startRawDns(): Promise<RawDns> {
  const { udp, tcp, port } = await listen();
  const connections = new Set<TcpSocket>();
  const server: RawDns = {
    port,
    behave: () => [],
    onQuery: () => {},
    send: (bytes, to) => new Promise((done) => udp.send(bytes, to.port, to.address, () => done())),
    close: started(async () => {
      for (const socket of connections) socket.destroy();
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise((done) => tcp.close(done))]);
    }),
  };
  udp.on('message', (query, from) => {
    server.onQuery(query, from);
    for (const bytes of server.behave(query, 'udp')) void server.send(bytes, from);
  });
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    socket.once('data', (chunk) => {
      for (const bytes of server.behave(chunk.subarray(2), 'tcp')) socket.write(bytes);
      socket.end();
    });
  });
  return server;
}

/** UDP and TCP on the same free port. */
async function listen(): Promise<{ udp: Socket; tcp: Server; port: number }> {
  for (;;) {
    const udp = createSocket('udp4');
    await new Promise<void>((done) => udp.bind(0, '127.0.0.1', done));
    const { port } = udp.address();
    const tcp = createServer();
    const isBound = await new Promise<boolean>((done) => {
      tcp.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
    });
    if (isBound) return { udp, tcp, port };
    udp.close();
  }
}

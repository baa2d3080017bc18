/** Counts the network round trips of each recorded exchange. */
import type { Exchange, ExchangeOf } from '../schema.ts';
import type { Traffic } from './virtual-timeline.ts';

/** Round trips of a DNS question over TCP: one to open the connection, and one for the question. */
const TCP_QUESTION = 2;

/** @returns the number of sequential round trips of each exchange, at the same positions. */
export function roundTrips(exchanges: readonly Exchange[]): number[] {
  const pipelining = new Set<string>();
  const left = new Set<string>();
  return exchanges.map((exchange) => {
    const connection = connectionOf(exchange.asked);
    const trips = exchange.kind === 'quit' && left.has(connection) ? 0 : tripsOf(exchange, pipelining.has(connection));
    const told = exchange.kind === 'hello' || exchange.kind === 'replies' ? exchange.extensions : undefined;
    if (told !== undefined) {
      if (told.some(([keyword]) => keyword === 'PIPELINING')) pipelining.add(connection);
      else pipelining.delete(connection);
    }
    if (exchange.asked.endsWith('\nQUIT') || isEnd(exchange)) left.add(connection);
    return trips;
  });
}

/** @returns whether the exchange has ended its connection, so that QUIT is not sent. */
function isEnd(exchange: Exchange): boolean {
  return traffic(exchange).closes !== null;
}

function tripsOf(exchange: Exchange, isPipelined: boolean): number {
  switch (exchange.kind) {
    case 'dns':
      // A question over TCP follows a truncated answer over UDP, which took one round trip too.
      return exchange.result.transport === 'tcp' ? TCP_QUESTION + 1 : 1;
    case 'signed':
      return exchange.transport === 'tcp' ? TCP_QUESTION + 1 : 1;
    case 'yes-or-no':
      return exchange.asked.includes(': test entry ') ? 1 : 0;
    case 'connect':
      return connectTrips(exchange.result);
    case 'https':
      return httpsTrips(exchange.result);
    case 'replies':
      return isPipelined ? 1 : exchange.result.length;
    case 'starttls':
      return exchange.result.status === 'secured' ? 1 + handshakeTrips(exchange.result.tls.protocol) : 1;
    case 'reach':
    case 'hello':
    case 'reply':
    case 'quit':
      return 1;
    case 'verification':
    case 'patience':
    case 'stamp':
    case 'sighting':
    case 'deadline':
      return 0;
  }
}

function connectTrips(result: ExchangeOf<'connect'>['result']): number {
  if (result.status !== 'connected') return 1;
  const greeting = 1;
  return result.tls === null ? 1 + greeting : 1 + handshakeTrips(result.tls.protocol) + greeting;
}

function httpsTrips(result: ExchangeOf<'https'>['result']): number {
  if (result.status !== 'response' && result.status !== 'untrusted') return 1;
  const request = result.status === 'response' ? 1 : 0;
  return 1 + handshakeTrips(result.tls.protocol) + request;
}

/** Returns the round trips of a TLS handshake: one in TLS 1.3 (RFC 8446 §2), two in TLS 1.2 (RFC 5246 §7.3). */
function handshakeTrips(protocol: string): number {
  return protocol === 'TLSv1.3' ? 1 : 2;
}

/** @returns the id of the connection's transcript, with which the text of every SMTP question begins. */
export function connectionOf(asked: string): string {
  return asked.split(/, step \d+: |: TLS/, 1)[0] ?? asked;
}

/** @returns whether the exchange opens or closes a connection. A failed exchange closes its connection. */
export function traffic(exchange: Exchange): Traffic {
  const connection = connectionOf(exchange.asked);
  switch (exchange.kind) {
    case 'connect':
    case 'reach': {
      const isOver = exchange.kind === 'reach' || exchange.result.status !== 'connected';
      const address = connection.replace(/:\d+ .*$/s, '');
      return { opens: address, closes: isOver ? connection : null, connection };
    }
    case 'hello':
    case 'reply':
      return { opens: null, closes: exchange.result.status === 'reply' ? null : connection, connection };
    case 'replies': {
      const isOver = exchange.result.some(({ status }) => status !== 'reply');
      return { opens: null, closes: isOver ? connection : null, connection };
    }
    case 'starttls': {
      const isOver = exchange.result.status !== 'secured' && exchange.result.status !== 'declined';
      return { opens: null, closes: isOver ? connection : null, connection };
    }
    case 'quit':
      return { opens: null, closes: connection, connection };
    default:
      return { opens: null, closes: null, connection: null };
  }
}

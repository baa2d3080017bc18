/** How many times something went to the other side and back in an exchange, one after the other. */
import type { Exchange, ExchangeOf } from '../schema.ts';
import type { Traffic } from './virtual-timeline.ts';

/** A connection that is set up, and the question with its answer. */
const TCP_QUESTION = 2;

/** @returns the round trips of each exchange, at the same positions. */
export function roundTrips(exchanges: readonly Exchange[]): number[] {
  const pipelining = new Set<string>();
  return exchanges.map((exchange) => {
    const connection = connectionOf(exchange.asked);
    if (exchange.kind === 'hello') {
      const offers = exchange.extensions.some(([keyword]) => keyword === 'PIPELINING');
      if (offers) pipelining.add(connection);
      else pipelining.delete(connection);
    }
    return tripsOf(exchange, pipelining.has(connection));
  });
}

function tripsOf(exchange: Exchange, isPipelined: boolean): number {
  switch (exchange.kind) {
    case 'dns':
      // Over TCP after a truncated answer over UDP.
      return exchange.result.transport === 'tcp' ? TCP_QUESTION + 1 : 1;
    case 'yes-or-no':
      return exchange.asked.includes(': test entry ') ? 1 : 0;
    case 'connect':
      return connectTrips(exchange.result);
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
    case 'deadline':
      return 0;
  }
}

function connectTrips(result: ExchangeOf<'connect'>['result']): number {
  if (result.status !== 'connected') return 1;
  const greeting = 1;
  return result.tls === null ? 1 + greeting : 1 + handshakeTrips(result.tls.protocol) + greeting;
}

/** RFC 8446 §2 needs one; RFC 5246 §7.3 needs two. */
function handshakeTrips(protocol: string): number {
  return protocol === 'TLSv1.3' ? 1 : 2;
}

/** The transcript's id, which stands first in what is asked of a connection. */
export function connectionOf(asked: string): string {
  return asked.split(/, step \d+: |: TLS/, 1)[0] ?? asked;
}

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

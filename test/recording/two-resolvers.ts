/** Recorded runs in which a second resolver answered a question of a block list, and denies everything. */
import type { DnsAnswer, RecordType, Resolver } from '../../src/network/dns/answer.ts';
import { unasked } from '../../src/network/dns/answer.ts';
import { parseServer, serverLabel } from '../../src/network/dns/servers.ts';
import type { Exchange, RecordedRun } from '../../src/recording/schema.ts';

const OTHER = parseServer('127.0.0.2');

/** @returns whether the exchange asks a list about something that it lists. */
export function isOfList(exchange: Exchange): boolean {
  if (exchange.kind !== 'dns' || exchange.result.type !== 'A' || exchange.result.status !== 'answer') return false;
  const { records } = exchange.result;
  return records.some((record) => typeof record === 'string' && record.startsWith('127.'));
}

/** @returns the run in which the second resolver denies the entry, and a resolver that stands in for both. */
export function deniedElsewhere(
  run: RecordedRun,
  position: number,
  zone: Resolver,
): { readonly run: RecordedRun; readonly resolver: Resolver } {
  const entry = run.exchanges[position]?.asked.match(/: (.*) A$/)?.[1] ?? '';
  const list = entry.split('.').slice(-3).join('.');
  const servers = run.environment.dnsServers.map(serverLabel).join(', ');
  const exchanges = run.exchanges.map((exchange, index): Exchange => {
    if (!exchange.asked.startsWith(`${servers}: `)) return exchange;
    // The question names all servers that may answer it.
    const asked = `${servers}, ${serverLabel(OTHER)}: ${exchange.asked.slice(servers.length + 2)}`;
    return index === position && exchange.kind === 'dns'
      ? { ...exchange, asked, result: denied(entry, 'A') }
      : { ...exchange, asked };
  });
  const environment = { ...run.environment, dnsServers: [...run.environment.dnsServers, OTHER] };
  return {
    run: { ...run, exchanges, environment },
    resolver: {
      // Of the list, only the questions to the second resolver alone are not in the recording.
      query: async <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> =>
        name.endsWith(`.${list}`) ? denied(name, type) : zone.query(name, type),
    },
  };
}

function denied<T extends RecordType>(name: string, type: T) {
  const server = serverLabel(OTHER);
  return { ...unasked(name, type), server, status: 'nxdomain' as const, ttl: null, zone: null };
}

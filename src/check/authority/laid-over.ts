/** Answers as if no resolver had an old answer: with what the name servers say where they were asked. */
import type { DnsAnswer, RecordType } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { through } from '../../network/dns/through.ts';
import { wantedKey } from './questions.ts';

/** @returns a client that gives these answers, and for every other question those of `dns`. */
export function laidOver(dns: DnsClient, answers: ReadonlyMap<string, DnsAnswer>): DnsClient {
  return through(dns, {
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const known = answers.get(wantedKey({ name, type }));
      // The key contains the type.
      return known === undefined ? dns.query(name, type) : Promise.resolve(known as DnsAnswer<T>);
    },
  });
}

import type { DnsAnswer, RecordType, Resolver } from './answer.ts';

export interface DnsClient extends Resolver {
  query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>>;
}

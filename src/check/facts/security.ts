/** Interface of the fact that another branch implements. */
import type { DnsAnswer, RecordType } from '../../network/dns/answer.ts';
import { fact, type Needs } from './fact.ts';

export type Security =
  | { kind: 'secure' }
  | { kind: 'insecure'; zone: string; isProved: boolean }
  | { kind: 'bogus'; zone: string; fault: { name: string; type: string; kind: string } }
  | { kind: 'unknown'; reason: { kind: string } };
export interface Validated<T extends RecordType> {
  answer: DnsAnswer<T>;
  security: Security;
  canonical: string;
}
export const validated = fact(
  async ({ dns }: Needs<'dns'>, name: string, type: RecordType): Promise<Validated<RecordType>> => {
    const answer = await dns.query(name, type);
    const security: Security = answer.authenticated
      ? { kind: 'secure' }
      : { kind: 'insecure', zone: name, isProved: false };
    return { answer, security, canonical: answer.chain.at(-1) ?? name };
  },
);

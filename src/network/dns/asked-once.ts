/** Answers by question. */
import { canonicalName } from '../domain.ts';
import type { DnsAnswer, RecordType } from './answer.ts';

/** Remembers the answer to each question, so that it is asked once. A name is the same in any spelling. */
export class AskedOnce {
  readonly #answers = new Map<string, Promise<DnsAnswer>>();

  /**
   * @param ask is called the first time only.
   * @returns the answer to the question: the same promise each time.
   */
  answer<T extends RecordType>(name: string, type: T, ask: () => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
    const key = `${type} ${canonicalName(name)}`;
    const known = this.#answers.get(key);
    // The key holds the type, so the remembered answer is one of T.
    if (known) return known as Promise<DnsAnswer<T>>;
    const answer = ask();
    this.#answers.set(key, answer);
    return answer;
  }
}

/** Answers by question. */
import { canonicalName } from '../domain.ts';
import type { DnsAnswer, RecordType } from './answer.ts';
import type { SignedReply } from './signed.ts';

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

/** Remembers the reply to each question for signatures, as `AskedOnce` does for other questions. */
export class SignedOnce {
  readonly #replies = new Map<string, Promise<SignedReply>>();

  /**
   * @param ask is called the first time only.
   * @returns the reply to the question: the same promise each time.
   */
  reply(name: string, type: number, ask: () => Promise<SignedReply>): Promise<SignedReply> {
    const key = `${type} ${canonicalName(name)}`;
    const reply = this.#replies.get(key) ?? ask();
    this.#replies.set(key, reply);
    return reply;
  }
}

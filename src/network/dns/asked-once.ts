/** Answers by question. */
import { canonicalName } from '../domain.ts';
import type { RecordType } from './answer.ts';

/** Remembers the answer to each question, so that it is asked once. A name is the same in any spelling. */
export class AskedOnce {
  readonly #answers = new Map<string, Promise<unknown>>();

  /**
   * @param type the record type by its name, or by its number for a question with signatures.
   * @param ask is called the first time only.
   * @returns the answer to the question: the same promise each time.
   */
  answer<R>(name: string, type: RecordType | number, ask: () => Promise<R>): Promise<R> {
    const key = `${type} ${canonicalName(name)}`;
    const known = this.#answers.get(key);
    // The key holds the type, so the remembered answer is one to this question.
    if (known) return known as Promise<R>;
    const answer = ask();
    this.#answers.set(key, answer);
    return answer;
  }
}

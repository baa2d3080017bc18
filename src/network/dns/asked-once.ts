/** Answers by question. */
import { canonicalName } from '../domain.ts';
import type { RecordType } from './answer.ts';

/** Remembers the answer to each question, so that it is asked once. A name is the same in any spelling. */
export class AskedOnce {
  /** The answers by type, and then by name: a key of both would be a new text for each question. */
  readonly #answers = new Map<RecordType | number, Map<string, Promise<unknown>>>();

  /**
   * @param type the record type by its name, or by its number for a question with signatures.
   * @param ask is called the first time only.
   * @returns the answer to the question: the same promise each time.
   */
  answer<R>(name: string, type: RecordType | number, ask: () => Promise<R>): Promise<R> {
    const ofType = this.#ofType(type);
    const key = canonicalName(name);
    const known = ofType.get(key);
    // The answers are those of the type, so the remembered one is one to this question.
    if (known) return known as Promise<R>;
    const answer = ask();
    ofType.set(key, answer);
    return answer;
  }

  #ofType(type: RecordType | number): Map<string, Promise<unknown>> {
    const known = this.#answers.get(type);
    if (known) return known;
    const none = new Map<string, Promise<unknown>>();
    this.#answers.set(type, none);
    return none;
  }
}

/**
 * Asks a host that delays each refusal. Its first group of vectors takes long, so further ones are asked meanwhile, and few
 * in each connection: then the test ends soon after its time does. The telling vectors come first. Those for which there
 * is no time are left out, and the result says so.
 */
import { type Acquaintance, type Asked, type Attempt, STRANGER } from './answers.ts';
import type { RelayClient } from './client.ts';
import { askGroup } from './dialogue.ts';
import { isDisguised, isTelling, type Vector } from './vectors.ts';

/** The number of vectors per connection. */
const FEW = 2;

/** The sender of disguised recipients, as long as it is not known which one the host accepts. */
const NULL_SENDER = '<>';

/** The vectors that a slow host is asked, in several connections at a time. */
export class SlowTest {
  readonly #client: RelayClient;
  readonly #waiting: Vector[];
  readonly #all: readonly Vector[];
  readonly #attempts: Attempt[] = [];
  readonly #lanes: Promise<void>[] = [];
  #isOver = false;
  #isDisturbed = false;

  /** @param vectors all vectors but those of the first group. */
  constructor(client: RelayClient, vectors: readonly Vector[]) {
    this.#client = client;
    this.#all = vectors;
    this.#waiting = [...vectors.filter(isTelling), ...vectors.filter((vector) => !isTelling(vector))].map((vector) =>
      isDisguised(vector) ? { ...vector, mailFrom: NULL_SENDER } : vector,
    );
  }

  /** Asks in one more connection at a time. */
  addLane(): void {
    this.#lanes.push(this.#askOn());
  }

  /** Begins no further connection. */
  stop(): void {
    this.#isOver = true;
  }

  /**
   * Resolves when all connections are over.
   *
   * @param learnt what the first group has shown of the host.
   * @returns the answers, with what was left out. `null` when a connection went wrong, so that no answer counts.
   */
  async result(learnt: Acquaintance): Promise<Asked | null> {
    await Promise.all(this.#lanes);
    if (this.#isDisturbed) return null;
    const place = ({ vector }: Attempt): number => this.#all.findIndex(({ id }) => id === vector.id);
    return {
      attempts: this.#attempts.sort((one, other) => place(one) - place(other)),
      unanswered: [],
      leftOut: this.#waiting,
      lost: null,
      learnt,
    };
  }

  async #askOn(): Promise<void> {
    // What the first group shows decides whether the answers count: until then the host is taken to keep in step.
    const known: Acquaintance = { ...STRANGER, isResetProven: true };
    while (!this.#isOver && !this.#isDisturbed && this.#waiting.length > 0) {
      const group = this.#nextGroup();
      const { turn, loss } = await askGroup(this.#client, { vectors: group }, known);
      this.#attempts.push(...turn.attempts);
      const answered = turn.attempts.length + turn.notOffered;
      if (loss !== null || turn.learnt.manner !== 'at-once' || answered === 0) this.#isDisturbed = true;
      this.#waiting.unshift(...group.slice(answered));
    }
  }

  #nextGroup(): Vector[] {
    const [first, second] = this.#waiting;
    const size = first?.behindTls === second?.behindTls ? FEW : 1;
    return this.#waiting.splice(0, size);
  }
}

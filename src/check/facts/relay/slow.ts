/**
 * Asks a host that delays each refusal. Its first group of vectors takes long, so further ones are asked meanwhile, and few
 * in each connection: then the test ends soon after its time does. The telling vectors come first. Those for which there
 * is no time are left out, and the result says so.
 */
import { isOwnEnd } from '../../../network/smtp/types.ts';
import { type Acquaintance, type Asked, type Attempt, STRANGER } from './answers.ts';
import type { RelayClient } from './client.ts';
import { askGroup } from './dialogue.ts';
import { isDisguised, isTelling, type Vector, withSender } from './vectors.ts';

/** The number of vectors per connection. */
const FEW = 2;

/** The vectors that a slow host is asked, in several connections at a time. */
export class SlowTest {
  readonly #client: RelayClient;
  readonly #all: readonly Vector[];
  #waiting: readonly Vector[];
  /** The disguised vectors. They wait for a sender that the host accepts, because they test nothing with another one. */
  #disguised: readonly Vector[];
  readonly #attempts: Attempt[] = [];
  #unanswered: readonly Vector[] = [];
  #lost: Asked['lost'] = null;
  #known: Acquaintance;
  #running = 0;
  readonly #lanes: Promise<void>[] = [];
  #isOver = false;
  #isDisturbed = false;

  /**
   * @param vectors all vectors but those of the first group.
   * @param offersStartTls whether the host offers STARTTLS. `null` when that is not known.
   */
  constructor(client: RelayClient, vectors: readonly Vector[], offersStartTls: boolean | null) {
    this.#client = client;
    this.#all = vectors;
    this.#waiting = tellingFirst(vectors.filter((vector) => !isDisguised(vector)));
    this.#disguised = tellingFirst(vectors.filter(isDisguised));
    // What the first group shows decides whether the answers count: until then the host is taken to keep in step.
    this.#known = { ...STRANGER, isResetProven: true, offersStartTls };
    this.#leaveOutSecured();
  }

  /** Asks in so many connections at a time. */
  askIn(lanes: number): void {
    for (let left = lanes - this.#running; left > 0; left -= 1) this.#lanes.push(this.#askOn());
  }

  /** Says what the first group has shown: a sender that the host accepts, or `null` if it accepts none. */
  learn(sender: string | null): void {
    this.#waiting = tellingFirst([...this.#waiting, ...this.#disguised.map((vector) => withSender(vector, sender))]);
    this.#disguised = [];
  }

  /** Begins no further connection. */
  stop(): void {
    this.#isOver = true;
  }

  /**
   * Resolves when all connections are over.
   *
   * @param learnt what the first group has shown of the host.
   * @returns the answers, with what was left out. `null` when the host ended a connection, so that no answer counts.
   */
  async result(learnt: Acquaintance): Promise<Asked | null> {
    await Promise.all(this.#lanes);
    if (this.#isDisturbed) return null;
    const place = ({ vector }: Attempt): number => this.#all.findIndex(({ id }) => id === vector.id);
    return {
      attempts: this.#attempts.sort((one, other) => place(one) - place(other)),
      unanswered: this.#unanswered,
      leftOut: [...this.#waiting, ...this.#disguised],
      lost: this.#lost,
      learnt,
    };
  }

  async #askOn(): Promise<void> {
    this.#running += 1;
    while (!this.#isOver && this.#waiting.length > 0) {
      const group = this.#nextGroup();
      const { turn, loss } = await askGroup(this.#client, { vectors: group }, this.#known);
      this.#attempts.push(...turn.attempts);
      const rest = group.slice(turn.attempts.length + turn.notOffered);
      if (turn.learnt.offersStartTls === false) this.#known = { ...this.#known, offersStartTls: false };
      this.#leaveOutSecured();
      if (loss !== null) this.#lose(loss, rest);
      else if (turn.learnt.manner !== 'at-once' || rest.length === group.length) this.#disturb();
      else this.#waiting = [...rest, ...this.#waiting];
    }
    this.#running -= 1;
  }

  #nextGroup(): readonly Vector[] {
    const [first, second] = this.#waiting;
    const group = this.#waiting.slice(0, first?.behindTls === second?.behindTls ? FEW : 1);
    this.#waiting = this.#waiting.slice(group.length);
    return group;
  }

  /** A host that does not offer STARTTLS is asked nothing behind it. */
  #leaveOutSecured(): void {
    if (this.#known.offersStartTls === false) this.#waiting = this.#waiting.filter(({ behindTls }) => !behindTls);
  }

  /** Notes vectors that a connection left without an answer. */
  #lose(loss: NonNullable<Asked['lost']>, rest: readonly Vector[]): void {
    const { status } = loss.result;
    if (status !== 'reply' && isOwnEnd(status)) {
      this.stop();
      this.#lost ??= loss;
      this.#unanswered = [...this.#unanswered, ...rest];
    } else if (status === 'tls-failed') {
      // The handshake would fail for the others too, and says nothing of those without it.
      this.#lost ??= loss;
      this.#unanswered = [...this.#unanswered, ...rest, ...this.#waiting.filter(({ behindTls }) => behindTls)];
      this.#waiting = this.#waiting.filter(({ behindTls }) => !behindTls);
    } else {
      this.#disturb();
    }
  }

  #disturb(): void {
    this.#isDisturbed = true;
    this.stop();
  }
}

function tellingFirst(vectors: readonly Vector[]): readonly Vector[] {
  return [...vectors.filter(isTelling), ...vectors.filter((vector) => !isTelling(vector))];
}

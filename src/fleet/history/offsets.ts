/** Where the lines of a file stand, and which of them were asked for. It needs about 20 bytes a line. */
import type { LinePlace } from './lines.ts';

/** A part of a file. */
export type Stretch = Pick<LinePlace, 'offset' | 'bytes'>;

/** The lines of a file by their numbers, from 0. */
export class Offsets {
  readonly #offsets: number[] = [];
  readonly #sizes: number[] = [];
  #used = new Uint8Array(1024);

  /** @returns the number of the line. */
  add({ offset, bytes }: Stretch): number {
    this.#sizes.push(bytes);
    return this.#offsets.push(offset) - 1;
  }

  get count(): number {
    return this.#offsets.length;
  }

  /** @returns where the line stands. */
  at(number: number): Stretch {
    return { offset: this.#offsets[number] ?? 0, bytes: this.#sizes[number] ?? 0 };
  }

  /** Marks a line as asked for. */
  use(number: number): void {
    if (number >= this.#used.length) {
      const used = new Uint8Array(this.#offsets.length * 2);
      used.set(this.#used);
      this.#used = used;
    }
    this.#used[number] = 1;
  }

  /** @returns the numbers of the lines that nobody asked for. */
  *unused(): Generator<number> {
    for (let number = 0; number < this.#offsets.length; number += 1) if (this.#used[number] !== 1) yield number;
  }
}

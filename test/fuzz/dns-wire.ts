/**
 * DNS messages written octet by octet, so that every lie in one can be told; and a strict reader that shares no code with
 * the product, to know what a message really says.
 */
import fc from '../fast-check.ts';

export const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28 } as const;
export type Type = keyof typeof TYPES;

export const ID = 0x1234;
export const ASKED = 'mail.example.com';

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
const u32 = (value: number): Buffer => Buffer.concat([u16(Math.floor(value / 0x10000)), u16(value % 0x10000)]);

export function wireName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

export interface WireRecord {
  readonly name: Buffer;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly data: Buffer;
  /** What RDLENGTH says in place of the truth. */
  readonly claimed?: number;
}

export interface WireMessage {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly { readonly name: Buffer; readonly type: number; readonly class: number }[];
  readonly sections: readonly [readonly WireRecord[], readonly WireRecord[], readonly WireRecord[]];
  /** What the header counts in place of the truth. */
  readonly counts?: readonly [number, number, number, number];
  /** Octets behind the last record. */
  readonly tail?: Buffer;
}

export function encode({ id, flags, questions, sections, counts, tail = Buffer.alloc(0) }: WireMessage): Buffer {
  const true_ = [questions.length, ...sections.map(({ length }) => length)];
  return Buffer.concat([
    u16(id),
    u16(flags),
    ...(counts ?? true_).map(u16),
    ...questions.flatMap((question) => [question.name, u16(question.type), u16(question.class)]),
    ...sections
      .flat()
      .flatMap((record) => [
        record.name,
        u16(record.type),
        u16(record.class),
        u32(record.ttl),
        u16(record.claimed ?? record.data.length),
        record.data,
      ]),
    tail,
  ]);
}

const name = fc.constantFrom(ASKED, 'example.com', 'a.example', 'b.example', 'EXAMPLE.com', '', 'x'.repeat(63));
/** Names as they may stand in a message, right and wrong ones. */
const anyName = fc.oneof(
  { weight: 6, arbitrary: name.map(wireName) },
  // The name of the question, or somewhere into, before or beyond the message.
  { weight: 4, arbitrary: fc.constant(u16(0xc00c)) },
  { weight: 1, arbitrary: fc.nat(0x3fff).map((target) => u16(0xc000 | target)) },
  { weight: 1, arbitrary: fc.nat(200).map((target) => Buffer.concat([Buffer.from([1, 0x61]), u16(0xc000 | target)])) },
  { weight: 1, arbitrary: fc.constant(Buffer.concat([Buffer.alloc(64, 1)])) },
  { weight: 1, arbitrary: fc.constant(wireName(`${'a.'.repeat(140)}b`)) },
  { weight: 1, arbitrary: fc.constantFrom(0x40, 0x80).map((bits) => Buffer.from([bits | 3, 0x61, 0x61, 0x61, 0])) },
);
const octets = (max: number) => fc.uint8Array({ maxLength: max }).map((bytes) => Buffer.from(bytes));
const strings = fc
  .array(octets(255), { maxLength: 4 })
  .map((parts) => Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), part])));
const soa = fc.tuple(anyName, anyName, octets(24)).map((parts) => Buffer.concat(parts));

const dataOf: Readonly<Record<Type, fc.Arbitrary<Buffer>>> = {
  A: fc.oneof(
    { weight: 5, arbitrary: octets(4).map((bytes) => Buffer.concat([bytes, Buffer.alloc(4)], 4)) },
    octets(9),
  ),
  AAAA: fc.oneof(
    octets(16).map((bytes) => Buffer.concat([bytes, Buffer.alloc(16)], 16)),
    octets(20),
  ),
  MX: fc.tuple(octets(2), anyName).map(([preference, exchange]) => Buffer.concat([preference, exchange])),
  TXT: fc.oneof(strings, octets(40)),
  SOA: soa,
  CNAME: anyName,
  NS: anyName,
  PTR: anyName,
};

const record: fc.Arbitrary<WireRecord> = fc
  .constantFrom(...(Object.keys(TYPES) as Type[]))
  .chain((type) =>
    fc.record(
      {
        name: anyName,
        type: fc.oneof(
          { weight: 12, arbitrary: fc.constant<number>(TYPES[type]) },
          fc.constantFrom(41, 33, 39, 43, 46, 47, 48, 50, 52, 99, 255, 257, 0xff00),
        ),
        class: fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.constantFrom(3, 255, 0x8001, 4096)),
        ttl: fc.constantFrom(0, 60, 300, 0x7fffffff, 0x80000000, 0xffffffff),
        data: fc.oneof({ weight: 8, arbitrary: dataOf[type] }, octets(300)),
        claimed: fc.constantFrom(0, 1, 3, 4, 5, 16, 20, 0xff, 0xffff),
      },
      { requiredKeys: ['name', 'type', 'class', 'ttl', 'data'] },
    ),
  )
  // Lies about the length are to be few, or nothing else is ever read.
  .chain((made) => fc.nat(9).map((dice) => (dice === 0 ? made : withoutClaim(made))));

function withoutClaim({ claimed: _, ...rest }: WireRecord): WireRecord {
  return rest;
}

const section = fc.array(record, { maxLength: 4 });
const question = fc.record({
  name: fc.oneof({ weight: 12, arbitrary: fc.constant(wireName(ASKED)) }, anyName),
  type: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 16, 255)),
  class: fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.constantFrom(3, 255)),
});

/** A reply to the question for `ASKED` and the type, with anything wrong about it, or nothing. */
export function replyTo(type: Type): fc.Arbitrary<Buffer> {
  const questions = fc.oneof(
    { weight: 12, arbitrary: fc.tuple(question) },
    { weight: 1, arbitrary: fc.array(question, { maxLength: 3 }) },
  );
  return fc
    .record(
      {
        id: fc.oneof({ weight: 15, arbitrary: fc.constant(ID) }, fc.nat(0xffff)),
        flags: fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(0x8180, 0x8580, 0x8183, 0x8583) },
          fc.constantFrom(0x8380, 0x8182, 0x8185, 0x0100, 0xa180),
          fc.nat(0xffff),
        ),
        questions,
        sections: fc.tuple(section, section, section),
        counts: fc.tuple(fc.nat(3), fc.nat(6), fc.constantFrom(0, 1, 0xffff), fc.constantFrom(0, 1, 0xffff)),
        tail: octets(30),
      },
      { requiredKeys: ['id', 'flags', 'questions', 'sections'] },
    )
    .chain((message) => fc.nat(9).map((dice) => (dice < 2 ? message : { ...message, counts: undefined })))
    .map(({ counts, tail, ...message }) =>
      encode({
        ...message,
        questions: message.questions.map((asked) => ({ ...asked, type: asked.type === 0 ? TYPES[type] : asked.type })),
        ...(counts ? { counts } : {}),
        ...(tail ? { tail } : {}),
      }),
    );
}

/** Some octets changed, or the end cut off. */
export function damaged(messages: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const changes = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 4 });
  return fc.tuple(messages, changes, fc.nat(700)).map(([bytes, edits, length]) => {
    const copy = Buffer.from(bytes);
    for (const [position, value] of edits) if (copy.length > 0) copy[position % copy.length] = value;
    return length < copy.length ? copy.subarray(0, length) : copy;
  });
}

export interface ReadRecord {
  readonly owner: string;
  readonly type: number;
  readonly class: number;
  /** A name for the types that are one, else hexadecimal. */
  readonly data: string;
}

export interface ReadMessage {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly answers: readonly ReadRecord[];
  readonly authorities: readonly ReadRecord[];
}

/** @returns what a reply to `ASKED` and the type says by the letter of the standards, or `null` where it says nothing. */
export function readStrictly(bytes: Buffer, type: Type): ReadMessage | null {
  try {
    return new Reader(bytes).reply(type);
  } catch {
    return null;
  }
}

function must(condition: boolean): void {
  if (!condition) throw new Error('not a reply');
}

class Reader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  reply(type: Type): ReadMessage {
    const [id, flags, ...counts] = Array.from({ length: 6 }, () => this.#number(2));
    must(id === ID && flags !== undefined && (flags & 0xf800) === 0x8000 && counts[0] === 1);
    must(this.#name().toLowerCase() === ASKED && this.#number(2) === TYPES[type] && this.#number(2) === 1);
    const [answers = [], authorities = [], additionals = []] = counts
      .slice(1)
      .map((count) => Array.from({ length: count }, () => this.#record()));
    const isOpt = (found: ReadRecord): boolean => found.type === 41;
    must(![...answers, ...authorities].some(isOpt) && additionals.filter(isOpt).length <= 1);
    const upper = additionals.find(isOpt)?.data ?? '00';
    must(upper === '00');
    return { rcode: (flags ?? 0) & 15, truncated: ((flags ?? 0) & 0x0200) !== 0, answers, authorities };
  }

  #number(size: number): number {
    must(this.#at + size <= this.#bytes.length);
    this.#at += size;
    return this.#bytes.readUIntBE(this.#at - size, size);
  }

  #skip(size: number): void {
    this.#at += size;
  }

  /** By recursion: what a pointer leads to is a name that stands before this one. */
  #name(): string {
    const { labels, end } = this.#labelsAt(this.#at, this.#at);
    must(labels.reduce((sum, label) => sum + label.length + 1, 1) <= 255);
    this.#at = end;
    return labels.map((label) => label.toString('utf8')).join('.');
  }

  #labelsAt(start: number, before: number): { labels: Buffer[]; end: number } {
    const labels: Buffer[] = [];
    let at = start;
    for (;;) {
      must(at < this.#bytes.length && labels.length < 128);
      const length = this.#bytes.readUInt8(at);
      if (length === 0) return { labels, end: at + 1 };
      if (length >= 192) {
        must(at + 2 <= this.#bytes.length);
        const target = this.#bytes.readUInt16BE(at) - 0xc000;
        must(target < before && target >= 12);
        return { labels: [...labels, ...this.#labelsAt(target, target).labels], end: at + 2 };
      }
      must(length < 64 && at + 1 + length <= this.#bytes.length);
      labels.push(this.#bytes.subarray(at + 1, at + 1 + length));
      at += 1 + length;
    }
  }

  #record(): ReadRecord {
    const owner = this.#name().toLowerCase();
    const type = this.#number(2);
    const class_ = this.#number(2);
    const ttl = this.#number(4);
    const length = this.#number(2);
    const end = this.#at + length;
    must(end <= this.#bytes.length);
    const data = class_ === 1 || type === 41 ? this.#data(type, end, ttl) : '';
    if (data === null) this.#at = end;
    must(this.#at <= end && (class_ !== 1 || this.#at === end));
    this.#at = end;
    return { owner, type, class: class_, data: data ?? '' };
  }

  /** `null` for types that are not read. */
  #data(type: number, end: number, ttl: number): string | null {
    const from = this.#at;
    const hex = (): string => this.#bytes.toString('hex', from, this.#at);
    switch (type) {
      case 1:
      case 28:
        this.#at += type === 1 ? 4 : 16;
        return hex();
      case 2:
      case 5:
      case 12:
        return this.#name().toLowerCase();
      case 15:
        this.#number(2);
        return this.#name().toLowerCase();
      case 6: {
        const mname = this.#name();
        this.#name();
        this.#at += 20;
        return mname;
      }
      case 16:
        must(from < end);
        while (this.#at < end) this.#skip(this.#number(1));
        return hex();
      case 41:
        while (this.#at < end) {
          this.#number(2);
          this.#skip(this.#number(2));
        }
        must(this.#at === end);
        return (ttl >>> 24).toString(16).padStart(2, '0');
      default:
        return null;
    }
  }
}

/** Replies from the wire, against what the `dns-packet` codec makes of them. */
import { expect, test } from 'vitest';
import { decodeReply, type Question, type ReceivedRecord } from '../../../src/network/dns/message.ts';
import { TYPE } from '../../../src/network/dns/record-types.ts';
import fc from '../../fast-check.ts';
import { ASKED, damaged, encode, ID, replyTo, TYPES, type Type, wireName } from '../../fuzz/dns-wire.ts';
import { runs } from '../../sample.ts';
import { replyByCodec } from './reply-by-codec.ts';

const types = Object.keys(TYPES) as Type[];

/** The records with what they read only when asked. */
const read = (records: readonly ReceivedRecord[]) =>
  records.map(({ name, type, ttl, data }) => ({ name, type, ttl, data }));

/** Holds that the reply is the one of the codec. A truncated one that is damaged too is not read by the codec. */
function compare(bytes: Buffer, question: Question): void {
  const before = Buffer.from(bytes);
  const reply = decodeReply(bytes, ID, question);
  const expected = replyByCodec(bytes, ID, question);
  expect(bytes).toEqual(before);
  if (expected === 'unclear') return;
  if (typeof reply === 'string' || (expected === 'malformed' && reply.truncated)) {
    expect(typeof reply === 'string' ? reply : 'malformed').toBe(expected);
    return;
  }
  const { answers, authorities, additionals } = reply;
  const sections = { answers: read(answers), authorities: read(authorities), additionals: read(additionals) };
  expect({ ...reply, ...sections }).toEqual(expected);
}

const asked = (type: Question['type']): Question => ({ name: ASKED, type, checkingDisabled: false });

for (const type of types) {
  test(`${type}: a reply is the one that the codec decodes, right or wrong`, () => {
    fc.assert(
      fc.property(fc.oneof(replyTo(type), damaged(replyTo(type))), (bytes) => compare(bytes, asked(type))),
      { numRuns: runs(4000) },
    );
  });
}

const octets = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));
/** Labels of any octets, such as dots, halves of UTF-8 and capitals. */
const anyLabels = fc
  .array(fc.oneof(octets(1, 20), fc.constantFrom('a.b', '.', 'Example', '\u00fc').map(Buffer.from)), { maxLength: 5 })
  .map((labels) => Buffer.concat([...labels.flatMap((one) => [Buffer.from([one.length]), one]), Buffer.from([0])]));
const names = fc.oneof(
  anyLabels,
  fc.constantFrom(Buffer.from([0xc0, 12]), Buffer.from([0xc0, 17]), wireName('x.test')),
);
const dataOf: Readonly<Record<Exclude<Question['type'], 'SPF'> | 'OPT', fc.Arbitrary<Buffer>>> = {
  A: octets(4, 4),
  AAAA: fc.oneof(
    octets(16, 16),
    // Runs of zeros, and IPv4-mapped addresses.
    fc.array(fc.constantFrom(0, 0, 0, 0xffff, 1), { minLength: 8, maxLength: 8 }).map((groups) => {
      const bytes = Buffer.alloc(16);
      groups.forEach((group, index) => {
        bytes.writeUInt16BE(group, 2 * index);
      });
      return bytes;
    }),
    octets(4, 4).map((last) => Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), last])),
  ),
  CNAME: names,
  NS: names,
  PTR: names,
  MX: fc.tuple(octets(2, 2), names).map((parts) => Buffer.concat(parts)),
  SOA: fc.tuple(names, names, octets(20, 20)).map((parts) => Buffer.concat(parts)),
  DS: octets(3, 40),
  TLSA: octets(2, 40),
  TXT: fc
    .array(octets(0, 255), { minLength: 1, maxLength: 3 })
    .map((strings) => Buffer.concat(strings.flatMap((one) => [Buffer.from([one.length]), one]))),
  OPT: fc
    .array(fc.tuple(fc.constantFrom(3, 8, 10, 11, 12, 14, 15, 15), octets(0, 12)), { maxLength: 3 })
    .map((options) => Buffer.concat(options.flatMap(([code, data]) => [Buffer.from([0, code, 0, data.length]), data]))),
};
const numberOf = { ...TYPE, OPT: 41 };
const records = (...kinds: readonly (keyof typeof dataOf)[]) =>
  fc.array(
    fc.constantFrom(...kinds).chain((type) =>
      fc.record({
        name: names,
        type: fc.constant(numberOf[type]),
        class: fc.constant(1),
        ttl: fc.nat(0xffffffff),
        data: dataOf[type],
      }),
    ),
    { maxLength: 3 },
  );
const readTypes = ['A', 'AAAA', 'CNAME', 'NS', 'PTR', 'MX', 'SOA', 'DS', 'TLSA', 'TXT'] as const;
const whole = fc
  .record({
    id: fc.constant(ID),
    flags: fc.nat(0x7ff).map((bits) => 0x8000 | bits),
    questions: fc.constantFrom(
      [{ name: wireName(ASKED), type: 1, class: 1 }],
      [{ name: wireName(ASKED.toUpperCase()), type: 1, class: 1 }],
      [],
    ),
    sections: fc.tuple(records(...readTypes), records(...readTypes), records('A', 'AAAA', 'OPT', 'OPT')),
  })
  .map(encode);

test('the names and the data of all types that are read are those of the codec', () => {
  fc.assert(
    fc.property(fc.oneof(whole, whole, damaged(whole)), (bytes) => compare(bytes, asked('A'))),
    {
      numRuns: runs(4000),
    },
  );
});

test('octets by chance are read as the codec reads them', () => {
  const header = fc.tuple(fc.nat(0x7ff), fc.nat(1), fc.nat(3)).map(([flags, questions, count]) => {
    return Buffer.from([ID >> 8, ID & 255, 0x80 | (flags >> 8), flags & 255, 0, questions, 0, count, 0, 0, 0, 0]);
  });
  const messages = fc.tuple(fc.oneof(header, octets(0, 12)), octets(0, 120)).map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(messages, (bytes) => compare(bytes, asked('A'))),
    { numRuns: runs(4000) },
  );
});

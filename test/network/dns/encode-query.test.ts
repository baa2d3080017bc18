/** Queries on the wire, against those of the `dns-packet` codec. */
import packet from 'dns-packet';
import { expect, test } from 'vitest';
import { encodeQuery, isEncodable, type Question, type SignedQuestion } from '../../../src/network/dns/message.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';

const edns0 = (flags: number) =>
  ({ type: 'OPT', name: '.', udpPayloadSize: 1232, flags, options: [] }) as unknown as packet.Answer;

/** @returns the query as the codec writes it. */
function byCodec(id: number, question: Question | SignedQuestion): Buffer {
  const isSigned = typeof question.type === 'number';
  const type = (isSigned ? `UNKNOWN_${question.type}` : question.type) as packet.RecordType;
  const isPlain = 'plain' in question && question.plain === true;
  return packet.encode({
    type: 'query',
    id,
    flags: flagsOf(question),
    questions: [{ type, class: 'IN', name: question.name.toLowerCase().replace(/\.$/, '') }],
    additionals: isPlain ? [] : [edns0(isSigned ? packet.DNSSEC_OK : 0)],
  });
}

function flagsOf(question: Question | SignedQuestion): number {
  if (!('checkingDisabled' in question)) {
    return packet.CHECKING_DISABLED | (question.isIterative ? 0 : packet.RECURSION_DESIRED);
  }
  if (question.isIterative) return 0;
  const checking = question.checkingDisabled ? packet.CHECKING_DISABLED : 0;
  return packet.RECURSION_DESIRED | packet.AUTHENTIC_DATA | checking;
}

const label = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,63}$/),
  fc.constantFrom('x'.repeat(63), '*', '\u00fc'.repeat(20), 'a b'),
);
const names = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 8 }), fc.constantFrom('', '.'))
  .map(([labels, end]) => labels.join('.') + end)
  .filter(isEncodable);
const id = fc.nat(0xffff);
const plainQuestions: fc.Arbitrary<Question> = fc.record(
  {
    name: names,
    type: fc.constantFrom('A', 'AAAA', 'CNAME', 'DS', 'MX', 'NS', 'PTR', 'SOA', 'SPF', 'TLSA', 'TXT'),
    checkingDisabled: fc.boolean(),
    plain: fc.boolean(),
    isIterative: fc.boolean(),
  },
  { requiredKeys: ['name', 'type', 'checkingDisabled'] },
);
const signedQuestions: fc.Arbitrary<SignedQuestion> = fc.record(
  { name: fc.oneof(names, fc.constantFrom('', '.')), type: fc.nat(0xffff), isIterative: fc.boolean() },
  { requiredKeys: ['name', 'type'] },
);

test('a query is the one that the codec writes', () => {
  fc.assert(
    fc.property(id, fc.oneof(plainQuestions, signedQuestions), (number, question) => {
      expect(encodeQuery(number, question).toString('hex')).toBe(byCodec(number, question).toString('hex'));
    }),
    { numRuns: runs(5000) },
  );
});

/** DNS messages: whatever arrives, nothing is concluded from what is no valid reply, and a valid one is read as it is. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { interpret } from '../../src/network/dns/interpret.ts';
import { decodeReply } from '../../src/network/dns/message.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';
import { ASKED, damaged, ID, type ReadMessage, readStrictly, replyTo, TYPES, type Type } from './dns-wire.ts';
import { fuzz } from './fuzz.ts';

const CONCLUSIONS = ['answer', 'nodata', 'nxdomain', 'alias'];
const types = Object.keys(TYPES) as Type[];

/** What the product makes of a message: what `interpret` says, or why it was not asked. */
function meaningOf(bytes: Buffer, type: Type) {
  const reply = decodeReply(bytes, ID, { name: ASKED, type, checkingDisabled: false });
  if (typeof reply === 'string') return { status: reply };
  return reply.truncated ? { status: 'truncated' } : interpret(reply, ASKED, type);
}

/** The same conclusion, drawn by the letter from what the strict reader found: every status that is right. */
function conclusionOf({ rcode, answers, authorities }: ReadMessage, type: Type): readonly string[] {
  const failure: readonly string[] = [];
  if (rcode !== 0 && rcode !== 3) return failure;
  const owners = [ASKED];
  const inIn = answers.filter((record) => record.class === 1);
  if (type !== 'CNAME') {
    for (;;) {
      const aliases = inIn.filter((record) => record.type === TYPES.CNAME && record.owner === owners.at(-1));
      const [target, ...others] = new Set(aliases.map(({ data }) => data));
      if (target === undefined) break;
      if (others.length > 0 || owners.includes(target)) return failure;
      owners.push(target);
    }
  }
  const ofType = inIn.filter((record) => record.type === TYPES[type]);
  // A record that was asked for contradicts NXDOMAIN, and one of another name answers nothing.
  if (ofType.some((record) => record.owner === owners.at(-1))) return rcode === 3 ? failure : ['answer'];
  if (ofType.length > 0 || (owners.length === 1 && answers.length > 0)) return failure;
  const soa = authorities.find((record) => record.class === 1 && record.type === TYPES.SOA);
  const last = owners.at(-1) ?? '';
  if (soa && soa.owner !== '' && last !== soa.owner && !last.endsWith(`.${soa.owner}`)) return failure;
  // Without an SOA it depends on who says it: a resolver, the server of the zone, or one that refers elsewhere.
  if (rcode === 3) return soa ? ['nxdomain'] : ['nxdomain', 'malformed'];
  if (owners.length > 1 && !soa) return ['alias'];
  return soa ? ['nodata'] : ['nodata', 'malformed'];
}

function judged(bytes: Buffer, type: Type): void {
  const { status } = meaningOf(bytes, type);
  const read = readStrictly(bytes, type);
  if (read === null || read.truncated) {
    expect(CONCLUSIONS).not.toContain(status);
    return;
  }
  const expected = conclusionOf(read, type);
  if (expected.length === 0) expect(CONCLUSIONS).not.toContain(status);
  else expect(expected).toContain(status);
}

for (const type of types) {
  fuzz(`${type}: replies with anything wrong about them`, 800, replyTo(type), (bytes) => judged(bytes, type));
  fuzz(`${type}: the same, damaged`, 400, damaged(replyTo(type)), (bytes) => judged(bytes, type));
}

/** Holds that a reply with signatures has the records of the message and no others, or that none is read. */
function judgedSigned(bytes: Buffer, type: Type): void {
  const reply = decodeReply(bytes, ID, { name: ASKED, type: TYPES[type] });
  if (typeof reply === 'string' || reply.truncated) return;
  const { answers = [], authorities = [] } = reply.signed ?? {};
  const read = readStrictly(bytes, type);
  const numbers = (records: readonly { type: number; class: number }[]) => records.map((one) => [one.type, one.class]);
  if (read !== null) {
    expect(numbers(answers)).toEqual(numbers(read.answers));
    expect(numbers(authorities)).toEqual(numbers(read.authorities));
  }
  for (const { owner, data } of [...answers, ...authorities]) {
    expect(owner.reduce((sum, label) => sum + label.length + 1, 1)).toBeLessThanOrEqual(255);
    expect(data.length).toBeLessThanOrEqual(bytes.length + 2 * 255);
  }
}

for (const type of ['MX', 'SOA', 'TXT'] as const) {
  fuzz(`${type} with signatures: replies with anything wrong`, 400, replyTo(type), (bytes) =>
    judgedSigned(bytes, type),
  );
  fuzz(`${type} with signatures: damaged ones`, 400, damaged(replyTo(type)), (bytes) => judgedSigned(bytes, type));
}

fuzz(
  'octets that are no message',
  1000,
  fc.tuple(fc.uint8Array({ maxLength: 600, size: 'max' }), fc.boolean()),
  ([octets, hasId]) => {
    const bytes = Buffer.from(octets);
    if (hasId && bytes.length >= 4) bytes.writeUInt32BE(((ID << 16) | 0x8180) >>> 0, 0);
    for (const type of types) judged(bytes, type);
  },
);

interface Case {
  readonly name: string;
  readonly type: Type;
  readonly hex: string;
  readonly status: string;
}

const kept = JSON.parse(readFileSync(new URL('seeds/dns.json', import.meta.url), 'utf8')) as Case[];

test.each(kept)('kept: $name', ({ type, hex, status }) => {
  const bytes = Buffer.from(hex.replace(/\s/g, ''), 'hex');
  judged(bytes, type);
  expect(meaningOf(bytes, type).status).toBe(status);
});

test('a message of 64 KiB whose names lead through each other is read in little time and memory', () => {
  // Each record's name is one label and a pointer to the name before it, up to the longest a name can be.
  const header = Buffer.from('1234858000010000ffff0000', 'hex');
  const question = Buffer.from('046d61696c076578616d706c6503636f6d0000010001', 'hex');
  const parts: Buffer[] = [header, question];
  let length = header.length + question.length;
  let previous = 12;
  let depth = 0;
  let count = 0;
  while (length < 65_000) {
    const pointer = depth < 100 ? previous : 12;
    depth = depth < 100 ? depth + 1 : 0;
    const target = pointer < 0x3fff ? pointer : 12;
    const record = Buffer.from(`0161${(0xc000 | target).toString(16)}00020001000000ff0002c00c`, 'hex');
    previous = length;
    parts.push(record);
    length += record.length;
    count += 1;
  }
  const bytes = Buffer.concat(parts);
  bytes.writeUInt16BE(count, 8);
  const heap = process.memoryUsage().heapUsed;
  const started = cpuMs();
  expect(meaningOf(bytes, 'A').status).toBe('malformed');
  // 4000 names of some 200 octets each. Seconds would be a loop within a loop.
  expect(cpuMs() - started).toBeLessThan(1000);
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(64 * 1024 * 1024);
});

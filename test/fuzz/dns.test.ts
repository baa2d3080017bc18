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

/** The same conclusion, drawn by the letter from what the strict reader found. */
function conclusionOf({ rcode, answers, authorities }: ReadMessage, type: Type): string {
  if (rcode !== 0 && rcode !== 3) return 'failure';
  const owners = [ASKED];
  const inIn = answers.filter((record) => record.class === 1);
  if (type !== 'CNAME') {
    for (;;) {
      const alias = inIn.find((record) => record.type === TYPES.CNAME && record.owner === owners.at(-1));
      if (alias === undefined) break;
      if (owners.includes(alias.data)) return 'failure';
      owners.push(alias.data);
    }
  }
  if (inIn.some((record) => record.type === TYPES[type] && record.owner === owners.at(-1))) return 'answer';
  if (rcode === 3) return 'nxdomain';
  const isDenied = authorities.some((record) => record.class === 1 && record.type === TYPES.SOA);
  if (owners.length > 1 && !isDenied) return 'alias';
  // Without an SOA it may be a referral, which depends on who says it.
  return isDenied ? 'nodata' : 'nodata or referral';
}

function judged(bytes: Buffer, type: Type): void {
  const { status } = meaningOf(bytes, type);
  const read = readStrictly(bytes, type);
  if (read === null || read.truncated) {
    expect(CONCLUSIONS).not.toContain(status);
    return;
  }
  const expected = conclusionOf(read, type);
  if (expected === 'failure') expect(CONCLUSIONS).not.toContain(status);
  else if (expected === 'nodata or referral') expect(['nodata', 'malformed']).toContain(status);
  else expect(status).toBe(expected);
}

for (const type of types) {
  fuzz(`${type}: replies with anything wrong about them`, 800, replyTo(type), (bytes) => judged(bytes, type));
  fuzz(`${type}: the same, damaged`, 400, damaged(replyTo(type)), (bytes) => judged(bytes, type));
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
  expect(meaningOf(bytes, 'A').status).toBe('nodata');
  // 4000 names of some 200 octets each. Seconds would be a loop within a loop.
  expect(cpuMs() - started).toBeLessThan(1000);
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(64 * 1024 * 1024);
});

/** Tests what a reply means, most of all one that contradicts itself. */
import { describe, expect, test } from 'vitest';
import type { RecordType } from '../../../src/network/dns/answer.ts';
import { interpret } from '../../../src/network/dns/interpret.ts';
import type { ReceivedRecord, Reply } from '../../../src/network/dns/message.ts';

const NAME = 'example.com';

const record = (type: string, data: unknown, name = NAME): ReceivedRecord => ({ name, type, ttl: 60, data });
const ADDRESS = record('A', '192.0.2.1');

function meaningOf(answers: readonly ReceivedRecord[], rcode = 'NOERROR', type: RecordType = 'A') {
  const reply: Reply = {
    rcode,
    truncated: false,
    authoritative: false,
    authenticated: false,
    recursionAvailable: true,
    answers,
    authorities: [],
    additionals: [],
    extendedErrors: [],
  };
  return interpret(reply, NAME, type);
}

describe('a reply that contradicts itself is no answer', () => {
  test.each<[string, readonly ReceivedRecord[], string, RecordType, RegExp]>([
    ['NXDOMAIN with the record', [ADDRESS], 'NXDOMAIN', 'A', /says that the name does not exist/],
    [
      'NXDOMAIN with the record at the end of an alias',
      [record('CNAME', 'host.example.net'), record('A', '192.0.2.1', 'host.example.net')],
      'NXDOMAIN',
      'A',
      /says that the name does not exist/,
    ],
    ['the record of another name', [record('A', '192.0.2.1', 'host.example.net')], 'NOERROR', 'A', /of another name/],
    ['NXDOMAIN with the record of another name', [record('A', '192.0.2.1', 'x.test')], 'NXDOMAIN', 'A', /another name/],
    ['one of two records cannot be read', [ADDRESS, record('A', 'garbage')], 'NOERROR', 'A', /cannot be read/],
    ['an MX record cannot be read', [record('MX', 'garbage')], 'NOERROR', 'MX', /cannot be read/],
  ])('%s', (_, answers, rcode, type, detail) => {
    expect(meaningOf(answers, rcode, type)).toEqual({ status: 'malformed', detail: expect.stringMatching(detail) });
  });
});

describe('a reply that is whole', () => {
  test.each<[string, readonly ReceivedRecord[], string, object]>([
    ['the record', [ADDRESS], 'NOERROR', { status: 'answer', records: ['192.0.2.1'] }],
    ['nothing', [], 'NOERROR', { status: 'nodata' }],
    ['NXDOMAIN', [], 'NXDOMAIN', { status: 'nxdomain' }],
    [
      'NXDOMAIN at the end of an alias',
      [record('CNAME', 'gone.example.net')],
      'NXDOMAIN',
      { status: 'nxdomain', chain: ['gone.example.net'] },
    ],
    ['the record beside one of another type', [ADDRESS, record('TXT', ['x'])], 'NOERROR', { status: 'answer' }],
  ])('%s', (_, answers, rcode, expected) => {
    expect(meaningOf(answers, rcode)).toMatchObject(expected);
  });
});

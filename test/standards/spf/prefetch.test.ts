/** What is asked ahead of an evaluation: the names it will need, and no others. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { checkHost, parseRecord } from '../../../src/standards/spf/index.ts';
import { prefetch } from '../../../src/standards/spf/prefetch.ts';
import { askOnce, Session } from '../../../src/standards/spf/session.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { address, CLIENT, CLIENT6 } from './check.ts';

/** The questions that a record of example.com gives rise to before anything is evaluated, as `type name`. */
async function askedAhead(text: string, zone: ZoneScript = {}, ip = CLIENT): Promise<readonly string[]> {
  const resolver = zoneResolver({ zone });
  const client = { ip: address(ip), localPart: 'user', senderDomain: 'sender.example', heloName: 'helo' };
  const session = new Session(askOnce(resolver), { ...client, receiver: 'unknown' }, () => 0);
  prefetch(session, parseRecord(text), 'example.com');
  // A resolver that answers from a table has answered everything by then, however long the chain.
  await setImmediate();
  return resolver.asked;
}

function exchanges(count: number): ZoneScript {
  return { 'example.com': { MX: Array.from({ length: count }, (_, n) => `${n} m${n}.example`) } };
}

function numbered(count: number, of: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => of(n));
}

const twenty = numbered(20, (n) => `a:h${n}.example`).join(' ');

interface Row {
  readonly name: string;
  readonly text: string;
  readonly zone?: ZoneScript;
  readonly ip?: string;
  readonly asked: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a and exists',
    text: 'a a:x.example exists:e.example',
    asked: ['A example.com', 'A x.example', 'A e.example'],
  },
  {
    name: 'a and exists for an IPv6 client',
    text: 'a a:x.example exists:e.example',
    ip: CLIENT6,
    asked: ['AAAA example.com', 'AAAA x.example', 'A e.example'],
  },
  {
    name: 'mx, and the addresses of its hosts in their order',
    text: 'mx',
    zone: {
      'example.com': {
        MX: ['20 m2.example', '10 m1.example.'],
      },
    },
    asked: ['MX example.com', 'A m1.example', 'A m2.example'],
  },
  {
    name: 'mx of another name for an IPv6 client',
    text: 'mx:x.example',
    zone: { 'x.example': { MX: ['20 m.example'] } },
    ip: CLIENT6,
    asked: ['MX x.example', 'AAAA m.example'],
  },
  {
    name: 'mx with 10 hosts',
    text: 'mx',
    zone: exchanges(10),
    asked: ['MX example.com', ...numbered(10, (n) => `A m${n}.example`)],
  },
  { name: 'mx with 11 hosts, at which the check ends', text: 'mx', zone: exchanges(11), asked: ['MX example.com'] },
  {
    name: 'mx with a host that is not a valid name',
    text: 'mx',
    zone: {
      'example.com': {
        MX: ['0 .', '1 a..example'],
      },
    },
    asked: ['MX example.com'],
  },
  {
    name: 'include and redirect, and the terms of their records',
    text: 'include:i.example redirect=r.example',
    zone: { 'i.example': 'v=spf1 a include:j.example', 'j.example': 'v=spf1 mx', 'r.example': 'v=spf1 a' },
    asked: ['TXT i.example', 'TXT r.example', 'A i.example', 'TXT j.example', 'A r.example', 'MX j.example'],
  },
  {
    name: 'macros, with the values for their record',
    text: 'exists:%{ir}.%{l}.%{o}.%{d} include:_.%{d}',
    zone: { '_.example.com': 'v=spf1 exists:%{h}.%{d}' },
    asked: ['A 10.2.0.192.user.sender.example.example.com', 'TXT _.example.com', 'A helo._.example.com'],
  },
  { name: 'skips ptr, because its names are not known yet', text: 'ptr ptr:x.example', asked: [] },
  {
    name: 'skips macro p, because its value is not known yet',
    text: 'exists:%{p}.example a:%{p}.example redirect=%{p}.example',
    asked: [],
  },
  { name: 'terms before all', text: 'a:1.example -all a:2.example redirect=r.example', asked: ['A 1.example'] },
  {
    name: 'terms before an ip4 that contains the client',
    text: 'a:1.example ip4:192.0.2.0/24 a:2.example redirect=r.example',
    asked: ['A 1.example'],
  },
  {
    name: 'terms before an ip6 that contains the client',
    text: 'a:1.example -ip6:2001:db8::/32 a',
    ip: CLIENT6,
    asked: ['AAAA 1.example'],
  },
  {
    name: 'terms after ip4 and ip6 that do not contain the client',
    text: 'ip4:192.0.2.11 ip6:::/0 a',
    asked: ['A example.com'],
  },
  {
    name: 'skips names that the DNS cannot contain',
    text: 'a:a..example mx:a..example exists:a..example include:a..example',
    asked: [],
  },
  { name: 'a record at a name of one label', text: 'include:%{h} redirect=%{h}', asked: [] },
  {
    name: 'a record with an error',
    text: 'include:i.example',
    zone: { 'i.example': 'v=spf1 a foo' },
    asked: ['TXT i.example'],
  },
  {
    name: 'two records',
    text: 'include:i.example',
    zone: { 'i.example': { TXT: ['v=spf1 a', 'v=spf1 a'] } },
    asked: ['TXT i.example'],
  },
  {
    name: 'no record',
    text: 'include:i.example include:j.example',
    zone: { 'j.example': { TXT: ['a mx'] } },
    asked: ['TXT i.example', 'TXT j.example'],
  },
  { name: 'the same question twice, asked once', text: 'a a:EXAMPLE.com', asked: ['A example.com'] },
  { name: 'twenty terms at most', text: `${twenty} a:one-more.example`, asked: numbered(20, (n) => `A h${n}.example`) },
  {
    name: 'twenty terms, not counting those with macro p',
    text: `ptr exists:%{p}.example ${twenty}`,
    asked: numbered(20, (n) => `A h${n}.example`),
  },
  {
    name: 'twenty terms in all records together',
    text: 'include:i.example a',
    zone: { 'i.example': `v=spf1 ${twenty}` },
    asked: ['TXT i.example', 'A example.com', ...numbered(18, (n) => `A h${n}.example`)],
  },
];

describe('SPF: prefetch', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', async (_, { text, zone, ip, asked }) => {
    expect(await askedAhead(`v=spf1 ${text}`, zone, ip)).toEqual(asked);
  });

  const zone: ZoneScript = {
    'example.com': 'v=spf1 ~include:i.example redirect=r.example',
    'i.example': 'v=spf1 -a:1.example a:2.example',
    'r.example': 'v=spf1 a:3.example a:4.example',
    '1.example': { A: [CLIENT] },
    '3.example': { A: [CLIENT] },
  };
  const needed = ['TXT example.com', 'TXT i.example', 'A 1.example', 'TXT r.example', 'A 3.example'];
  const ahead = [...needed, 'A 2.example', 'A 4.example'];

  // The answers of an outcome are those it rests on, whatever was asked ahead.
  test.each([
    [undefined, ahead],
    [true, ahead],
    [false, needed],
  ])('a check with prefetch: %s', async (isAhead, asked) => {
    const resolver = zoneResolver({ zone });
    const request = { ip: address(CLIENT), sender: 'user@example.com', heloName: 'helo.example', resolver };
    const { answers } = await checkHost(isAhead === undefined ? request : { ...request, prefetch: isAhead });
    expect([...resolver.asked].sort()).toEqual([...asked].sort());
    expect(answers.map(({ type, name }) => `${type} ${name}`)).toEqual(needed);
  });
});

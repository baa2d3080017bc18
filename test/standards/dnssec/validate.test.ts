/** Tests the validator over signed zones in memory: each state, each fault and each form of denial. */
import { describe, expect, test } from 'vitest';
import { type Ask, DnssecMemory, TYPE, type Validation, validate } from '../../../src/standards/dnssec/index.ts';
import { NOW } from '../../world/clock.ts';
import {
  type DenialForm,
  type SignedWorld,
  type SignedZone,
  signedWorld,
  type WorldSettings,
} from '../../world/signer.ts';

const ROOT: SignedZone = { apex: '.' };
const COM: SignedZone = { apex: 'com' };

const RECORDS: NonNullable<SignedZone['records']> = {
  'example.com': { MX: ['10 mx.example.com'], TXT: 'v=spf1 -all' },
  'mx.example.com': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
  '_25._tcp.mx.example.com': { TLSA: [`3 1 1 ${'ab'.repeat(32)}`] },
  'a.b.example.com': { A: ['192.0.2.2'] },
  '*.wild.example.com': { A: ['192.0.2.3'] },
  'there.wild.example.com': { A: ['192.0.2.4'] },
  'alias.example.com': { CNAME: ['mx.example.com'] },
  'dead-alias.example.com': { CNAME: ['nothing.example.com'] },
  'far-alias.example.com': { CNAME: ['host.example.net'] },
  '*.aliases.example.com': { CNAME: ['mx.example.com'] },
  'old.example.com': { DNAME: ['new.example.com'] },
  'www.new.example.com': { A: ['192.0.2.5'] },
};

/** The root, com, and example.com with its records. */
function worldOf(change: Partial<SignedZone> = {}, settings: WorldSettings = {}, ...more: SignedZone[]): SignedWorld {
  return signedWorld([ROOT, COM, { apex: 'example.com', records: RECORDS, ...change }, ...more], settings);
}

function judged(world: SignedWorld, name: string, type: keyof typeof TYPE): Promise<Validation> {
  return validate({ name, type: TYPE[type] }, { ask: world.ask, anchors: world.anchors, now: world.now });
}

/** The state in one word, with the kind of the fault or of the reason. */
function inWords({ state }: Validation): string {
  switch (state.kind) {
    case 'secure':
      return 'secure';
    case 'insecure':
      return `insecure ${state.zone} ${state.reason.kind}`;
    case 'bogus':
      return `bogus ${state.zone} ${state.fault.kind} ${state.fault.name} ${state.fault.type}`;
    case 'unknown':
      return `unknown ${state.reason.kind}`;
  }
}

const FORMS: [string, DenialForm][] = [
  ['NSEC', { kind: 'nsec' }],
  ['NSEC3', { kind: 'nsec3' }],
  ['NSEC3 with salt and iterations', { kind: 'nsec3', iterations: 5, salt: 'abcd' }],
];

/** Name, type, and what the reply says. */
const QUESTIONS: readonly (readonly [string, keyof typeof TYPE, Validation['outcome']])[] = [
  ['example.com', 'MX', 'answer'],
  ['example.com', 'SOA', 'answer'],
  ['example.com', 'NS', 'answer'],
  ['example.com', 'DNSKEY', 'answer'],
  ['example.com', 'DS', 'answer'],
  ['com', 'DS', 'answer'],
  ['com', 'NS', 'answer'],
  ['.', 'NS', 'answer'],
  ['.', 'DS', 'nodata'],
  ['EXAMPLE.com', 'TXT', 'answer'],
  ['example.com', 'A', 'nodata'],
  ['mx.example.com', 'A', 'answer'],
  ['mx.example.com', 'MX', 'nodata'],
  ['mx.example.com', 'DS', 'nodata'],
  ['_25._tcp.mx.example.com', 'TLSA', 'answer'],
  ['_26._tcp.mx.example.com', 'TLSA', 'nxdomain'],
  ['_tcp.mx.example.com', 'A', 'nodata'],
  ['b.example.com', 'A', 'nodata'],
  ['b.example.com', 'DS', 'nodata'],
  ['a.b.example.com', 'A', 'answer'],
  ['c.b.example.com', 'A', 'nxdomain'],
  ['nothing.example.com', 'A', 'nxdomain'],
  ['far.below.nothing.example.com', 'A', 'nxdomain'],
  ['x.wild.example.com', 'A', 'answer'],
  ['x.y.wild.example.com', 'A', 'answer'],
  ['x.wild.example.com', 'MX', 'nodata'],
  ['*.wild.example.com', 'A', 'answer'],
  ['there.wild.example.com', 'A', 'answer'],
  ['there.wild.example.com', 'MX', 'nodata'],
  ['below.there.wild.example.com', 'A', 'nxdomain'],
  ['alias.example.com', 'A', 'answer'],
  ['alias.example.com', 'CNAME', 'answer'],
  ['alias.example.com', 'MX', 'nodata'],
  ['dead-alias.example.com', 'A', 'nxdomain'],
  ['x.aliases.example.com', 'A', 'answer'],
  ['www.old.example.com', 'A', 'answer'],
  ['gone.old.example.com', 'A', 'nxdomain'],
  ['old.example.com', 'A', 'nodata'],
  ['old.example.com', 'DNAME', 'answer'],
  ['nothing', 'A', 'nxdomain'],
];

describe.each(FORMS)('%s: every answer and every denial of a signed zone is secure', (_, denial) => {
  const world = signedWorld([
    { apex: '.', denial },
    { apex: 'com', denial },
    { apex: 'example.com', records: RECORDS, denial },
  ]);
  test.each(QUESTIONS)('%s %s', async (name, type, outcome) => {
    const validation = await judged(world, name, type);
    expect([inWords(validation), validation.outcome]).toEqual(['secure', outcome]);
  });
});

describe.each([8, 10, 13, 14, 15, 16] as const)('algorithm %i', (algorithm) => {
  test('signs keys and records', async () => {
    const world = worldOf({ algorithm, hasTwoKeys: true });
    expect(inWords(await judged(world, 'example.com', 'MX'))).toBe('secure');
  });

  test('a wrong signature is noticed', async () => {
    const world = worldOf({ algorithm, faults: { 'mx.example.com A': 'wrong' } });
    expect(inWords(await judged(world, 'mx.example.com', 'A'))).toBe(
      'bogus example.com signature-wrong mx.example.com A',
    );
  });
});

/** What is wrong with the zone example.com, the question, and the state. */
const FAULTS: readonly (readonly [string, Partial<SignedZone>, string, keyof typeof TYPE, string])[] = [
  [
    'no signature',
    { faults: { 'mx.example.com A': 'missing' } },
    'mx.example.com',
    'A',
    'bogus example.com signature-missing mx.example.com A',
  ],
  [
    'another RRset without signature',
    { faults: { 'mx.example.com A': 'missing' } },
    'mx.example.com',
    'AAAA',
    'secure',
  ],
  [
    'an expired signature',
    { faults: { 'mx.example.com A': 'expired' } },
    'mx.example.com',
    'A',
    'bogus example.com signature-expired mx.example.com A',
  ],
  [
    'a signature of the future',
    { faults: { 'mx.example.com A': 'not-yet-valid' } },
    'mx.example.com',
    'A',
    'bogus example.com signature-not-yet-valid mx.example.com A',
  ],
  [
    'a signature of a key that is not published',
    { faults: { 'mx.example.com A': 'unknown-key' } },
    'mx.example.com',
    'A',
    'bogus example.com signature-key-missing mx.example.com A',
  ],
  [
    'a signature of another zone',
    { faults: { 'mx.example.com A': 'foreign-signer' } },
    'mx.example.com',
    'A',
    'bogus example.com signer-unknown mx.example.com A',
  ],
  [
    'an alias with a wrong signature',
    { faults: { 'alias.example.com CNAME': 'wrong' } },
    'alias.example.com',
    'A',
    'bogus example.com signature-wrong alias.example.com CNAME',
  ],
  [
    'an alias to a wrong signature',
    { faults: { 'mx.example.com A': 'wrong' } },
    'alias.example.com',
    'A',
    'bogus example.com signature-wrong mx.example.com A',
  ],
  [
    'a DNAME record with a wrong signature',
    { faults: { 'old.example.com DNAME': 'wrong' } },
    'www.old.example.com',
    'A',
    'bogus example.com signature-wrong old.example.com DNAME',
  ],
  [
    'a wildcard with a wrong signature',
    { faults: { '*.wild.example.com A': 'wrong' } },
    'x.wild.example.com',
    'A',
    'bogus example.com signature-wrong x.wild.example.com A',
  ],
  [
    'a whole zone that is expired',
    { validity: { from: 0, until: 86_400_000 } },
    'mx.example.com',
    'A',
    'bogus example.com signature-expired example.com DNSKEY',
  ],
  [
    'keys without signature',
    { faults: { 'example.com DNSKEY': 'missing' } },
    'mx.example.com',
    'A',
    'bogus example.com signature-missing example.com DNSKEY',
  ],
  [
    'keys that another key signs',
    { faults: { 'example.com DNSKEY': 'unknown-key' } },
    'mx.example.com',
    'A',
    'bogus example.com ds-key-does-not-sign example.com DNSKEY',
  ],
  [
    'a DS record of another key',
    { hasWrongDs: true },
    'mx.example.com',
    'A',
    'bogus example.com ds-without-key example.com DNSKEY',
  ],
  [
    'a DS record of a revoked key',
    { isRevoked: true },
    'mx.example.com',
    'A',
    'bogus example.com ds-without-key example.com DNSKEY',
  ],
  [
    'no denial of a type',
    { withholdsDenial: true },
    'mx.example.com',
    'MX',
    'bogus example.com denial-missing mx.example.com MX',
  ],
  [
    'no denial of a name',
    { withholdsDenial: true },
    'nothing.example.com',
    'A',
    'bogus example.com denial-missing nothing.example.com A',
  ],
  [
    'no denial of a closer name',
    { withholdsDenial: true },
    'x.wild.example.com',
    'A',
    'bogus example.com denial-missing x.wild.example.com A',
  ],
  [
    'a denial with a wrong signature',
    { faults: { 'mx.example.com NSEC': 'wrong' } },
    'mx.example.com',
    'MX',
    'bogus example.com signature-wrong mx.example.com NSEC',
  ],
  ['no DS record', { state: 'island' }, 'mx.example.com', 'A', 'insecure example.com no-ds'],
  [
    'no DS record, and a wrong signature',
    { state: 'island', faults: { 'mx.example.com A': 'wrong' } },
    'mx.example.com',
    'A',
    'insecure example.com no-ds',
  ],
  ['no signatures', { state: 'unsigned' }, 'mx.example.com', 'A', 'insecure example.com no-ds'],
  [
    'no signatures, a name that does not exist',
    { state: 'unsigned' },
    'nothing.example.com',
    'A',
    'insecure example.com no-ds',
  ],
  ['no signatures, the DS record', { state: 'unsigned' }, 'example.com', 'DS', 'secure'],
  [
    'an algorithm that nobody knows',
    { announcedAlgorithm: 200 },
    'mx.example.com',
    'A',
    'insecure example.com unsupported',
  ],
  ['RSASHA1', { algorithm: 8, announcedAlgorithm: 5 }, 'mx.example.com', 'A', 'insecure example.com unsupported'],
  ['only a SHA-1 digest', { digestTypes: [1] }, 'mx.example.com', 'A', 'insecure example.com unsupported'],
  ['a SHA-1 digest beside one of SHA-256', { digestTypes: [1, 2] }, 'mx.example.com', 'A', 'secure'],
  ['a SHA-384 digest', { digestTypes: [4] }, 'mx.example.com', 'A', 'secure'],
  ['100 iterations', { denial: { kind: 'nsec3', iterations: 100 } }, 'mx.example.com', 'MX', 'secure'],
  [
    '101 iterations',
    { denial: { kind: 'nsec3', iterations: 101 } },
    'mx.example.com',
    'MX',
    'insecure example.com iterations',
  ],
  ['101 iterations, an answer', { denial: { kind: 'nsec3', iterations: 101 } }, 'mx.example.com', 'A', 'secure'],
  ['compact denial of a type', { denial: { kind: 'compact' } }, 'mx.example.com', 'MX', 'secure'],
  ['compact denial of a name', { denial: { kind: 'compact' } }, 'nothing.example.com', 'MX', 'secure'],
];

describe('a zone with a fault', () => {
  test.each(FAULTS)('%s', async (_, change, name, type, words) => {
    expect(inWords(await judged(worldOf(change), name, type))).toBe(words);
  });

  test('the fault has what a person needs: dates, tags, digests', async () => {
    const expired = await judged(worldOf({ faults: { 'mx.example.com A': 'expired' } }), 'mx.example.com', 'A');
    expect(expired.state).toMatchObject({
      fault: {
        signature: {
          algorithm: 13,
          signer: 'example.com',
          expiration: NOW - 7 * 86_400_000,
          inception: NOW - 21 * 86_400_000,
        },
      },
    });
    const wrongDs = await judged(worldOf({ hasWrongDs: true }), 'mx.example.com', 'A');
    const fault =
      wrongDs.state.kind === 'bogus' && wrongDs.state.fault.kind === 'ds-without-key' ? wrongDs.state.fault : undefined;
    expect(fault).toMatchObject({
      isAnchor: false,
      ds: [{ algorithm: 13, digestType: 2 }],
      keys: [{ algorithm: 13, flags: 257 }],
    });
    expect(fault?.ds[0]?.keyTag).not.toBe(fault?.keys[0]?.keyTag);
  });
});

describe('compact denial (RFC 9824)', () => {
  test('a name that does not exist is told from one without the type, though the RCODE is NOERROR', async () => {
    const world = worldOf({ denial: { kind: 'compact' } });
    expect((await judged(world, 'nothing.example.com', 'A')).outcome).toBe('nxdomain');
    expect((await judged(world, 'mx.example.com', 'MX')).outcome).toBe('nodata');
  });
});

describe('unsigned delegations', () => {
  const child: SignedZone = {
    apex: 'sub.example.com',
    state: 'unsigned',
    records: { 'www.sub.example.com': { A: ['192.0.2.7'] } },
  };

  test.each<[string, DenialForm]>([...FORMS, ['compact', { kind: 'compact' }]])(
    '%s: proved by the parent',
    async (_, denial) => {
      const world = worldOf({ denial }, {}, child);
      expect(inWords(await judged(world, 'www.sub.example.com', 'A'))).toBe('insecure sub.example.com no-ds');
      expect(inWords(await judged(world, 'nothing.sub.example.com', 'A'))).toBe('insecure sub.example.com no-ds');
      expect(inWords(await judged(world, 'sub.example.com', 'DS'))).toBe('secure');
      expect(inWords(await judged(world, 'mx.example.com', 'A'))).toBe('secure');
    },
  );

  test('opt-out: neither an unsigned delegation nor a name that does not exist is authenticated', async () => {
    const world = worldOf({ denial: { kind: 'nsec3', optOut: true } }, {}, child);
    expect(inWords(await judged(world, 'www.sub.example.com', 'A'))).toBe('insecure sub.example.com opt-out');
    expect(inWords(await judged(world, 'sub.example.com', 'DS'))).toBe('insecure example.com opt-out');
    expect(inWords(await judged(world, 'nothing.example.com', 'A'))).toBe('insecure example.com opt-out');
    expect(inWords(await judged(world, 'mx.example.com', 'MX'))).toBe('secure');
  });

  test('a parent that withholds the proof is at fault', async () => {
    const world = worldOf({ withholdsDenial: true }, {}, child);
    expect(inWords(await judged(world, 'www.sub.example.com', 'A'))).toBe(
      'bogus example.com denial-missing sub.example.com DS',
    );
  });

  test('an alias into it is insecure, and the alias itself is secure', async () => {
    const world = worldOf({ records: { 'to.example.com': { CNAME: ['www.sub.example.com'] } } }, {}, child);
    const validation = await judged(world, 'to.example.com', 'A');
    expect(inWords(validation)).toBe('insecure sub.example.com no-ds');
    expect(validation.canonical).toBe('www.sub.example.com');
    expect(validation.aliases).toEqual([
      { kind: 'CNAME', name: 'to.example.com', target: 'www.sub.example.com', state: { kind: 'secure' } },
    ]);
  });
});

describe('what is not known', () => {
  test('a resolver that strips signatures is told from an unsigned zone', async () => {
    const validation = await judged(worldOf({}, { strips: true }), 'mx.example.com', 'A');
    expect(validation.state).toEqual({
      kind: 'unknown',
      reason: { kind: 'signatures-stripped', zone: '.', server: '192.0.2.53#53' },
    });
  });

  test.each([
    ['mx.example.com', 'A'],
    ['com', 'DS'],
    ['.', 'DNSKEY'],
  ] as const)('a lookup of %s %s that fails', async (name, type) => {
    const world = worldOf();
    const ask: Ask = async (asked, number) =>
      asked === name && number === TYPE[type]
        ? { kind: 'failed', status: 'timeout', detail: 'no reply' }
        : world.ask(asked, number);
    const validation = await validate(
      { name: 'mx.example.com', type: TYPE.A },
      { ask, anchors: world.anchors, now: world.now },
    );
    expect(validation.state).toEqual({
      kind: 'unknown',
      reason: { kind: 'lookup-failed', name, type, status: 'timeout', detail: 'no reply' },
    });
  });

  test('no trust anchor is for the name', async () => {
    const world = worldOf({}, { anchored: ['com'] });
    expect(inWords(await judged(world, 'example.net', 'A'))).toBe('unknown no-anchor');
    const net = signedWorld([{ apex: '.' }, { apex: 'net', records: { 'a.net': { A: ['192.0.2.1'] } } }, COM], {
      anchored: ['com'],
    });
    expect(inWords(await judged(net, 'a.net', 'A'))).toBe('unknown no-anchor');
  });

  test('a loop of aliases', async () => {
    const world = worldOf({
      records: { 'a.example.com': { CNAME: ['b.example.com'] }, 'b.example.com': { CNAME: ['a.example.com'] } },
    });
    expect(inWords(await judged(world, 'a.example.com', 'A'))).toBe('unknown too-many-aliases');
  });
});

describe('trust anchors', () => {
  test('an anchor below the root makes an island secure, and the zones above it are not asked', async () => {
    const world = worldOf({ state: 'island' }, { anchored: ['example.com'] });
    expect(inWords(await judged(world, 'mx.example.com', 'A'))).toBe('secure');
    expect(world.asked.filter((question) => /^(?:com|\.) /.test(question))).toEqual([]);
  });

  test('the longest anchor wins', async () => {
    const world = worldOf({ hasWrongDs: true }, { anchored: ['.', 'com'] });
    expect(inWords(await judged(world, 'com', 'MX'))).toBe('secure');
    expect(inWords(await judged(world, 'mx.example.com', 'A'))).toBe(
      'bogus example.com ds-without-key example.com DNSKEY',
    );
  });

  test('the DS record of an anchored zone is judged by its parent', async () => {
    const world = worldOf({}, { anchored: ['.', 'example.com'] });
    expect(inWords(await judged(world, 'example.com', 'DS'))).toBe('secure');
  });

  test('keys that do not fit the anchor', async () => {
    const world = worldOf();
    const anchors = worldOf().anchors;
    const { state } = await validate({ name: 'com', type: TYPE.NS }, { ask: world.ask, anchors, now: world.now });
    expect(state).toMatchObject({ kind: 'bogus', zone: '.', fault: { kind: 'ds-without-key', isAnchor: true } });
  });
});

describe('the work is bounded', () => {
  test('every question is asked once, and all at once', async () => {
    const world = worldOf();
    const validation = judged(world, 'mx.example.com', 'A');
    const first = [...world.asked].sort();
    expect(inWords(await validation)).toBe('secure');
    expect([...world.asked].sort()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  test('a memory is shared by several validations', async () => {
    const world = worldOf();
    const memory = new DnssecMemory();
    const settings = { ask: world.ask, anchors: world.anchors, now: world.now, memory };
    await validate({ name: 'mx.example.com', type: TYPE.A }, settings);
    const before = world.asked.length;
    await validate({ name: 'mx.example.com', type: TYPE.AAAA }, settings);
    expect(world.asked.length).toBe(before + 1);
  });

  test('many wrong signatures end the validation', async () => {
    const world = worldOf();
    const ask: Ask = async (name, type) => {
      const reply = await world.ask(name, type);
      if (reply.kind !== 'reply' || name !== 'nothing.example.com') return reply;
      const forged = reply.authorities
        .filter((one) => one.type === TYPE.RRSIG)
        .flatMap((one) =>
          Array.from({ length: 16 }, (_, index) => {
            const data = Buffer.from(one.data);
            data[data.length - 1 - index] = (data[data.length - 1 - index] ?? 0) ^ 1;
            return { ...one, data };
          }),
        );
      return { ...reply, authorities: [...reply.authorities.filter((one) => one.type !== TYPE.RRSIG), ...forged] };
    };
    const settings = { ask, anchors: world.anchors, now: world.now };
    const validation = await validate({ name: 'nothing.example.com', type: TYPE.A }, settings);
    expect(inWords(validation)).toMatch(/^bogus \S+ too-much-work nothing\.example\.com A$/);
  });
});

test('a zone is not judged by the denial of its parent for another name', async () => {
  // The record of a delegation covers the names below it in canonical order, and says nothing about them (RFC 6840 §4.1).
  const world = worldOf({}, {}, { apex: 'zzz.example.com', records: { 'www.zzz.example.com': { A: ['192.0.2.8'] } } });
  const ask: Ask = async (name, type) => {
    if (name !== 'www.zzz.example.com' || type !== TYPE.A) return world.ask(name, type);
    const forged = world.answerTo('zzzz.example.com', TYPE.A);
    return { kind: 'reply', server: '', authoritative: false, authenticated: false, extendedErrors: [], ...forged };
  };
  const validation = await validate(
    { name: 'www.zzz.example.com', type: TYPE.A },
    { ask, anchors: world.anchors, now: world.now },
  );
  expect(inWords(validation)).toBe('bogus example.com denial-wrong www.zzz.example.com A');
});

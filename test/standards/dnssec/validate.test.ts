/** Tests the validator over signed zones in memory: each state, each fault and each form of denial. */
import { describe, expect, test } from 'vitest';
import { TYPE, type Validation, validate } from '../../../src/standards/dnssec/index.ts';
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

const FORMS: readonly (readonly [string, DenialForm])[] = [
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

/** Tests what is known of the security of an answer: the chain of signatures, the plain domain, and what fails. */
import { describe, expect, test } from 'vitest';
import { createFacts } from '../../../src/check/facts/fact.ts';
import { Gaps } from '../../../src/check/facts/gaps.ts';
import { type Security, validated } from '../../../src/check/facts/security.ts';
import type { Settings } from '../../../src/check/settings.ts';
import type { RecordType } from '../../../src/network/dns/answer.ts';
import { overlay } from '../../../src/network/dns/overlay.ts';
import type { ProposedZone } from '../../../src/network/dns/proposal.ts';
import { fixedClock } from '../../world/clock.ts';
import { type SignedZone, signedWorld } from '../../world/signer.ts';
import type { DnsScript } from '../../world/zone.ts';
import { zoneClient } from '../../world/zone-resolver.ts';

const RECORDS = {
  'example.com': { MX: '10 mail.example.com' },
  'mail.example.com': { A: '192.0.2.1' },
  'alias.example.com': { CNAME: 'mail.example.com' },
};

function zonesWith(domain: Partial<SignedZone>): SignedZone[] {
  return [{ apex: '.' }, { apex: 'com' }, { apex: 'example.com', records: RECORDS, ...domain }];
}

interface Question {
  readonly zones?: readonly SignedZone[];
  readonly zone?: DnsScript['zone'];
  readonly strips?: boolean;
  readonly proposed?: readonly ProposedZone[];
  readonly settings?: Partial<Settings>;
  readonly name?: string;
  readonly type?: RecordType;
}

async function securityIn({
  zones = zonesWith({}),
  zone = {},
  strips = false,
  proposed,
  settings = {},
  name = 'mail.example.com',
  type = 'A',
}: Question) {
  const world = signedWorld(zones, { strips });
  const live = zoneClient({ zone, signed: world }, new AbortController().signal);
  const dns = proposed === undefined ? live : overlay(live, proposed);
  const all = { smtpPort: 25, allowPrivate: false, trustAnchors: [world.anchorText], ...settings };
  const gaps = new Gaps();
  const { facts } = createFacts({ dns, settings: all, clock: fixedClock }).needs(gaps);
  return { ...(await facts(validated, name, type)), asked: live.asked, gaps };
}

async function stateOf(question: Question): Promise<Security> {
  return (await securityIn(question)).security;
}

describe('security', () => {
  test('signatures lead from the root to records, to their absence and along an alias', async () => {
    expect(await stateOf({})).toEqual({ kind: 'secure' });
    expect(await stateOf({ name: '_25._tcp.mail.example.com', type: 'TLSA' })).toEqual({ kind: 'secure' });
    const alias = await securityIn({ name: 'alias.example.com' });
    expect(alias).toMatchObject({ security: { kind: 'secure' }, canonical: 'mail.example.com' });
    expect(alias.answer).toMatchObject({ status: 'answer', records: ['192.0.2.1'] });
  });

  test('a domain without DS record costs two questions beside its own', async () => {
    const { security, asked } = await securityIn({ zones: zonesWith({ state: 'unsigned' }) });
    expect(security).toEqual({ kind: 'insecure', zone: 'example.com', isProved: false, reason: null });
    expect(asked).toEqual(['A mail.example.com', 'SOA mail.example.com', 'DS example.com']);
  });

  test.each([
    ['a signature that has expired', { faults: { 'mail.example.com A': 'expired' } }, 'signature-expired'],
    ['a DS record without its key', { hasWrongDs: true }, 'ds-without-key'],
    ['a denial that is missing', { withholdsDenial: true }, 'denial-missing'],
  ] as const)('%s makes the answer bogus', async (_, domain, kind) => {
    const question = kind === 'denial-missing' ? { type: 'MX' as const } : {};
    expect(await stateOf({ zones: zonesWith(domain), ...question })).toMatchObject({
      kind: 'bogus',
      zone: 'example.com',
      fault: { kind },
    });
  });

  test('a resolver that strips signatures leaves a signed domain unknown, and a plain one as it is', async () => {
    expect(await stateOf({ strips: true })).toMatchObject({ kind: 'unknown', reason: { kind: 'signatures-stripped' } });
    expect(await stateOf({ strips: true, zones: zonesWith({ state: 'unsigned' }) })).toMatchObject({
      kind: 'insecure',
    });
  });

  test('a DS question that fails leaves a domain with signatures unknown, and one without them as it is', async () => {
    const zone = { 'example.com': { DS: 'servfail' } } as const;
    expect(await stateOf({ zone })).toMatchObject({ kind: 'unknown', reason: { kind: 'lookup-failed', type: 'DS' } });
    const plain = await securityIn({ zone, zones: zonesWith({ state: 'unsigned' }) });
    expect(plain.security).toMatchObject({ kind: 'insecure', isProved: false });
    expect(plain.gaps.failures()).toEqual([]);
  });

  test('a zone with a trust anchor of its own needs no DS record', async () => {
    const zones = zonesWith({ state: 'island' });
    expect(await stateOf({ zones })).toMatchObject({ kind: 'insecure' });
    const { anchorText } = signedWorld(zones, { anchored: ['example.com'] });
    // Each world has keys of its own, so these are those of another zone.
    expect(await stateOf({ zones, settings: { trustAnchors: [anchorText] } })).toMatchObject({
      kind: 'bogus',
      fault: { kind: 'ds-without-key' },
    });
  });

  test('a record that is only proposed is as secure as its zone', async () => {
    const record = { name: '_25._tcp.mail.example.com', type: 'TLSA', ttl: 60 } as const;
    const data = { usage: 3, selector: 1, matchingType: 1, data: 'ab' };
    const proposed = [{ file: 'zone', records: [{ ...record, data }] }];
    const question = { proposed, name: record.name, type: 'TLSA' } as const;
    expect(await securityIn(question)).toMatchObject({ security: { kind: 'secure' }, answer: { status: 'answer' } });
    expect(await stateOf({ ...question, zones: zonesWith({ hasWrongDs: true }) })).toMatchObject({ kind: 'bogus' });
  });

  test('an answer that the signed one contradicts is not secure', async () => {
    expect(await stateOf({ zone: { 'mail.example.com': { A: [] } } })).toMatchObject({
      kind: 'unknown',
      reason: { kind: 'answers-differ' },
    });
  });
});

/** Whether it is safe to sign with the key given: what its name servers have, and what resolvers may still have. */
import { expect } from 'vitest';
import type { KeyBook, Sighting } from '../../../src/check/facts/key-sighting.ts';
import type dkim from '../../../src/check/rules/dkim/rule.ts';
import { readSigningKey } from '../../../src/standards/dkim/private-key.ts';
import { KEY_RECORD, PAIR } from '../../standards/dkim/keys.ts';
import { fixedClock } from '../../world/clock.ts';
import { child, FIRST, PARENT, parent, SECOND, SIGNPOSTS } from '../../world/name-servers.ts';
import type { RuleCase, Shown } from '../../world/rule-test.ts';
import type { DnsScript, NameScript, ZoneScript } from '../../world/zone.ts';

type Case = RuleCase<keyof typeof dkim.findings>;

const S2 = 's2._domainkey.example.com';
const RECORD = `v=DKIM1; k=rsa; p=${PAIR.publicBase64}`;
const TTL = 1800;
const published = { TXT: { records: [RECORD], ttl: TTL } };
const HERE = { [S2]: published };
const BEFORE = { [S2]: { TXT: { records: [KEY_RECORD], ttl: 7200 } } };
const apexes = ['example.com', 'com', 'example'];
const HOUR = 3_600_000;
const now = fixedClock.now();

const first = { name: 'ns1.example.com', address: FIRST };
const second = { name: 'ns2.example.com', address: SECOND };

/** A book that knows this of the key of these cases, and notes what is kept. */
function bookOf(known: Sighting | null, kept: Sighting[] = []): KeyBook {
  return {
    known: async (name) => (name === S2 ? known : null),
    keep: async (_name, _fingerprint, sighting) => {
      kept.push(sighting);
    },
  };
}

interface Scene extends Omit<Case, 'zone' | 'dns'> {
  /** What the resolver has at the selector. The key when absent. */
  readonly resolver?: ZoneScript;
  /** What the first and the second name server have. The key when absent. */
  readonly at?: readonly [ZoneScript, ZoneScript | Omit<DnsScript, 'nameServers'>];
  /** What the resolver says of the zone. */
  readonly apex?: NameScript;
}

function scene({ resolver = HERE, at: [one, other] = [HERE, HERE], apex, settings, ...given }: Scene): Case {
  const { 'example.com': way, ...ways } = SIGNPOSTS;
  return {
    selectors: ['s2'],
    settings: { dkimKeyPem: PAIR.privatePem, ...settings },
    ...given,
    zone: { ...ways, 'example.com': apex ?? way ?? {}, ...resolver },
    dns: {
      apexes,
      nameServers: {
        [PARENT]: parent,
        [FIRST]: child(one),
        [SECOND]: 'zone' in other ? (other as DnsScript) : child(other as ZoneScript),
      },
    },
  };
}

const hoursAgo = (hours: number): number => now - hours * HOUR;
const iso = (time: number): string => new Date(time).toISOString();

/** Holds how many seconds from the start of the run the switch is safe at the latest. */
function safeAfter(seconds: number, slack = 60) {
  return ({ findings, report }: Shown): void => {
    const found = findings.find(({ code }) => code === 'dkim/not-safe-yet');
    const { by } = (found?.evidence ?? {}) as { by?: string };
    const after = (Date.parse(by ?? '') - now) / 1000;
    expect(after).toBeGreaterThanOrEqual(seconds);
    expect(after).toBeLessThan(seconds + slack);
    expect(report.dkimKeys).toEqual([expect.objectContaining({ name: S2, selector: 's2', safeAt: by, isSafe: false })]);
  };
}

/** Records published at the same time with a long TTL, so that the resolver is seen not to cut TTLs. */
const LONG = { NS: { records: ['ns1.example.com', 'ns2.example.com'], ttl: 86_400 } };
/** The key with a TTL of a day at the servers, of which the resolver has so many seconds left. */
const aged = (left: number): Pick<Scene, 'resolver' | 'at'> => {
  const day = { [S2]: { TXT: { records: [RECORD], ttl: 86_000 } } };
  return { resolver: { [S2]: { TXT: { records: [RECORD], ttl: left } } }, at: [day, day] };
};

const kept: Sighting[] = [];
const cleared: Sighting[] = [];
const lowered: Sighting[] = [];
const old: Sighting[] = [];

export const switchCases: readonly Case[] = [
  scene({
    when: 'all name servers have the key, and nobody knows since when',
    keys: bookOf(null, kept),
    finds: [
      {
        code: 'dkim/not-safe-yet',
        about: { name: S2, selector: 's2' },
        evidence: { why: 'older-answers', having: [first, second], unseen: [], isResolverOld: false, keptFor: 3600 },
        rests: [`TXT ${S2}`],
        says: new RegExp(
          `^Both name servers of example\\.com have the key at ${S2}, but resolvers may still have an older answer: it is safe to switch to selector s2 at [\\d: -]+ UTC at the latest\\.$`,
        ),
      },
    ],
    status: 'pass',
    also: (shown) => {
      // The zone lets resolvers keep an absence for longer than the TTL of the record.
      safeAfter(3600)(shown);
      expect(kept).toEqual([{ since: expect.any(Number), otherTtl: 3600 }]);
      expect(kept[0]?.since).toBeGreaterThanOrEqual(now);
    },
  }),
  scene({
    when: 'an earlier run saw the key at all name servers two hours ago',
    keys: bookOf({ since: hoursAgo(2), otherTtl: null }),
    finds: [
      {
        code: 'dkim/safe-to-switch',
        severity: 'info',
        says: `It is safe to switch to selector s2: both name servers of example.com have the key at ${S2}, and older answers have expired.`,
        fix: /Keep the key of the selector before for 7 days/,
      },
    ],
    also: ({ report }) => {
      expect(report.dkimKeys).toEqual([
        expect.objectContaining({ since: iso(hoursAgo(2)), safeAt: iso(hoursAgo(1)), isSafe: true }),
      ]);
    },
  }),
  scene({
    when: 'an earlier run saw the key at all name servers less than an hour ago',
    keys: bookOf({ since: hoursAgo(0.5), otherTtl: null }),
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(1800),
  }),
  scene({
    when: 'an earlier run saw another record with a longer TTL',
    keys: bookOf({ since: hoursAgo(1.5), otherTtl: 7200 }),
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(1800),
  }),
  scene({
    when: 'the sighting of an earlier run is in the future',
    keys: bookOf({ since: now + HOUR, otherTtl: null }),
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(3600),
  }),
  scene({
    when: 'the baseline report saw the key at all name servers two hours ago',
    settings: {
      earlierKeys: [{ name: S2, fingerprint: fingerprintOfPair(), since: iso(hoursAgo(2)) }],
    },
    finds: ['dkim/safe-to-switch'],
  }),
  scene({
    when: 'the baseline report saw another key',
    settings: {
      earlierKeys: [{ name: S2, fingerprint: `sha256:${'0'.repeat(64)}`, since: iso(hoursAgo(2)) }],
    },
    finds: ['dkim/not-safe-yet'],
  }),
  scene({
    when: 'the resolver has had the key for longer than the refresh time and the older answers',
    apex: LONG,
    ...aged(10_000),
    keys: bookOf(null),
    finds: ['dkim/not-safe-yet'],
    // The TTL of a day, less the age of 76000 s, of which the name servers may have lagged 3600 s.
    also: safeAfter(86_000 - (76_000 - 3600)),
  }),
  scene({
    when: 'the resolver cuts every TTL, so that its answer has no age',
    ...aged(30),
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(86_000),
  }),
  scene({
    when: 'one name server has no record yet',
    at: [HERE, {}],
    keys: bookOf({ since: hoursAgo(48), otherTtl: null }, cleared),
    finds: [
      {
        code: 'dkim/not-at-all-servers',
        evidence: { having: [first], lacking: [second], other: [] },
        says: `It is not safe to switch to selector s2 yet: ns2.example.com (${SECOND}) has no record at ${S2}.`,
      },
    ],
    status: 'warn',
    // What was seen before is over.
    also: () => expect(cleared).toEqual([{ since: null, otherTtl: 3600, lostAt: expect.any(Number) }]),
  }),
  scene({
    when: 'the baseline report saw the key at all name servers, and a later run saw one without it',
    keys: bookOf({ since: null, otherTtl: null, lostAt: hoursAgo(1) }),
    settings: {
      earlierKeys: [{ name: S2, fingerprint: fingerprintOfPair(), since: iso(hoursAgo(2)) }],
    },
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(3600),
  }),
  scene({
    when: 'an earlier run saw the key at all name servers, and the baseline report saw one without it later',
    keys: bookOf({ since: hoursAgo(3), otherTtl: null }),
    settings: {
      earlierKeys: [{ name: S2, fingerprint: fingerprintOfPair(), since: null, lostAt: iso(hoursAgo(2)) }],
    },
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(3600),
  }),
  scene({
    when: 'the loss is older than the baseline report that saw the key at all name servers',
    keys: bookOf({ since: null, otherTtl: null, lostAt: hoursAgo(3) }),
    settings: {
      earlierKeys: [{ name: S2, fingerprint: fingerprintOfPair(), since: iso(hoursAgo(2)) }],
    },
    finds: ['dkim/safe-to-switch'],
  }),
  scene({
    when: 'the baseline report saw a longer negative TTL than the zone has now',
    settings: {
      earlierKeys: [{ name: S2, fingerprint: fingerprintOfPair(), since: iso(hoursAgo(2)), safeAt: iso(now + HOUR) }],
    },
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(3600),
  }),
  scene({
    when: 'an earlier run saw an absence with a negative TTL that was longer, and it has not run out',
    keys: bookOf({ since: hoursAgo(2), otherTtl: 60, olderUntil: now + 2 * HOUR }),
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(7200),
  }),
  scene({
    when: 'the negative TTL was lowered while the key was not there',
    resolver: {},
    at: [{}, {}],
    keys: bookOf({ since: null, otherTtl: 86_400, lostAt: hoursAgo(1) }, lowered),
    finds: ['dkim/selector-missing'],
    also: () => {
      expect(lowered).toEqual([
        { since: null, otherTtl: 3600, lostAt: expect.any(Number), olderUntil: expect.any(Number) },
      ]);
      expect(lowered[0]?.olderUntil).toBeGreaterThanOrEqual(now + 24 * HOUR);
    },
  }),
  scene({
    when: 'all name servers still have the record from before',
    resolver: BEFORE,
    at: [BEFORE, BEFORE],
    keys: bookOf(null, old),
    finds: ['dkim/key-mismatch'],
    // Resolvers keep it for its TTL when the key takes its place.
    also: () => expect(old).toEqual([{ since: null, otherTtl: 7200, lostAt: expect.any(Number) }]),
  }),
  scene({
    when: 'one name server has the record from before',
    at: [HERE, BEFORE],
    finds: [
      {
        code: 'dkim/not-at-all-servers',
        says: `It is not safe to switch to selector s2 yet: ns2.example.com (${SECOND}) has another record at ${S2}.`,
        details: expect.arrayContaining([{ label: `ns2.example.com (${SECOND})`, text: 'has another record' }]),
      },
    ],
  }),
  scene({
    when: 'one name server lacks the record and the run waits for the switch',
    at: [HERE, {}],
    settings: { untilSafe: true },
    finds: [{ code: 'dkim/not-at-all-servers', severity: 'error' }],
  }),
  scene({
    when: 'an older answer may be left and the run waits for the switch',
    settings: { untilSafe: true },
    finds: [{ code: 'dkim/not-safe-yet', severity: 'error' }],
    status: 'fail',
  }),
  scene({
    when: 'the switch is safe and the run waits for it',
    settings: { untilSafe: true },
    keys: bookOf({ since: hoursAgo(2), otherTtl: null }),
    finds: ['dkim/safe-to-switch'],
    status: 'pass',
  }),
  scene({
    when: 'one name server is silent',
    at: [HERE, { zone: {}, fault: 'timeout' }],
    keys: bookOf({ since: hoursAgo(48), otherTtl: null }),
    finds: [
      {
        code: 'dkim/not-safe-yet',
        evidence: { why: 'unseen', having: [first], unseen: [second], by: null },
        says: `It is not known whether it is safe to switch to selector s2: not all name servers could be asked for ${S2} (no answer from ns2.example.com (${SECOND})).`,
      },
    ],
  }),
  scene({
    when: 'one name server is silent and the run waits for the switch',
    at: [HERE, { zone: {}, fault: 'timeout' }],
    settings: { untilSafe: true },
    finds: [
      {
        code: 'dkim/inconclusive',
        evidence: { reason: 'name-servers-unseen', servers: [`ns2.example.com (${SECOND})`] },
        says: /^It is not known whether it is safe to switch to selector s2: not all name servers could be asked/,
      },
    ],
  }),
  scene({
    when: 'the resolver still has no record',
    resolver: {},
    keys: bookOf({ since: hoursAgo(48), otherTtl: null }),
    finds: [
      'dkim/selector-missing',
      {
        code: 'dkim/not-safe-yet',
        evidence: { why: 'older-answers', isResolverOld: true },
        says: /but the resolver of this check still has an older answer/,
      },
    ],
    // As long as the resolver may keep the absence.
    also: safeAfter(60, 400),
  }),
  scene({
    when: 'the resolver still has the record from before',
    resolver: { [S2]: { TXT: { records: [KEY_RECORD], ttl: 900 } } },
    keys: bookOf({ since: hoursAgo(48), otherTtl: null }),
    finds: ['dkim/key-mismatch', { code: 'dkim/not-safe-yet', evidence: { isResolverOld: true } }],
    also: safeAfter(900),
  }),
  scene({
    when: 'no name server has the key',
    resolver: {},
    at: [{}, {}],
    finds: ['dkim/selector-missing'],
    also: ({ report }) => expect(report).not.toHaveProperty('dkimKeys'),
  }),
  scene({
    when: 'only the resolver has the key',
    at: [{}, {}],
    finds: [{ code: 'dkim/not-at-all-servers', evidence: { having: [], lacking: [first, second] } }],
  }),
  scene({
    when: 'the selector is an alias in the same zone, whose TTL is longer than that of the key',
    resolver: { [S2]: { CNAME: ['key.example.com'] }, 'key.example.com': published },
    at: aliases(9000),
    keys: bookOf({ since: hoursAgo(2), otherTtl: null }),
    finds: ['dkim/not-safe-yet'],
    also: safeAfter(9000 - 7200),
  }),
  {
    ...scene({
      when: 'no private key is given, so that no name server is asked',
      also: ({ asked }) =>
        expect(asked.filter((question) => question.startsWith('NS ') && question !== 'NS arpa')).toEqual([]),
    }),
    settings: {},
  },
];

function aliases(ttl: number): readonly [ZoneScript, ZoneScript] {
  const zone = { [S2]: { CNAME: { records: ['key.example.com'], ttl } }, 'key.example.com': published };
  return [zone, zone];
}

function fingerprintOfPair(): string {
  const reading = readSigningKey(PAIR.privatePem);
  if (reading.kind !== 'key') throw new Error('the key of the tests cannot be read');
  return reading.signingKey.key.fingerprint;
}

/** What must hold for any record and any order of answers. */

import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Resolver } from '../../../src/network/dns/answer.ts';
import { checkHost, MAX_LOOKUPS, MAX_VOID_LOOKUPS, parseRecord, walk } from '../../../src/standards/spf/index.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import type { NameScript, ZoneScript } from '../../world/zone.ts';
import { type ZoneResolver, zoneResolver } from '../../world/zone-resolver.ts';
import { address, CLIENT, CLIENT6 } from './check.ts';
import { VALID_TERMS } from './valid-terms.ts';

const DOMAINS = ['example.com', 'a.example', 'b.example', 'c.example', 'd.example'];

const target = fc.constantFrom(
  ...DOMAINS,
  'void.example',
  'down.example',
  'a..example',
  '%{d}',
  '%{l}.a.example',
  '%{p}',
);
const term = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '-', '~', '?'), fc.constantFrom('include:', 'a:', 'mx:', 'exists:', 'ptr:'), target)
    .map((parts) => parts.join('')),
  fc.constantFrom(
    'a',
    'mx',
    'ptr',
    'ip4:192.0.2.1',
    '-ip4:192.0.2.10',
    'ip4:192.0.2.0/24',
    'ip6:2001:db8::/32',
    'x=y',
    'all',
    '~all',
    'bad',
  ),
  target.map((name) => `redirect=${name}`),
  target.map((name) => `exp=${name}`),
);
const zoneName: fc.Arbitrary<NameScript> = fc.record({
  TXT: fc.oneof(
    { weight: 9, arbitrary: fc.array(term, { maxLength: 7 }).map((terms) => [['v=spf1', ...terms].join(' ')]) },
    { weight: 1, arbitrary: fc.constantFrom(['just text'], 'timeout' as const) },
  ),
  A: fc.constantFrom(['192.0.2.10'], ['192.0.2.99'], [], 'servfail' as const),
  AAAA: fc.constantFrom(['2001:db8::10'], []),
  MX: fc.array(
    fc.tuple(fc.nat(3), fc.constantFrom(...DOMAINS, 'void.example')).map((parts) => parts.join(' ')),
    { maxLength: 12 },
  ),
});
const zone: fc.Arbitrary<ZoneScript> = fc.tuple(...DOMAINS.map(() => zoneName), fc.subarray(DOMAINS)).map((parts) => {
  const names = parts.slice(0, DOMAINS.length);
  const pointers = parts.at(-1);
  return {
    ...Object.fromEntries(DOMAINS.map((domain, index) => [domain, names[index] ?? {}] as const)),
    'down.example': { '*': 'servfail' },
    '10.2.0.192.in-addr.arpa': { PTR: Array.isArray(pointers) ? pointers : [] },
  } as ZoneScript;
});

function evaluate(resolver: Resolver, ip: string, prefetch = true) {
  const request = { ip: address(ip), sender: 'a@example.com', heloName: 'b.example', resolver, prefetch, now: () => 0 };
  return checkHost(request);
}

/** Milliseconds that depend on the question alone, in an order unlike that of asking. */
function delays(seed: number): (question: string) => number {
  return (question) => [...question].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) % 997, seed) % 4;
}

/** Answers as another resolver, after as many milliseconds as the question is given. */
function delayed(resolver: Resolver, delayOf: (question: string) => number): Resolver {
  return {
    async query(name, type) {
      await wait(delayOf(`${type} ${name}`));
      return resolver.query(name, type);
    },
  };
}

describe('SPF, for any zone', () => {
  test('the outcome does not depend on prefetching or on the order of answers', async () => {
    await fc.assert(
      fc.asyncProperty(zone, fc.constantFrom(CLIENT, CLIENT6), fc.nat(996), async (names, ip, seed) => {
        const plain = await evaluate(zoneResolver({ zone: names }), ip, false);
        expect(await evaluate(zoneResolver({ zone: names }), ip)).toEqual(plain);
        expect(await evaluate(delayed(zoneResolver({ zone: names }), delays(seed)), ip)).toEqual(plain);
      }),
      { numRuns: runs(150) },
    );
  });

  test('the limits hold, each verdict has a reason, and the number of queries is limited', async () => {
    await fc.assert(
      fc.asyncProperty(zone, async (names) => {
        const resolver = zoneResolver({ zone: names });
        const { result, lookups, voidLookups, problem, trace } = await evaluate(resolver, CLIENT);
        expect(lookups).toBeLessThanOrEqual(MAX_LOOKUPS);
        if (result !== 'permerror') expect(voidLookups).toBeLessThanOrEqual(MAX_VOID_LOOKUPS);
        expect(problem?.result ?? null).toBe(result === 'permerror' || result === 'temperror' ? result : null);
        expect(trace.terms.reduce((sum, each) => sum + each.lookups, 0)).toBe(lookups);
        expect(new Set(resolver.asked).size).toBe(resolver.asked.length);
        expect(resolver.asked.length).toBeLessThanOrEqual(60);
      }),
      { numRuns: runs(300) },
    );
  });

  test('the static walk ends, counts each node as the sum of its terms, and asks no question twice', async () => {
    await fc.assert(
      fc.asyncProperty(zone, async (names) => {
        const resolver = zoneResolver({ zone: names });
        const { root } = await walk('example.com', resolver);
        expect(root.cost).toBe(root.terms.reduce((sum, each) => sum + each.cost, 0));
        expect(new Set(resolver.asked).size).toBe(resolver.asked.length);
      }),
      { numRuns: runs(150) },
    );
  });
});

describe('SPF: hostile zones', () => {
  /** Every name has the same record, and is one label longer than the last. */
  function endless(text: string): Resolver & Pick<ZoneResolver, 'asked'> {
    const asked: string[] = [];
    const inner = zoneResolver({ zone: { 'any.example': { TXT: [text], A: ['192.0.2.1'], MX: ['1 any.example'] } } });
    return {
      asked,
      query(name, type) {
        asked.push(`${type} ${name}`);
        return inner.query('any.example', type);
      },
    };
  }

  const hostile = [
    'v=spf1 include:x.%{d} -all',
    'v=spf1 include:x.%{d} include:y.%{d} include:z.%{d} -all',
    'v=spf1 redirect=x.%{d}',
    `v=spf1 ${'a:x.%{d} mx:y.%{d} '.repeat(500)}-all`,
    `v=spf1 ${Array.from({ length: 1000 }, (_, n) => `include:h${n}.example`).join(' ')} -all`,
  ];
  test.each(hostile.map((text) => [text.slice(0, 60), text] as const))(
    'the same record everywhere ends in permerror with few queries, evaluated or walked: %s',
    async (_, text) => {
      const evaluated = endless(text);
      expect(await evaluate(evaluated, CLIENT)).toMatchObject({ result: 'permerror', lookups: MAX_LOOKUPS });
      expect(evaluated.asked.length).toBeLessThanOrEqual(60);
      const walked = endless(text);
      const { root, isTruncated } = await walk('example.com', walked);
      expect(root.cost).toBeGreaterThan(MAX_LOOKUPS);
      expect(isTruncated).toBe(true);
      expect(walked.asked.length).toBeLessThanOrEqual(120);
    },
  );

  test('a record of 64 KiB and one of thousands of terms are evaluated without delay', async () => {
    const started = cpuMs();
    const macros = `v=spf1 exists:${'%{s}.'.repeat(13_000)}example -all`;
    expect(await evaluate(endless(macros), CLIENT)).toMatchObject({ result: 'pass' });
    const many = `v=spf1 ${'ip4:192.0.2.11 x=y '.repeat(3000)}exp=e.example ~all ${'a '.repeat(3000)}`;
    expect(await evaluate(endless(many), CLIENT)).toMatchObject({ result: 'softfail' });
    expect(cpuMs() - started).toBeLessThan(3000);
  });
});

describe('SPF: hostile records', () => {
  test('property: the parser never throws and loses no term', () => {
    const record = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(record, (tail) => {
        const { terms, problems } = parseRecord(`v=spf1 ${tail}`);
        expect(terms.length + problems.length).toBe(tail.split(' ').filter((term) => term !== '').length);
      }),
    );
  });

  test('property: a record of valid terms has no problem, and each term keeps its text', () => {
    const terms = fc.array(fc.constantFrom(...VALID_TERMS.filter((term) => !/^(redirect|exp)=/.test(term))));
    fc.assert(
      fc.property(terms, (texts) => {
        const parsed = parseRecord(['v=spf1', ...texts].join(' '));
        expect(parsed.problems).toEqual([]);
        expect(parsed.terms.map(({ text }) => text)).toEqual(texts);
      }),
    );
  });

  test('64 KiB in one term, thousands of terms and thousands of macros are parsed without delay', () => {
    const started = cpuMs();
    const long = [`a:${'x'.repeat(65_000)}`, 'a '.repeat(30_000), '%{d}'.repeat(16_000), `a/${'1'.repeat(60_000)}x`];
    for (const tail of long) parseRecord(`v=spf1 ${tail}`);
    expect(cpuMs() - started).toBeLessThan(2000);
  });

  test('an expansion of megabytes is shortened without delay', async () => {
    const started = cpuMs();
    const resolver = zoneResolver({ zone: { 'example.com': `v=spf1 exists:${'%{d}.'.repeat(10_000)}example -all` } });
    const { trace } = await evaluate(resolver, CLIENT);
    expect(trace.terms[0]?.target).toHaveLength(251);
    expect(cpuMs() - started).toBeLessThan(1000);
  });
});

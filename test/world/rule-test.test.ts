/** What the table test of a rule refuses: it is what all rules are tested by. */
import { describe, expect, test } from 'vitest';
import ptr from '../../src/check/rules/ptr/rule.ts';
import type { FindingResult } from '../../src/report/status.ts';
import { holdsCase, type RuleCase, runCase, type Shown } from './rule-test.ts';

const reverse = '5.113.0.203.in-addr.arpa';
const world: RuleCase = { when: 'no PTR', zone: {} };
const shown = await runCase(ptr, world);
const [missing] = shown.findings;
if (missing === undefined) throw new Error('no finding');

const holds = (given: Partial<RuleCase>, changed: Partial<Shown> = {}) =>
  holdsCase(ptr, { ...world, ...given }, { ...shown, ...changed });

test('the case that is taken apart here holds', () => {
  const rests = [`PTR ${reverse}`];
  const evidence = { query: { rcode: 'nxdomain' } };
  expect(() => holds({ finds: ['ptr/missing'] })).not.toThrow();
  expect(() =>
    holds({ finds: [{ code: 'ptr/missing', about: { ip: '203.0.113.5' }, rests, evidence, says: /no PTR record/ }] }),
  ).not.toThrow();
  expect(() => holds({ finds: ['ptr/missing'], never: ['ptr/generic'] })).not.toThrow();
  expect(() => holds({ finds: ['ptr/missing'], status: 'fail', note: '203.0.113.5 → no PTR record' })).not.toThrow();
});

describe('a case is refused that expects', () => {
  test.each<[string, Partial<RuleCase>]>([
    ['nothing', {}],
    ['another code', { finds: ['ptr/generic'] }],
    ['one more', { finds: ['ptr/missing', 'ptr/generic'] }],
    ['the same twice', { finds: ['ptr/missing', 'ptr/missing'] }],
    ['another severity', { finds: [{ code: 'ptr/missing', severity: 'warning' }] }],
    ['another subject', { finds: [{ code: 'ptr/missing', subject: 'example.com' }] }],
    ['less of what it is about', { finds: [{ code: 'ptr/missing', about: {} }] }],
    ['more of what it is about', { finds: [{ code: 'ptr/missing', about: { ip: '203.0.113.5', port: 25 } }] }],
    ['other questions', { finds: [{ code: 'ptr/missing', rests: [] }] }],
    ['other evidence', { finds: [{ code: 'ptr/missing', evidence: { query: { rcode: 'nodata' } } }] }],
    ['other words', { finds: [{ code: 'ptr/missing', says: /^It/ }] }],
    ['another step', { finds: [{ code: 'ptr/missing', fix: /^Delete/ }] }],
    ['another remedy', { finds: [{ code: 'ptr/missing', remediation: { links: [] } }] }],
    ['the code not to appear', { never: ['ptr/missing'] }],
    ['another code among others', { finds: ['ptr/generic'], never: [] }],
    ['another severity among others', { finds: [{ code: 'ptr/missing', severity: 'info' }], never: [] }],
    ['less of what it is about, among others', { finds: [{ code: 'ptr/missing', about: {} }], never: [] }],
    ['another status', { finds: ['ptr/missing'], status: 'pass' }],
    ['another note', { finds: ['ptr/missing'], note: 'clean' }],
    ['the rule to be skipped', { finds: ['ptr/missing'], skips: /./ }],
    [
      'more in code',
      {
        finds: ['ptr/missing'],
        also: ({ asked }) => {
          expect(asked).toEqual([]);
        },
      },
    ],
  ])('%s', (_, given) => {
    expect(() => holds(given)).toThrow();
  });
});

describe('a finding is refused', () => {
  test.each<[string, Partial<FindingResult>]>([
    ['that is not in the catalogue', { code: 'ptr/other' }],
    ['without a message', { message: '' }],
    ['whose message has no end', { message: 'It has no reverse name' }],
    ['without a remediation', { remediation: { summary: '' } }],
    ['whose remediation has no end', { remediation: { summary: 'Set one' } }],
    ['that rests on a name in capitals', { rests: [{ name: reverse.toUpperCase(), type: 'PTR' }] }],
    ['that rests on a question that was not asked', { rests: [{ name: 'example.com', type: 'TXT' }] }],
  ])('%s', (_, changed) => {
    const findings = [{ ...missing, ...changed }];
    expect(() => holds({ finds: findings.map(({ code }) => code) }, { findings })).toThrow();
  });

  test('that is about the same as another', () => {
    const findings = [missing, missing];
    expect(() => holds({ finds: ['ptr/missing', 'ptr/missing'] }, { findings })).toThrow();
    const other = { ...missing, about: { ip: '203.0.113.6' } };
    expect(() => holds({ finds: ['ptr/missing', 'ptr/missing'] }, { findings: [missing, other] })).not.toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { planDmarc } from '../../../src/check/conclusion/plan/dmarc.ts';
import type { PlannerSources, Proposal } from '../../../src/check/conclusion/plan/planner.ts';
import type { DmarcChange } from '../../../src/check/rules/edit.ts';
import { readDmarc } from '../../../src/standards/dmarc/correct.ts';
import { isWeaker } from '../../../src/standards/dmarc/policy.ts';
import { POLICIES, type Policy, parseDmarcRecord } from '../../../src/standards/dmarc/record.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';

const NAME = '_dmarc.example.com';
const RUA = 'rua=mailto:r@example.com';
const correct: DmarcChange = { do: 'correct' };
const ask: DmarcChange = { do: 'ask-for-reports', uri: 'mailto:dmarc@example.com' };
const tighten: DmarcChange = { do: 'tighten-later' };

/** The planner needs nothing besides the published texts. */
const sources = {} as PlannerSources;

function plan(texts: readonly string[], ...changes: DmarcChange[]) {
  return planDmarc(
    NAME,
    texts.map((text) => [text]),
    changes,
    sources,
  );
}

describe('planDmarc: one record of all edits', () => {
  const cases: readonly (readonly [string, readonly string[], readonly DmarcChange[], string, readonly string[]])[] = [
    [
      'the record that was meant',
      [`v=DMARCl; p-reject; ${RUA}`],
      [correct],
      `v=DMARC1; p=reject; ${RUA}`,
      ['corrects "v=DMARCl" to v=DMARC1', 'writes an equals sign after p for a dash'],
    ],
    [
      'report addresses, where the record has none',
      ['v=DMARC1; p=none'],
      [ask, tighten],
      'v=DMARC1; p=none; rua=mailto:dmarc@example.com',
      ['asks for reports to dmarc@example.com'],
    ],
    [
      'the address that the owner mistyped, and no other',
      ['v=DMARC1; p=none; rua=r@example.com'],
      [ask],
      `v=DMARC1; p=none; ${RUA}`,
      ['corrects "r@example.com" to mailto:r@example.com'],
    ],
    [
      'a mailbox beside a URI of another scheme',
      ['v=DMARC1; p=none; rua=https://example.com/r'],
      [ask],
      'v=DMARC1; p=none; rua=https://example.com/r,mailto:dmarc@example.com',
      ['asks for reports to dmarc@example.com'],
    ],
    [
      'changed tags, and nothing of what has no effect',
      [`v=DMARC1; p=reject; sp=none; ri=3600; ${RUA}`],
      [{ do: 'set', tags: { sp: null, np: null }, because: 'for a reason' }],
      `v=DMARC1; p=reject; ${RUA}`,
      ['removes sp=none, for a reason', 'removes ri=3600, which DMARC no longer has'],
    ],
    [
      'a tag that is set',
      [`v=DMARC1; p=reject; ${RUA}`],
      [{ do: 'set', tags: { psd: 'n' }, because: 'for a reason' }],
      `v=DMARC1; p=reject; ${RUA}; psd=n`,
      ['sets psd=n, for a reason'],
    ],
    [
      'a first record',
      ['hello'],
      [{ do: 'publish', text: 'v=DMARC1; p=none' }],
      'v=DMARC1; p=none',
      ['publishes a first record'],
    ],
    [
      'a record of another name, as it was meant',
      [],
      [{ do: 'publish', text: `v=DMARC1; p=rejct; ${RUA}`, moves: 'dmarc.example.com' }],
      `v=DMARC1; p=reject; ${RUA}`,
      ['takes over the record at dmarc.example.com', 'corrects "p=rejct" to p=reject'],
    ],
    [
      'two records, one of which stands elsewhere',
      ['v=dmarc1; p=none'],
      [correct, { do: 'publish', text: `v=DMARC1; p=reject; ${RUA}`, moves: 'dmarc.example.com' }],
      `v=DMARC1; p=reject; ${RUA}`,
      [
        'corrects "v=dmarc1" to v=DMARC1',
        'takes over the record at dmarc.example.com',
        'merges the records and keeps the strictest policy and all report addresses',
      ],
    ],
    [
      'a piece that is left out, with its name',
      [`v=DMARC1; p=reject; 1x=1; t=yes; ${RUA}`],
      [correct],
      `v=DMARC1; p=reject; ${RUA}`,
      ['removes "1x=1", which is not a tag', 'removes "t=yes", which receivers ignore'],
    ],
  ];
  it.each(cases)('%s', async (_, texts, changes, text, notes) => {
    expect(await plan(texts, ...changes)).toMatchObject({ kind: 'proposal', add: [text], notes });
  });

  it.each<readonly [string, string, DmarcChange]>([
    ['a policy is never made weaker', `v=DMARC1; p=reject; ${RUA}`, { do: 'set', tags: { p: 'none' }, because: '' }],
    [
      'nor is that of subdomains',
      `v=DMARC1; p=none; sp=reject; ${RUA}`,
      { do: 'set', tags: { sp: null }, because: '' },
    ],
    ['a record with an address stays as it is', `v=DMARC1;p=reject;${RUA}`, ask],
    ['a right record stays as it is', `v=DMARC1;p=reject;ri=3600;${RUA}`, correct],
  ])('%s', async (_, text, change) => {
    expect(await plan([text], change)).toMatchObject({ remove: [], add: [] });
  });

  it.each([
    [
      `v=DMARC1; p=block; ${RUA}`,
      'Decide what "p=block" means in the record at _dmarc.example.com: none, quarantine or reject.',
    ],
    [
      `v=DMARC1; sp=reject; ${RUA}`,
      'Decide which policy p= should have in the record at _dmarc.example.com: none, quarantine or reject.',
    ],
    [
      'v=DMARC1; p=reject; rua=mailto:dmarc',
      'Decide what "rua=mailto:dmarc" means in the record at _dmarc.example.com.',
    ],
  ])('%s is for the owner to decide', async (text, decide) => {
    expect(await plan([text], correct, ask, tighten)).toEqual({
      kind: 'undecided',
      decide: expect.stringContaining(decide),
    });
  });
});

describe('planDmarc: later stages', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['none', `v=DMARC1; p=none; ${RUA}`, [`v=DMARC1; p=quarantine; ${RUA}`, `v=DMARC1; p=reject; ${RUA}`]],
    [
      'none with weaker subdomains',
      `v=DMARC1; p=none; sp=none; np=quarantine; ${RUA}`,
      [`v=DMARC1; p=quarantine; np=quarantine; ${RUA}`, `v=DMARC1; p=reject; ${RUA}`],
    ],
    [
      'a test of quarantine',
      `v=DMARC1; p=quarantine; t=y; ${RUA}`,
      [`v=DMARC1; p=quarantine; ${RUA}`, `v=DMARC1; p=reject; ${RUA}`],
    ],
    ['subdomains with a weaker policy', `v=DMARC1; p=reject; sp=none; ${RUA}`, [`v=DMARC1; p=reject; ${RUA}`]],
    ['a test of reject', `v=DMARC1; p=reject; t=y; ${RUA}`, [`v=DMARC1; p=reject; ${RUA}`]],
    ['a policy whose reports nobody reads', 'v=DMARC1; p=none', []],
  ])('%s', async (_, text, stages) => {
    const proposal = await plan([text], tighten);
    expect(proposal).toMatchObject({ remove: [], add: [] });
    expect((proposal as Proposal).later?.map((stage) => stage.text)).toEqual(stages);
  });

  it('names the policy of subdomains that goes', async () => {
    const { later = [] } = (await plan([`v=DMARC1; p=none; sp=none; ${RUA}`], tighten)) as Proposal;
    expect(later.map(({ when }) => when)).toEqual([
      'Publish this when the reports of some weeks show that all your mail passes. It also removes sp=none, so that subdomains are protected too.',
      'Publish this when quarantine has caught no mail of your own for some weeks.',
    ]);
  });
});

/** Pieces of records, right and wrong. */
const pieces = fc.constantFrom(
  'v=DMARC1;',
  'v=dmarc1;',
  'v=DMARCl ',
  'p=none;',
  'p=rejct;',
  'p=quarantine ',
  'p-reject,',
  'sp=none;',
  'np=reject;',
  't=y;',
  'pct=20;',
  'psd=y;',
  'fo:0;',
  'rua=mailto:a@example.com;',
  'rua=b@example.net ',
  'ruf=,;',
  'foo=bar;',
  'hello ',
  '"',
);
const anyChange = fc.constantFrom<DmarcChange>(
  correct,
  ask,
  tighten,
  { do: 'set', tags: { pct: null }, because: 'for a reason' },
  { do: 'set', tags: { sp: null, np: null }, because: 'for a reason' },
  { do: 'set', tags: { psd: null }, because: 'for a reason' },
  { do: 'publish', text: 'v=DMARC1; p=none' },
);

describe('planDmarc: any texts and edits', () => {
  it('the record is right, planned again it stays, and no policy is weaker', async () => {
    const texts = fc.array(fc.array(pieces, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 2 });
    const changes = fc.uniqueArray(anyChange, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(texts, changes, async (parts, asked) => {
        const published = parts.map((words) => words.join(''));
        const proposal = await plan(published, ...asked);
        if (proposal.kind === 'undecided') {
          expect(proposal.decide).toMatch(/^Decide .*\.$/);
          return;
        }
        const after = [...published.filter((text) => !proposal.remove.includes(text)), ...proposal.add];
        for (const text of proposal.add) {
          expect(readDmarc(text)).toEqual({ kind: 'right' });
          expect(proposal.notes).not.toEqual([]);
        }
        expect(await plan(after, ...asked)).toMatchObject({ kind: 'proposal', remove: [], add: [] });
        const [strictest, ...addresses] = [policyOf(published), ...addressesOf(published)];
        for (const { text } of [...proposal.add.map((one) => ({ text: one })), ...(proposal.later ?? [])]) {
          expect(isWeaker(policyOf([text]), strictest)).toBe(false);
          expect(addressesOf([text])).toEqual(expect.arrayContaining(addresses));
        }
      }),
      { numRuns: runs(1000) },
    );
  });
});

/** @returns the strictest policy that receivers find in texts, as if each were the only one. */
function policyOf(texts: readonly string[]): Policy {
  const found = texts.flatMap((text) => {
    const p = parseDmarcRecord(text)?.p;
    return p && 'value' in p ? [p.value] : [];
  });
  return [...POLICIES].reverse().find((policy) => found.includes(policy)) ?? 'none';
}

function addressesOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => parseDmarcRecord(text)?.rua.flatMap(({ address }) => address ?? []) ?? []);
}

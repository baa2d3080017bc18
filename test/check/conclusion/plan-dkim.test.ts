import { describe, expect, it } from 'vitest';
import { planDkim } from '../../../src/check/conclusion/plan/dkim.ts';
import type { PlannerSources, Proposal } from '../../../src/check/conclusion/plan/planner.ts';
import type { DkimChange } from '../../../src/check/rules/edit.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import { ED25519, KEY_WITH_SIGNS, RSA_2048 } from '../../standards/dkim/keys.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

const NAME = 'mail._domainkey.example.com';
const RECORD = `v=DKIM1; k=rsa; p=${KEY_WITH_SIGNS}`;
const OTHER = `v=DKIM1; k=rsa; p=${RSA_2048}`;
const TOKEN = 'example-site-verification=0123456789';
const CORRECT: DkimChange = { do: 'correct' };
const noTest: DkimChange = { do: 'leave-out', tag: 't', items: ['y'], because: 'because the test is over' };
const publish = (text: string, moves?: string): DkimChange => ({ do: 'publish', text, ...(moves ? { moves } : {}) });

const sources: PlannerSources = {
  target: { domain: 'example.com' as never, ips: [], ipSource: 'argument', selectors: ['mail'] },
  dns: zoneResolver({ zone: {} }),
  heloName: () => 'mail.example.com',
};

async function plan(published: readonly string[], changes: readonly DkimChange[]) {
  return planDkim(
    NAME,
    published.map((text) => [text]),
    changes,
    sources,
  );
}

describe('the plan of a DKIM key record', () => {
  const cases: [string, string[], DkimChange[], Omit<Proposal, 'kind'>][] = [
    ['a right record stays', [RECORD], [CORRECT], { remove: [], add: [], notes: [] }],
    [
      'a damaged record is repaired',
      [`"${RECORD}"`],
      [CORRECT, CORRECT],
      { remove: [`"${RECORD}"`], add: [RECORD], notes: ['removes the quotation marks'] },
    ],
    [
      'parts are joined',
      [RECORD.slice(255), RECORD.slice(0, 255)],
      [CORRECT],
      {
        remove: [RECORD.slice(255), RECORD.slice(0, 255)],
        add: [RECORD],
        notes: ['joins the parts into one record'],
      },
    ],
    [
      'what stands beside the record goes, and is named',
      [TOKEN, RECORD],
      [CORRECT],
      {
        remove: [TOKEN],
        add: [],
        notes: ['keeps the key record and removes what is not one', `removes "${TOKEN}"`],
      },
    ],
    [
      'a text that is left out is shown in its letters',
      [Buffer.from('“x”', 'utf8').toString('latin1'), RECORD],
      [CORRECT],
      {
        remove: [Buffer.from('“x”', 'utf8').toString('latin1')],
        add: [],
        notes: ['keeps the key record and removes what is not one', 'removes "“x”"'],
      },
    ],
    [
      'one of two records with the same text goes',
      [RECORD, RECORD],
      [CORRECT],
      { remove: [RECORD], add: [RECORD], notes: ['keeps one record of that key'] },
    ],
    [
      'a record is repaired and a tag goes',
      [`"v=DKIM1; t=y:s; p=${RSA_2048}"`],
      [noTest, CORRECT],
      {
        remove: [`"v=DKIM1; t=y:s; p=${RSA_2048}"`],
        add: [`v=DKIM1; t=s; p=${RSA_2048}`],
        notes: ['removes the quotation marks', 'removes y in t=, because the test is over'],
      },
    ],
    [
      'two tags go',
      [`v=DKIM1; h=sha1; g=*; p=${RSA_2048}`],
      [
        { do: 'leave-out', tag: 'h', because: 'because receivers accept only sha256' },
        { do: 'leave-out', tag: 'g', because: 'which RFC 6376 removed' },
      ],
      {
        remove: [`v=DKIM1; h=sha1; g=*; p=${RSA_2048}`],
        add: [`v=DKIM1; p=${RSA_2048}`],
        notes: ['removes h=, because receivers accept only sha256', 'removes g=, which RFC 6376 removed'],
      },
    ],
    ['a tag that is not there changes nothing', [RECORD], [noTest], { remove: [], add: [], notes: [] }],
    ['a record is published', [], [publish(RECORD)], { remove: [], add: [RECORD], notes: [] }],
    [
      'a record is moved',
      [],
      [publish(RECORD, `${NAME}.example.com`)],
      {
        remove: [],
        add: [RECORD],
        notes: [`moves the key record from ${NAME}.example.com, where it can then be deleted`],
      },
    ],
    ['a record that is published stays', [RECORD], [publish(RECORD)], { remove: [], add: [], notes: [] }],
    [
      'the record of the same key in another dress stays',
      [`k=rsa;t=s;p=${KEY_WITH_SIGNS};`],
      [publish(RECORD)],
      { remove: [], add: [], notes: [] },
    ],
    [
      'the damaged record of the same key is repaired',
      [`"v=DKIM1; t=s; p=${KEY_WITH_SIGNS}"`],
      [publish(RECORD)],
      {
        remove: [`"v=DKIM1; t=s; p=${KEY_WITH_SIGNS}"`],
        add: [`v=DKIM1; t=s; p=${KEY_WITH_SIGNS}`],
        notes: ['removes the quotation marks'],
      },
    ],
    [
      'the record of another key is replaced, and named',
      ['v=DKIM1; p='],
      [publish(RECORD)],
      { remove: ['v=DKIM1; p='], add: [RECORD], notes: ['replaces "v=DKIM1; p="'] },
    ],
  ];
  it.each(cases)('%s', async (_, published, changes, expected) => {
    expect(await plan(published, changes)).toEqual({ kind: 'proposal', ...expected });
  });

  it.each([
    ['two keys', [RECORD, OTHER], [CORRECT], /Decide which of the 2 records/],
    ['a key and its revocation', [RECORD, 'v=DKIM1; p='], [CORRECT], /Decide which/],
    ['a key that is cut off', [RECORD.slice(0, 255)], [CORRECT], /cannot be read/],
    ['a token alone', [TOKEN], [CORRECT], /cannot be read/],
    ['the target of a CNAME record', ['mail.dkim.example.net'], [CORRECT], /mail\.dkim\.example\.net/],
    ['nothing', [], [CORRECT], /no key record/],
    ['two records to publish', [], [publish(RECORD), publish(OTHER)], /Decide which of the keys/],
  ] as const)('nothing is decided for the owner: %s', async (_, published, changes, decide) => {
    expect(await plan(published, changes)).toEqual({ kind: 'undecided', decide: expect.stringMatching(decide) });
  });

  it('planning the planned record changes nothing', async () => {
    const text = fc.oneof(
      fc.constantFrom(
        RECORD,
        OTHER,
        `"${RECORD}"`,
        RECORD.slice(0, 255),
        RECORD.slice(255),
        `v=dkim1; t=y:s; h=sha1; p=${KEY_WITH_SIGNS}`,
        `v=DKIM1; k=ed25519; t=y; p=${ED25519}`,
        `( "v=DKIM1; " "g=*; p=${RSA_2048}" ) ; key`,
        `${RECORD}\n`,
        'v=DKIM1; p=',
        TOKEN,
      ),
      fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets).toString('latin1')),
    );
    const change = fc.constantFrom<DkimChange>(
      CORRECT,
      noTest,
      { do: 'leave-out', tag: 'h', because: 'because receivers accept only sha256' },
      publish(RECORD),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(text, { maxLength: 3 }),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (published, changes) => {
          const first = await plan(published, changes);
          if (first.kind === 'undecided') return;
          const after = [...published.filter((one) => !first.remove.includes(one)), ...first.add];
          expect(after).toHaveLength(1);
          expect(await plan(after, changes)).toMatchObject({ kind: 'proposal', remove: [], add: [] });
          for (const added of first.add) expect(added).toMatch(/^[\x20-\x7e]+$/);
          if (first.add.length + first.remove.length > 0)
            expect(first.notes.length + first.add.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: runs(2000) },
    );
  });
});

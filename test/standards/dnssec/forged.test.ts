/** Tests that no change of a reply makes something secure that the zone does not say. */
import { expect, test } from 'vitest';
import type { SignedRecord } from '../../../src/network/dns/signed.ts';
import { type Ask, DnssecMemory, TYPE, type Validation, validate } from '../../../src/standards/dnssec/index.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import { type DenialForm, signedWorld } from '../../world/signer.ts';

const FORMS: readonly DenialForm[] = [{ kind: 'nsec' }, { kind: 'nsec3' }, { kind: 'nsec3', optOut: true }];

const WORLDS = FORMS.map((denial) =>
  signedWorld([
    { apex: '.', denial },
    {
      apex: 'example',
      denial,
      algorithm: 15,
      records: {
        'www.example': { A: ['192.0.2.1', '192.0.2.2'] },
        'a.b.example': { A: ['192.0.2.3'] },
        '*.wild.example': { A: ['192.0.2.4'] },
        'alias.example': { CNAME: ['x.wild.example'] },
        'old.example': { DNAME: ['wild.example'] },
      },
    },
    { apex: 'sub.example', state: 'unsigned', records: { 'www.sub.example': { A: ['192.0.2.5'] } } },
  ]),
);

const QUESTIONS = [
  ['www.example', TYPE.A],
  ['www.example', TYPE.MX],
  ['b.example', TYPE.A],
  ['nothing.example', TYPE.A],
  ['x.wild.example', TYPE.A],
  ['x.wild.example', TYPE.MX],
  ['alias.example', TYPE.A],
  ['x.old.example', TYPE.A],
  ['sub.example', TYPE.DS],
  ['www.sub.example', TYPE.A],
  ['example', TYPE.DS],
  ['example', TYPE.DNSKEY],
] as const;

/** What a validation says about the question, apart from its security. */
const said = ({ outcome, canonical, records }: Validation): unknown => ({
  outcome,
  canonical,
  data: records.map(({ data }) => data.toString('hex')).sort(),
});

type Change = (records: readonly SignedRecord[], at: number, bit: number) => SignedRecord[];

const CHANGES: Readonly<Record<string, Change>> = {
  'a bit of the data': (records, at, bit) =>
    records.map((record, index) => {
      if (index !== at % records.length || record.data.length === 0) return record;
      const data = Buffer.from(record.data);
      const octet = (bit >> 3) % data.length;
      data[octet] = (data[octet] ?? 0) ^ (1 << (bit & 7));
      return { ...record, data };
    }),
  'a record less': (records, at) => records.filter((_, index) => index !== at % records.length),
  'no signatures': (records) => records.filter(({ type }) => type !== TYPE.RRSIG),
  'another owner': (records, at, bit) =>
    records.map((record, index) =>
      index === at % records.length
        ? { ...record, owner: [['www', 'sub', '*', 'wild'][bit % 4] ?? '', ...record.owner] }
        : record,
    ),
};

test('a forged reply is never secure, unless it says what the zone says', async () => {
  const truths = new Map<string, Validation>();
  const validated = (
    world: (typeof WORLDS)[number],
    [name, type]: (typeof QUESTIONS)[number],
    ask: Ask,
  ): Promise<Validation> =>
    validate({ name, type }, { ask, anchors: world.anchors, now: world.now, memory: new DnssecMemory() });
  let forged = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: WORLDS.length - 1 }),
      fc.constantFrom(...QUESTIONS),
      fc.constantFrom(...QUESTIONS),
      fc.constantFrom(...Object.values(CHANGES)),
      fc.constantFrom('answers' as const, 'authorities' as const, 'rcode' as const, 'other' as const),
      fc.nat(),
      fc.nat({ max: 4000 }),
      async (form, question, other, change, where, at, bit) => {
        const world = WORLDS[form] ?? WORLDS[0];
        if (world === undefined) return;
        const key = `${form} ${question.join(' ')}`;
        const truth = truths.get(key) ?? (await validated(world, question, world.ask));
        truths.set(key, truth);
        const validation = await validated(world, question, async (name, type) => {
          const reply = await world.ask(name, type);
          if (reply.kind !== 'reply' || name !== question[0] || type !== question[1]) return reply;
          forged += 1;
          if (where === 'rcode') return { ...reply, rcode: 3 - reply.rcode };
          // The reply to another question: its signatures are all valid.
          if (where === 'other') return { ...reply, ...world.answerTo(other[0], other[1]) };
          return { ...reply, [where]: change(reply[where], at, bit) };
        });
        if (validation.state.kind === 'secure') {
          expect(said(validation)).toEqual(said(truth));
          expect(truth.state.kind === 'secure' || truth.state.kind === 'insecure').toBe(true);
        }
        // Nothing of a secure zone becomes insecure either, which would make a forgery pass. Opt-out makes no such promise.
        if (truth.state.kind === 'secure' && form < 2) expect(validation.state.kind).not.toBe('insecure');
      },
    ),
    { numRuns: runs(600) },
  );
  expect(forged).toBeGreaterThan(runs(600) / 2);
}, 120_000);

/** Changes that do not do what they claim: each is held back and counted, and the plan comes to an end. */
import { expect, test } from 'vitest';
import { planOf } from '../../../../src/check/conclusion/plan/plan.ts';
import { addAddress, type Edit, editDkim, editSpf } from '../../../../src/check/rules/edit.ts';
import { parseArguments } from '../../../../src/check/target.ts';
import { findingKey } from '../../../../src/report/fingerprint.ts';
import type { FindingResult, RuleResult } from '../../../../src/report/status.ts';
import { findingOf, resultOf } from '../../../world/results.ts';
import type { ZoneScript } from '../../../world/zone.ts';
import { zoneClient } from '../../../world/zone-resolver.ts';

const target = { ...parseArguments('example.com', ['192.0.2.10']), ipSource: 'argument', selectors: [] } as const;

/** Plans one edit. `left` is what the rules find with the plan laid over the DNS. */
async function planned(zone: ZoneScript, edit: Edit, left: readonly FindingResult[]) {
  const finding = findingOf({ code: 'spf/ip-not-authorized', severity: 'error' });
  const first: RuleResult[] = [resultOf('spf', [finding])];
  const edits = new Map([[findingKey(finding), [edit]]]);
  let reruns = 0;
  const plan = await planOf({ results: first, edits, ofHosts: new Set() }, first, {
    target,
    dns: zoneClient({ zone }, new AbortController().signal),
    heloName: () => 'mail.example.com',
    rerun: async () => {
      reruns += 1;
      return {
        results: [resultOf('spf', left)],
        edits: left.includes(finding) ? edits : new Map(),
        ofHosts: new Set(),
      };
    },
    judge: (results) => results,
  });
  return { ...plan, finding, reruns };
}

const open = findingOf({ code: 'spf/ip-not-authorized', severity: 'error' });
const zone: ZoneScript = {
  'example.com': { TXT: ['v=spf1 -all'] },
  'alias.example.com': { CNAME: ['example.net'] },
  'example.net': { A: ['192.0.2.1'] },
};
const authorise = editSpf('example.com', { do: 'authorise', ips: target.ips });

test('a change that settles its finding is planned', async () => {
  const { sets, unproven, reruns } = await planned(zone, authorise, []);
  expect(sets.map(({ after }) => after)).toEqual([['v=spf1 ip4:192.0.2.10 -all']]);
  expect([unproven, reruns]).toEqual([[], 1]);
});

test.each<[string, Edit, readonly FindingResult[], string]>([
  ['does not settle its finding', authorise, [open], 'does not fix spf/ip-not-authorized'],
  [
    'causes an error',
    authorise,
    [findingOf({ code: 'spf/too-many-lookups', severity: 'error' })],
    'would cause spf/too-many-lookups',
  ],
  [
    'does not settle its finding, at an alias that gives way',
    editDkim('alias.example.com', { do: 'publish', text: 'v=DKIM1; p=' }),
    [open],
    'does not fix spf/ip-not-authorized',
  ],
  [
    'does not settle its finding, at the target of an alias',
    addAddress('alias.example.com', '192.0.2.10'),
    [open],
    'does not fix spf/ip-not-authorized',
  ],
])('a change that %s is held back', async (_, edit, left, reason) => {
  const { sets, unproven } = await planned(zone, edit, left);
  expect(sets).toEqual([]);
  expect(unproven.length).toBeGreaterThan(0);
  for (const { decide } of unproven) expect(decide).toContain(reason);
});

test('a warning that an error hid is no fault of the plan', async () => {
  const { sets } = await planned(zone, authorise, [findingOf({ code: 'spf/near-lookup-limit', severity: 'warning' })]);
  expect(sets).toHaveLength(1);
});

/**
 * The plan of any state of a domain: each record set has one value, what is planned settles what it claims, nothing is
 * lost, and a plan that is published leaves nothing to plan.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../../../../src/check/conclusion/plan/plan.ts';
import { isChanged, setKey } from '../../../../src/check/conclusion/plan/planned-zone.ts';
import { recordOf } from '../../../../src/check/conclusion/plan/values.ts';
import { txtRecord } from '../../../../src/standards/zone-file/line.ts';
import { parseZone } from '../../../../src/standards/zone-file/parse.ts';
import fc from '../../../fast-check.ts';
import { isLong, runs } from '../../../sample.ts';
import { checkIn } from '../../../world/check.ts';
import { faultsOf, planIn } from './faults.ts';
import { DOMAIN, SELECTOR, scriptOf, states, type Zone } from './states.ts';

/** The states of the long run, and of a whole run of all tests. */
const STATES = isLong ? 10_000 : 250;
/** Milliseconds for one state, on a busy machine. */
const TIME_OF_STATE = 500;

test(
  'a plan has one value for each record set, is proven, loses nothing, and leaves nothing to plan',
  async () => {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        const faults = await faultsOf(state);
        expect({ slips: state.slips, faults, zone: faults.length > 0 ? scriptOf(state.zone) : {} }).toEqual({
          slips: state.slips,
          faults: [],
          zone: {},
        });
      }),
      { numRuns: runs(STATES) },
    );
  },
  runs(STATES) * TIME_OF_STATE,
);

test('each step changes record sets of its own, and every line that is printed can be read', async () => {
  await fc.assert(
    fc.asyncProperty(states, async (state) => {
      const { plan, advice, rules } = await checkIn({
        isInMemory: true,
        dns: { zone: scriptOf(state.zone) },
        domain: state.domain,
        ips: state.ips,
        helo: state.helo,
        selectors: [SELECTOR],
        rules: ['spf', 'dkim', 'dmarc', 'helo', 'ptr', 'mx'],
      });
      const changed = advice.steps.flatMap(({ changes }) => changes.map(setKey));
      expect([...new Set(changed)]).toEqual(changed);
      expect(changed.toSorted()).toEqual((plan?.changes ?? []).map(setKey).toSorted());
      const lines = (plan?.changes ?? []).flatMap(({ add, remove }) => [...add, ...remove]).map(({ line }) => line);
      for (const line of lines) expect(parseZone(line, 'printed', '.').records, line).toHaveLength(1);
      const shown = rules.flatMap(({ findings }) => findings.flatMap(({ remediation }) => remediation.records ?? []));
      expect(shown.map(setKey).filter((key) => !changed.includes(key))).toEqual([]);
    }),
    { numRuns: runs(150) },
  );
});

const CHECKZONE = ['/usr/bin/named-checkzone', '/usr/sbin/named-checkzone'].find((path) => existsSync(path));

/** @returns the domain's own zone with the plan published, each planned record as the line that is printed. */
function zoneFile(zone: Zone, plan: Plan): string {
  const own = (name: string): boolean => name === DOMAIN || name.endsWith(`.${DOMAIN}`);
  const changed = plan.sets.filter((set) => isChanged(set) && own(set.name));
  const keys = new Set(changed.map(setKey));
  const kept = [...zone]
    .filter(([key]) => own(key.split(' ')[0] ?? '') && !keys.has(key) && !/ (?:SOA|NS)$/.test(key))
    .flatMap(([key, values]) =>
      values.map((value) => {
        const [name = '', type = ''] = key.split(' ');
        if (type === 'TXT') return txtRecord(name, typeof value === 'string' ? value : value.join('')).line;
        return `${name}. IN ${type} ${String(value)}${/^(?:MX|CNAME|PTR)$/.test(type) && !String(value).endsWith('.') ? '.' : ''}`;
      }),
    );
  const planned = changed.flatMap(({ name, type, after }) => after.map((value) => recordOf(name, type, value).line));
  const head = [
    '$TTL 300',
    `@ IN SOA ns.example.net. hostmaster.${DOMAIN}. 1 3600 600 86400 60`,
    '@ IN NS ns.example.net.',
  ];
  return [...head, ...kept, ...planned, ''].join('\n');
}

test.skipIf(CHECKZONE === undefined)('named-checkzone loads the zone with any plan published', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailcheck-plan-'));
  try {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        // BIND serves no CNAME beside other records, so such a zone cannot be loaded before the plan either.
        const aliases = [...state.zone.keys()].filter((key) => key.endsWith(' CNAME'));
        fc.pre(!aliases.some((key) => state.zone.has(key.replace(/CNAME$/, 'TXT'))));
        const file = join(folder, 'zone');
        writeFileSync(file, zoneFile(state.zone, await planIn(state, state.zone)));
        // Post-load checks ask the DNS for MX hosts, so they are switched off.
        execFileSync(CHECKZONE ?? '', ['-q', '-i', 'none', '-m', 'ignore', '-M', 'ignore', DOMAIN, file]);
      }),
      { numRuns: runs(100) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

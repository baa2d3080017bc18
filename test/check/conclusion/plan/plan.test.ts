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
import { parseArguments } from '../../../../src/check/target.ts';
import { parseIp } from '../../../../src/network/ip.ts';
import { planOverDns } from '../../../../src/records/over-dns.ts';
import { assessKeyRecord } from '../../../../src/standards/dkim/assess.ts';
import { POLICIES, parseDmarcRecord } from '../../../../src/standards/dmarc/record.ts';
import { checkHost, isSpfRecord } from '../../../../src/standards/spf/index.ts';
import { txtRecord } from '../../../../src/standards/zone-file/line.ts';
import fc from '../../../fast-check.ts';
import { isLong, runs } from '../../../sample.ts';
import { NOW } from '../../../world/clock.ts';
import { zoneClient, zoneResolver } from '../../../world/zone-resolver.ts';
import { DOMAIN, SELECTOR, type State, scriptOf, states, type Zone } from './states.ts';

/** The states of the long run, and of a whole run of all tests. */
const STATES = isLong ? 10_000 : 600;
/** Milliseconds for one state, on a busy machine. */
const TIME_OF_STATE = 500;

/** Addresses of the senders that a record may name, and some that no record names. */
const PROBES = [
  ...['192.0.2.10', '192.0.2.25', '192.0.2.80', '198.51.100.5', '198.51.100.33', '203.0.113.9', '203.0.113.25'],
  ...['203.0.113.65', '203.0.113.130', '203.0.113.200', '198.51.100.99', '192.0.2.200', '2001:db8::99'],
];

function planIn(state: State, zone: Zone): Promise<Plan> {
  const { domain, ips } = parseArguments(DOMAIN, state.ips);
  const target = { domain, ips, ipSource: 'argument', helo: state.helo, selectors: [SELECTOR] } as const;
  const ruleIds = ['spf', 'dkim', 'dmarc', 'helo', 'ptr', 'mx'];
  const dns = zoneClient({ zone: scriptOf(zone) }, new AbortController().signal);
  return planOverDns(dns, { target, ruleIds, also: [], now: NOW, seed: '0'.repeat(32) });
}

/** @returns the zone with the plan published. */
function published(zone: Zone, plan: Plan): Zone {
  const next = new Map(zone);
  for (const { name, type, after } of plan.sets.filter(isChanged)) {
    const key = `${name} ${type}`;
    // The zone of a test writes names without the final dot.
    const values = after.map((value) =>
      ['MX', 'CNAME', 'PTR'].includes(type) ? value.replace(/(?<=\S)\.$/, '') : value,
    );
    if (values.length === 0) next.delete(key);
    else next.set(key, values);
  }
  return next;
}

const textsAt = (zone: Zone, name: string): string[] =>
  (zone.get(`${name} TXT`) ?? []).map((value) => (typeof value === 'string' ? value : value.join('')));

async function passing(zone: Zone, record: string | null): Promise<string[]> {
  const asMeant = new Map(zone);
  if (record !== null) asMeant.set(`${DOMAIN} TXT`, [record]);
  const resolver = zoneResolver({ zone: scriptOf(asMeant) });
  const outcomes = await Promise.all(
    PROBES.map(async (probe) => {
      const ip = parseIp(probe);
      if (ip === undefined) return [];
      const { result } = await checkHost({ ip, sender: `user@${DOMAIN}`, heloName: DOMAIN, resolver });
      return result === 'pass' ? [probe] : [];
    }),
  );
  return outcomes.flat();
}

/** @returns what the plan breaks of a state, in words. */
async function faultsOf(state: State): Promise<string[]> {
  const { zone, meant } = state;
  const plan = await planIn(state, zone);
  const after = published(zone, plan);
  const faults: string[] = [];
  const keys = plan.sets.map(setKey);
  if (new Set(keys).size !== keys.length) faults.push(`two values for one record set: ${keys.join(', ')}`);
  for (const { name, type, decide } of plan.unproven) faults.push(`not proven: ${name} ${type}: ${decide}`);

  const again = await planIn(state, after);
  for (const set of again.sets.filter(isChanged)) {
    if (!keys.includes(setKey(set))) continue;
    faults.push(`the plan changes again: ${setKey(set)} ${set.before.join(' | ')} -> ${set.after.join(' | ')}`);
  }
  faults.push(
    ...(await spfFaults(state, after)),
    ...dmarcFaults(meant.dmarc, zone, after),
    ...keyFaults(meant.key, after),
  );
  return faults;
}

async function spfFaults({ meant, ips }: State, after: Zone): Promise<string[]> {
  const records = textsAt(after, DOMAIN).filter(isSpfRecord);
  // A record that could not be read stays as it is.
  if (meant.spf === null || records.length !== 1) return [];
  const [before, now] = await Promise.all([passing(after, meant.spf), passing(after, null)]);
  const lost = before.filter((probe) => !now.includes(probe));
  const more = now.filter((probe) => !before.includes(probe) && !ips.includes(probe));
  return [
    ...lost.map((probe) => `${probe} passes no more: ${records[0]}`),
    ...more.map((probe) => `${probe} passes and was not meant to: ${records[0]}`),
  ];
}

function dmarcFaults(meant: State['meant']['dmarc'], before: Zone, after: Zone): string[] {
  if (meant === null) return [];
  const [record, ...others] = textsAt(after, `_dmarc.${DOMAIN}`).flatMap((text) => parseDmarcRecord(text) ?? []);
  const isUntouched = String(textsAt(before, `_dmarc.${DOMAIN}`)) === String(textsAt(after, `_dmarc.${DOMAIN}`));
  if (record === undefined || others.length > 0 || isUntouched) return [];
  const policy = record.p && 'value' in record.p ? record.p.value : 'none';
  const addresses = record.rua.flatMap(({ address }) => address ?? []);
  const lost = meant.addresses.filter((address) => !addresses.includes(address));
  const invented = meant.addresses.length === 0 ? [] : addresses.filter((one) => !meant.addresses.includes(one));
  return [
    ...(POLICIES.indexOf(policy) < POLICIES.indexOf(meant.p) ? [`the policy is weaker: ${record.text}`] : []),
    ...(POLICIES.indexOf(policy) > POLICIES.indexOf(meant.p) ? [`the policy is stricter: ${record.text}`] : []),
    ...lost.map((address) => `the report address ${address} is lost: ${record.text}`),
    ...invented.map((address) => `the report address ${address} is invented: ${record.text}`),
  ];
}

function keyFaults(meant: string | null, after: Zone): string[] {
  const texts = textsAt(after, `${SELECTOR}._domainkey.${DOMAIN}`);
  const [only] = texts;
  if (meant === null || only === undefined || texts.length > 1) return [];
  const { record } = assessKeyRecord([only]);
  return record === null || record.publicKey === meant ? [] : [`another key: ${only}`];
}

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
        const file = join(folder, 'zone');
        writeFileSync(file, zoneFile(state.zone, await planIn(state, state.zone)));
        // Post-load checks ask the DNS for MX hosts, so they are switched off.
        execFileSync(CHECKZONE ?? '', ['-q', '-i', 'none', '-m', 'ignore', '-M', 'ignore', DOMAIN, file]);
      }),
      { numRuns: runs(200) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

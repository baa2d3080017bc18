/** Holds a plan against what the owner of a state meant: what it breaks, in words. */
import type { Plan } from '../../../../src/check/conclusion/plan/plan.ts';
import { isChanged, setKey } from '../../../../src/check/conclusion/plan/planned-zone.ts';
import { parseArguments } from '../../../../src/check/target.ts';
import { parseIp } from '../../../../src/network/ip.ts';
import { planOverDns } from '../../../../src/records/over-dns.ts';
import { assessKeyRecord } from '../../../../src/standards/dkim/assess.ts';
import { POLICIES, parseDmarcRecord } from '../../../../src/standards/dmarc/record.ts';
import { checkHost, isSpfRecord } from '../../../../src/standards/spf/index.ts';
import { NOW } from '../../../world/clock.ts';
import { zoneClient, zoneResolver } from '../../../world/zone-resolver.ts';
import { DOMAIN, SELECTOR, type State, scriptOf, type Zone } from './states.ts';

/** Addresses of the senders that a record may name, and some that no record names. */
const PROBES = [
  ...[
    '192.0.2.10',
    '192.0.2.25',
    '192.0.2.80',
    '198.51.100.5',
    '198.51.100.33',
    '198.51.100.44',
    '198.51.100.162',
    '203.0.113.9',
    '203.0.113.25',
  ],
  ...[
    '203.0.113.65',
    '203.0.113.130',
    '203.0.113.200',
    '198.51.100.99',
    '192.0.2.200',
    '2001:db8::99',
    '2001:db8:1::5',
  ],
];

/** @returns the plan of a state, from the DNS alone. */
export function planIn(state: State, zone: Zone): Promise<Plan> {
  const { domain, ips } = parseArguments(state.domain, state.ips);
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

async function passing(zone: Zone, domain: string, record: string | null): Promise<string[]> {
  const asMeant = new Map(zone);
  if (record !== null) asMeant.set(`${domain} TXT`, [record]);
  const resolver = zoneResolver({ zone: scriptOf(asMeant) });
  const outcomes = await Promise.all(
    PROBES.map(async (probe) => {
      const ip = parseIp(probe);
      if (ip === undefined) return [];
      const { result } = await checkHost({ ip, sender: `user@${domain}`, heloName: domain, resolver });
      return result === 'pass' ? [probe] : [];
    }),
  );
  return outcomes.flat();
}

/** @returns what the plan breaks of a state, in words. */
export async function faultsOf(state: State): Promise<string[]> {
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
  const isLeft = (name: string, ruleId: string): boolean => isLeftToOwner(plan, `${name} TXT`, ruleId);
  if (!isLeft(state.domain, 'spf')) faults.push(...(await spfFaults(state, after)));
  if (!isLeft(`_dmarc.${DOMAIN}`, 'dmarc')) faults.push(...dmarcFaults(meant.dmarc, zone, after));
  if (!isLeft(`${SELECTOR}._domainkey.${state.domain}`, 'dkim')) faults.push(...keyFaults(state, after));
  return faults;
}

/** Tells whether a record set stays as it is, because its owner has to decide what was meant, or a finding says more. */
function isLeftToOwner({ sets, after }: Plan, key: string, ruleId: string): boolean {
  const isUntouched = !sets.some((set) => setKey(set) === key && isChanged(set));
  return isUntouched && after.some(({ id, findings }) => id === ruleId && findings.some(isOpen));
}

const isOpen = ({ severity }: { readonly severity: string }): boolean => severity === 'error' || severity === 'warning';

async function spfFaults({ meant, ips, domain, zone }: State, after: Zone): Promise<string[]> {
  const records = textsAt(after, domain).filter(isSpfRecord);
  // A record that could not be read stays as it is.
  if (meant.spf === null || records.length !== 1) return [];
  const [before, now] = await Promise.all([passing(after, domain, meant.spf), passing(after, domain, null)]);
  // A text that cannot be read beside a record stays beside it, so that nothing of it is lost.
  const published = textsAt(zone, domain);
  const isUnreadBeside = (text: string): boolean => /spf/i.test(text) && !isSpfRecord(text) && published.includes(text);
  const isLeft = published.some(isSpfRecord) && textsAt(after, domain).some(isUnreadBeside);
  const lost = isLeft ? [] : before.filter((probe) => !now.includes(probe));
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

function keyFaults({ meant: { key: meant }, domain }: State, after: Zone): string[] {
  const texts = textsAt(after, `${SELECTOR}._domainkey.${domain}`);
  const [only] = texts;
  if (meant === null || only === undefined || texts.length > 1) return [];
  const { record } = assessKeyRecord([only]);
  return record === null || record.publicKey === meant ? [] : [`another key: ${only}`];
}

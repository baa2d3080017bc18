/** The plan of real states: what a careful postmaster would change, and what he would leave. */
import { describe, expect, test } from 'vitest';
import { parseIp } from '../../../../src/network/ip.ts';
import type { Report } from '../../../../src/report/status.ts';
import { checkHost } from '../../../../src/standards/spf/index.ts';
import { checkIn } from '../../../world/check.ts';
import type { Data, ZoneScript } from '../../../world/zone.ts';
import { zoneResolver } from '../../../world/zone-resolver.ts';
import { BASE, CASES, DOMAIN, IP, type RealCase } from './real-life.ts';

type Sets = ReadonlyMap<string, readonly Data[]>;

function setsOf({ zone }: RealCase): Sets {
  const sets = new Map<string, readonly Data[]>();
  for (const [key, values] of Object.entries({ ...BASE, ...zone })) if (values !== null) sets.set(key, values);
  return sets;
}

function scriptOf(sets: Sets): ZoneScript {
  const script: Record<string, Record<string, readonly Data[]>> = {};
  for (const [key, values] of sets) {
    const [name = '', type = ''] = key.split(' ');
    script[name] = { ...script[name], [type]: values };
  }
  return script;
}

function check(sets: Sets, { domain, ips, helo, selectors, rules }: RealCase): Promise<Report> {
  return checkIn({
    isInMemory: true,
    domain: domain ?? DOMAIN,
    ips: ips ?? [IP],
    ...(helo === undefined ? {} : { helo }),
    selectors: selectors ?? [],
    rules,
    dns: { zone: scriptOf(sets) },
  });
}

const textOf = (data: Data): string => (typeof data === 'string' ? data : data.join(''));

/** @returns the values of a record set as in a plan: names end in a dot, and text is in letters. */
function valuesIn(sets: Sets, key: string): string[] {
  const isNamed = /(?:MX|CNAME|PTR)$/.test(key);
  return (sets.get(key) ?? []).map((data) => textOf(data).replace(isNamed ? /(?<=\S)(?<!\.)$/ : /$^/, '.'));
}

/** @returns the record sets with the plan of a report published, and the keys of those that change. */
function published(sets: Sets, { plan }: Report): { readonly after: Sets; readonly changed: readonly string[] } {
  const after = new Map(sets);
  const changes = plan?.changes ?? [];
  for (const { name, type, remove, add } of changes) {
    const key = `${name} ${type}`;
    const gone = new Set(remove.map(({ value }) => value));
    const kept = valuesIn(sets, key).filter((value) => !gone.has(value) && !gone.has(lettersOf(value)));
    const values = [...kept, ...add.map(({ value }) => value)];
    if (values.length === 0) after.delete(key);
    else after.set(key, /TXT$/.test(key) ? values : values.map((value) => value.replace(/(?<=[^ ])\.$/, '')));
  }
  return { after, changed: changes.map(({ name, type }) => `${name} ${type}`) };
}

function lettersOf(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}

/** @returns all that a report says of a case. */
function wordsOf({ rules, plan }: Report): string {
  const findings = rules.flatMap(({ findings }) => findings);
  const texts = findings.flatMap(({ message, remediation }) => [message, remediation.summary]);
  const changes = plan?.changes.flatMap(({ notes }) => notes) ?? [];
  return [...texts, ...changes, ...(plan?.undecided.map(({ decide }) => decide) ?? [])].join('\n');
}

async function passing(sets: Sets, probes: readonly string[]): Promise<string[]> {
  const resolver = zoneResolver({ zone: scriptOf(sets) });
  const found = await Promise.all(
    probes.map(async (probe) => {
      const ip = parseIp(probe);
      if (ip === undefined) throw new Error(`no address: ${probe}`);
      const { result } = await checkHost({ ip, sender: `user@${DOMAIN}`, heloName: DOMAIN, resolver });
      return result === 'pass' ? [probe] : [];
    }),
  );
  return found.flat();
}

describe.each(CASES)('%s', (_, cases) => {
  test.each(cases.map((one) => [one.title, one] as const))('%s', async (_title, one) => {
    const sets = setsOf(one);
    const report = await check(sets, one);
    const { after, changed } = published(sets, report);
    const planned = Object.fromEntries(changed.map((key) => [key, valuesIn(after, key).sort()]));
    const wanted = Object.fromEntries(Object.entries(one.after).map(([key, values]) => [key, [...values].sort()]));
    expect(planned).toEqual(wanted);
    expect(report.plan?.later.map(({ record }) => /\bp=(\w+)/.exec(record.value)?.[1]) ?? []).toEqual(one.later ?? []);

    const words = wordsOf(report);
    for (const said of one.says ?? []) expect(words).toMatch(said);
    for (const said of one.saysNot ?? []) expect(words).not.toMatch(said);

    const { passes = [], fails = [] } = one;
    expect(await passing(after, [...passes, ...fails])).toEqual(
      one.rules.includes('spf') && one.passes ? passes : expect.anything(),
    );

    const again = await check(after, one);
    const next = published(after, again).changed.filter((key) => changed.includes(key));
    expect(next).toEqual([]);
  });
});

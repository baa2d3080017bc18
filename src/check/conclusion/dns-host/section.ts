/** Adds to the changes of the plan where they are made: the DNS host of each zone, its commands and its console. */

import type { DnsHost } from '../../../knowledge/dns-hosts/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import { findingKey } from '../../../report/fingerprint.ts';
import { listed } from '../../../report/listed.ts';
import { shortName } from '../../../report/short-name.ts';
import type {
  AdviceStep,
  AtDnsHost,
  FindingResult,
  RecordChange,
  Report,
  ReportPlan,
  RuleResult,
} from '../../../report/status.ts';
import { PROPOSED_TTL } from '../../../standards/dns-plan/codec.ts';
import { type HostedZone, hostedZone, zoneOfSet } from '../../facts/dns-host.ts';
import type { Facts } from '../../facts/fact.ts';
import { links } from '../../rules/pasted.ts';
import type { Plan } from '../plan/plan.ts';
import { isChanged, type PlannedSet, setKey } from '../plan/planned-zone.ts';
import { consoleFields, pitfallsOf } from './console.ts';
import { fill, type HostCommands, type HostedChange } from './fill.ts';

/** The part of a change that its DNS host decides. */
type AtHost = Pick<RecordChange, 'zone' | 'dnsHost' | 'commands' | 'replace' | 'console' | 'pitfalls'>;

/** Where the changes of a plan are made. */
export interface Hosting {
  /** Who serves each zone in which something changes. */
  readonly zones: NonNullable<Report['dnsHosts']>;
  /** @returns the steps with the DNS host in each change. A value to put in is told in the first step that needs it. */
  inSteps(steps: readonly AdviceStep[]): AdviceStep[];
  inPlan(plan: ReportPlan | null): ReportPlan | null;
  /** @returns what the DNS hosts say of the changes, one entry for each host. */
  placesOf(changes: readonly Pick<RecordChange, 'name' | 'type'>[]): AtDnsHost[];
}

/**
 * Finds the DNS hosts of the plan's own record sets. A reverse zone belongs to whoever rents out the address, and another
 * organization's zone to that, so nobody is told a command for them.
 *
 * @param now milliseconds since the epoch, to mark data that is too old.
 * @param isProposed whether the plan rests on records that are not published. A command would publish them around the tool
 *   that keeps them, so there is none.
 */
export async function hostingOf(
  { sets }: Pick<Plan, 'sets'>,
  facts: Facts<'dns' | 'published' | 'settings'>,
  { now, isProposed = false }: { readonly now: number; readonly isProposed?: boolean },
): Promise<Hosting> {
  const own = sets.filter((set) => isChanged(set) && set.owner === 'own');
  const zoneOf = new Map(
    await Promise.all(own.map(async (set) => [setKey(set), await facts(zoneOfSet, set.name, set.type)] as const)),
  );
  const names = [...new Set([...zoneOf.values()].filter((zone) => zone !== null))].sort();
  const hosted = new Map(await Promise.all(names.map(async (zone) => [zone, await facts(hostedZone, zone)] as const)));
  const places = new Map<string, Place>();
  const hostedSets = own.flatMap((set) => {
    const zone = zoneOf.get(setKey(set)) ?? null;
    const at = zone === null ? undefined : hosted.get(zone);
    return zone === null || at === undefined ? [] : [{ set, at, change: changeAt(set, zone, at) }];
  });
  const made = isProposed ? [] : fill(hostedSets.flatMap(({ change }) => change ?? []));
  for (const { set, at, change } of hostedSets) {
    const place = placeAt(set, at, { now, made: change && made.shift() });
    places.set(setKey(set), isProposed ? withoutCommands(place.fields) : place);
  }
  const withHost = <C extends RecordChange>(change: C): C => ({ ...change, ...places.get(setKey(change))?.fields });
  const placesOf = (changes: readonly Pick<RecordChange, 'name' | 'type'>[], told = new Set<string>()): AtDnsHost[] =>
    joined(
      changes.flatMap((change) => places.get(setKey(change)) ?? []),
      told,
    );
  return {
    zones: [...hosted.values()].map((zone) => zoneSection(zone, now)),
    placesOf: (changes) => placesOf(changes),
    inSteps: (steps) => {
      const told = new Set<string>();
      return steps.map((step) => ({
        ...step,
        changes: step.changes.map(withHost),
        ...entries(placesOf(step.changes, told)),
      }));
    },
    inPlan: (section) => section && { ...section, changes: section.changes.map(withHost) },
  };
}

/** @returns the results in which each finding has the commands for its records. */
export function withHosts(results: readonly RuleResult[], { sets }: Plan, hosting: Hosting): RuleResult[] {
  const changed = sets.filter(isChanged);
  const withOwn = (finding: FindingResult): FindingResult => {
    const key = findingKey(finding);
    const places = hosting.placesOf(changed.filter(({ keys }) => keys.has(key)));
    if (places.length === 0) return finding;
    return { ...finding, remediation: { ...finding.remediation, ...entries(places) } };
  };
  return results.map((result) => ({ ...result, findings: result.findings.map(withOwn) }));
}

/** @returns the places as a field of a step or a remediation, in the mutable form of the report. */
function entries(places: readonly AtDnsHost[]): Pick<AdviceStep, 'atDnsHost'> {
  if (places.length === 0) return {};
  return { atDnsHost: places.map(({ commands, ...place }) => ({ ...place, commands: [...commands] })) };
}

/** Where one change is made. */
interface Place {
  readonly fields: AtHost;
  readonly host: DnsHost | undefined;
  /** The beginning of the label: `At Amazon Route 53`. */
  readonly at: string;
}

/** @returns the change at its DNS host, or `undefined` where that is not known. */
function changeAt({ name, type, before, after }: PlannedSet, zone: string, at: HostedZone): HostedChange | undefined {
  const [host] = at.hosts;
  return host && { host, zone, change: { name, type, ttl: PROPOSED_TTL, before, after } };
}

function placeAt(
  set: PlannedSet,
  at: HostedZone,
  { now, made }: { readonly now: number; readonly made: HostCommands | undefined },
): Place {
  const { hosts, source, zone } = at;
  const { host, change } = changeAt(set, zone, at) ?? {};
  if (host === undefined || change === undefined) return withoutCommands({ zone, dnsHost: null });
  const { commands = [], open = [] } = made ?? {};
  const fields = consoleFields(host, change, zone);
  const isSure = source === 'option' || hosts.length === 1;
  const condition = isSure || host.detect.tellApart === null ? '' : `, if ${host.detect.tellApart}`;
  return {
    host,
    at: `At ${shortName(host.name)}${confirmationMark(isConfirmed(host, now))}${condition}`,
    fields: {
      zone,
      dnsHost: host.id,
      commands: [...commands],
      replace: [...open],
      console: fields === undefined ? null : { ...fields, records: [...fields.records] },
      pitfalls: pitfallsOf(host, change, zone),
    },
  };
}

/** @returns the place as it is for a record that is not typed there. */
function withoutCommands({ zone, dnsHost }: Pick<AtHost, 'zone' | 'dnsHost'>): Place {
  const fields: AtHost = { zone, dnsHost, commands: [], replace: [], console: null, pitfalls: [] };
  return { host: undefined, at: '', fields };
}

/**
 * @param told the values to put in that an earlier step has told, with where they are found.
 * @returns the places by DNS host, each with what its label says.
 */
function joined(places: readonly Place[], told: Set<string>): AtDnsHost[] {
  const hosts = [...new Set(places.flatMap(({ host }) => host ?? []))];
  return hosts.flatMap((host): AtDnsHost[] => {
    const own = places.filter((place) => place.host === host);
    const at = own[0]?.at ?? '';
    const commands = own.flatMap(({ fields }) => fields.commands);
    if (commands.length > 0) {
      const open = own
        .flatMap(({ fields }) => fields.replace)
        .map(({ name, where }) => `${name} (${where})`)
        .filter((words) => !told.has(words) && told.add(words));
      const label = open.length === 0 ? at : `${at}, replace ${listed(open)}`;
      return [{ id: host.id, label, commands }];
    }
    // Where there is no command at all, the console is the only way.
    return host.commands.length > 0 || host.console === null
      ? []
      : [{ id: host.id, label: `${at}, in its console: ${host.console.path}`, commands: [] }];
  });
}

function zoneSection({ zone, hosts, source }: HostedZone, now: number): NonNullable<Report['dnsHosts']>[number] {
  const [host, ...others] = hosts;
  if (host === undefined) {
    return { zone, id: null, name: null, source: null, confirmed: null, docs: null, maybe: [] };
  }
  const [docs = null] = links(host.api, host.console?.url ?? null);
  return {
    zone,
    id: host.id,
    name: host.name,
    source,
    confirmed: isConfirmed(host, now),
    docs,
    maybe: others.map(({ id, name, detect }) => ({ id, name, condition: detect.tellApart })),
  };
}

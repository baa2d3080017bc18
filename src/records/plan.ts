/**
 * Lists the complete set of DNS records that a correct mail host needs, and compares it with what is published. The
 * records come from the same plan as in a check: the rules that rest on the DNS run, and their edits are folded into one
 * value for each record set. A record that is right stays as it is published.
 */
import { type Hosting, hostingOf } from '../check/conclusion/dns-host/section.ts';
import { isChanged, type PlannedSet, setKey } from '../check/conclusion/plan/planned-zone.ts';
import { recordOf, valuesOf } from '../check/conclusion/plan/values.ts';
import { hostedZone, zoneOfSet } from '../check/facts/dns-host.ts';
import { createFacts, type Facts } from '../check/facts/fact.ts';
import { gatherMailRoute } from '../check/facts/mx.ts';
import {
  addAddress,
  addValues,
  type Edit,
  editDkim,
  editSpf,
  onlyValues,
  type PlainType,
} from '../check/rules/edit.ts';
import { type DnsAnswer, isFailure, type TlsaRecord } from '../network/dns/answer.ts';
import type { DnsClient } from '../network/dns/client.ts';
import { type Domain, isSameOrSubdomain, sameName } from '../network/domain.ts';
import { type IpAddress, ipFamily, reverseName } from '../network/ip.ts';
import { type Mailbox, mailtoUri } from '../network/mailbox.ts';
import type { AtDnsHost } from '../report/status.ts';
import { keyName } from '../standards/dkim/lookup.ts';
import { policyByTreeWalk } from '../standards/dmarc/policy.ts';
import { walkTree } from '../standards/dmarc/tree-walk.ts';
import { policyHost, policyUrl, stsName } from '../standards/mta-sts/places.ts';
import { timeDigits } from '../standards/mta-sts/record.ts';
import { organizationalDomain } from '../standards/organizational-domain.ts';
import { isSpfRecord } from '../standards/spf/index.ts';
import { tlsaName } from '../standards/tlsa/publish.ts';
import {
  isPublishable,
  mxValue,
  nameValue,
  type RecordValue,
  textValue,
  tlsaValue,
} from '../standards/zone-file/line.ts';
import { planOverDns } from './over-dns.ts';
import type { PlannedRecord } from './planned-record.ts';

/** The host that the records are planned for. */
export interface PlanRequest {
  readonly domain: Domain;
  readonly ips: readonly IpAddress[];
  readonly heloName: string;
  /** The selector and the key record of the key that the host signs with, or `null` if no key was given. */
  readonly dkim: { readonly selector: string; readonly record: string } | null;
  /** The TLSA record of the certificate that the host shows or will show. `null` if no certificate was given. */
  readonly tlsa?: TlsaRecord | null;
  /** The mailbox that receives DMARC and TLS reports. The default of the check when absent. */
  readonly reportsTo?: Mailbox;
  /** The current time in milliseconds since the epoch. The `id` of the MTA-STS record is made from it. */
  readonly now: number;
  /** 32 hexadecimal digits that nobody can guess, for names that cannot exist. */
  readonly seed: string;
  /** The id of the DNS host of the zones. It is detected when absent. */
  readonly dnsHost?: string;
  /** Whether the whole record sets are wanted too, with their zones. That takes more questions. */
  readonly wholeSets?: boolean;
}

/** The records that a host needs, and where they are published. */
export interface PlannedRecords {
  readonly records: readonly PlannedRecord[];
  readonly dnsHosts: Hosting['zones'];
  /** The commands for the records that change and that mail needs, by DNS host. */
  readonly atDnsHost: readonly AtDnsHost[];
  /** The commands for the optional records. Some need more than themselves: MTA-STS a policy on a web server. */
  readonly optionalAtDnsHost: readonly AtDnsHost[];
  /** The record sets that the records belong to. Empty unless they were asked for. */
  readonly sets: readonly NeededSet[];
}

/** One record set that a host needs, whatever is published. */
interface Needed {
  readonly name: string;
  readonly type: PlainType;
  readonly purpose: string;
  readonly where: PlannedRecord['where'];
  readonly optional: boolean;
  /** Whether a value is the one that is needed, of several with different purposes. All are when absent. */
  readonly is?: (value: string) => boolean;
  /** The value that is needed whatever is published: the key or certificate that the user gave. */
  readonly value?: RecordValue;
}

/** One whole record set, with the values that mail does not need. An alias that stays is a record set of type CNAME. */
export interface NeededSet extends Pick<PlannedSet, 'name' | 'type' | 'before' | 'after'> {
  readonly where: PlannedRecord['where'];
  /** Whether the set only gets a record without which mail is delivered too. */
  readonly isOptional: boolean;
  /** The apex of the zone that it is in. `null` where it is not the domain's own, or not known. */
  readonly zone: string | null;
  /** The id of who serves the zone. `null` where that is not known. */
  readonly dnsHost: string | null;
}

/**
 * Looks up the published records, and plans each record that the host needs.
 *
 * @returns the planned records: addresses, MX, SPF, DKIM, DMARC, TLS-RPT, MTA-STS, TLSA and PTR, in this order. A record whose
 *   lookup failed has the status `unknown`.
 */
export async function planRecords(dns: DnsClient, request: PlanRequest): Promise<readonly PlannedRecord[]> {
  return (await planAtHosts(dns, request)).records;
}

/** Plans the records as `planRecords` does, and finds the DNS host of each zone in which a record changes. */
export async function planAtHosts(dns: DnsClient, request: PlanRequest): Promise<PlannedRecords> {
  const needed = await neededBy(dns, request);
  const edits = await editsBy(dns, request);
  const sets = await plannedSets(dns, request, edits);
  const groups = await Promise.all(needed.map((need) => recordsOf(dns, need, sets)));
  const listed = new Set(groups.flat().map(({ line }) => line));
  const others = sets.changed.flatMap((set) => {
    const where = set.owner;
    return changedRecords(set, { purpose: 'must change with the records above', where, optional: false });
  });
  const settings = { smtpPort: 25, allowPrivate: true, ...(request.dnsHost ? { dnsHost: request.dnsHost } : {}) };
  const facts = createFacts({ dns, published: null, settings });
  const hosting = await hostingOf({ sets: sets.changed }, facts, request);
  const optional = await optionalKeys(dns, needed, sets);
  const isOptional = (set: PlannedSet): boolean => optional.has(setKey(set));
  return {
    records: [...groups.flat(), ...others.filter(({ line }) => !listed.has(line))],
    dnsHosts: hosting.zones,
    atDnsHost: hosting.placesOf(sets.changed.filter((set) => !isOptional(set))),
    optionalAtDnsHost: hosting.placesOf(sets.changed.filter(isOptional)),
    sets: request.wholeSets ? await placed(await wholeSets(dns, needed, sets, optional), facts) : [],
  };
}

async function neededBy(dns: DnsClient, request: PlanRequest): Promise<Needed[]> {
  const { domain, ips, heloName, dkim, tlsa = null } = request;
  const own = { where: 'own', optional: false } as const;
  const families = [...new Set(ips.map(ipFamily))].sort();
  const host = { ...own, where: isOwn(heloName, domain) ? ('own' as const) : ('other' as const) };
  const spf = { type: 'TXT', is: isSpfRecord } as const;
  const isBegun = (prefix: string) => (value: string) => value.startsWith(prefix);
  return [
    ...families.map((family) => ({
      ...host,
      name: heloName,
      type: family === 4 ? ('A' as const) : ('AAAA' as const),
      purpose: 'address of the server name used in HELO and the PTR record',
    })),
    { ...own, name: domain, type: 'MX', purpose: 'receives bounces and reports' },
    { ...own, ...spf, name: domain, purpose: 'SPF: the servers that may send for the domain (RFC 7208)' },
    ...(sameName(heloName, domain)
      ? []
      : [
          {
            ...host,
            ...spf,
            name: heloName,
            optional: true,
            purpose: 'SPF: the servers that may send bounces under this name (RFC 7208)',
          },
        ]),
    ...(dkim === null
      ? []
      : [
          {
            ...own,
            name: keyName(dkim.selector, domain),
            type: 'TXT' as const,
            purpose: 'DKIM: the public key of the server (RFC 6376)',
            value: textValue(dkim.record),
          },
        ]),
    {
      ...own,
      name: await policyName(dns, domain),
      type: 'TXT',
      purpose: 'DMARC: what receivers do with forged mail (RFC 9989)',
      is: isBegun('v=DMARC1'),
    },
    {
      ...own,
      name: `_smtp._tls.${domain}`,
      type: 'TXT',
      optional: true,
      purpose: 'TLS-RPT: where reports on TLS failures go (RFC 8460)',
      is: isBegun('v=TLSRPTv1'),
    },
    {
      ...own,
      name: stsName(domain),
      type: 'TXT',
      optional: true,
      purpose: `MTA-STS: senders must use TLS (RFC 8461); publish it after ${policyUrl(policyHost(domain))}`,
      is: isBegun('v=STSv1'),
    },
    ...(tlsa === null
      ? []
      : [
          {
            ...host,
            name: tlsaName(heloName),
            type: 'TLSA' as const,
            optional: true,
            purpose: 'DANE: senders that validate DNSSEC accept only this key (RFC 7672)',
            value: tlsaValue(tlsa),
          },
        ]),
    ...ips.map((ip) => ({
      name: reverseName(ip),
      type: 'PTR' as const,
      purpose: `PTR record of ${ip}`,
      where: 'provider' as const,
      optional: false,
    })),
  ];
}

const isOwn = (name: string, domain: Domain): boolean => isSameOrSubdomain(name, organizationalDomain(domain));

/** @returns the name of the DMARC record that applies to the domain, or at which a new one belongs. */
async function policyName(dns: DnsClient, domain: Domain): Promise<string> {
  const walk = await walkTree(dns, domain);
  const applied = policyByTreeWalk(walk, true);
  const ownTexts = walk.steps[0]?.records.length ?? 0;
  if (ownTexts > 0) return `_dmarc.${domain}`;
  return `_dmarc.${applied.kind === 'policy' ? applied.domain : organizationalDomain(domain)}`;
}

/** @returns the edits for records that a check does not ask for. Each changes nothing where the record is right. */
async function editsBy(dns: DnsClient, request: PlanRequest): Promise<Edit[]> {
  const { domain, ips, heloName, dkim, tlsa = null, reportsTo, now } = request;
  // A record set whose lookup failed has the status `unknown`, and the MX records that stand stay whatever their number.
  const route = await gatherMailRoute(dns, domain, () => {});
  const reports = mailtoUri(reportsTo ?? { localPart: 'dmarc', domain });
  const isThere = async (name: string, prefix: string): Promise<boolean> => {
    const answer = await dns.query(name, 'TXT');
    return isFailure(answer) || valuesOf(answer).some((value) => value.startsWith(prefix));
  };
  const [tlsRpt, mtaSts] = [`_smtp._tls.${domain}`, stsName(domain)];
  const id = timeDigits(now);
  return [
    ...ips.map((ip) => addAddress(heloName, ip)),
    ...(['mx', 'unknown'].includes(route.kind)
      ? []
      : [onlyValues('MX', domain, mxValue({ preference: 10, exchange: heloName }))]),
    editSpf(domain, { do: 'authorise', ips }),
    editSpf(heloName, { do: 'authorise', ips }),
    ...(dkim === null ? [] : [editDkim(keyName(dkim.selector, domain), { do: 'publish', text: dkim.record })]),
    ...(tlsa === null ? [] : [addValues('TLSA', tlsaName(heloName), tlsaValue(tlsa))]),
    ...((await isThere(tlsRpt, 'v=TLSRPTv1')) ? [] : [text(tlsRpt, `v=TLSRPTv1; rua=${reports}`)]),
    ...((await isThere(mtaSts, 'v=STSv1')) ? [] : [text(mtaSts, `v=STSv1; id=${id}`)]),
    ...ips.map((ip) => onlyValues('PTR', reverseName(ip), nameValue(heloName))),
  ];
}

const text = (name: string, value: string): Edit => ({
  record: 'TXT',
  name,
  change: { do: 'values', add: [textValue(value)], remove: [] },
});

interface Sets {
  readonly changed: readonly PlannedSet[];
  /** What could not be decided, by `name TYPE`. */
  readonly undecided: ReadonlyMap<string, string>;
}

/** Plans with the rules of the check, and with the edits of the list. */
async function plannedSets(dns: DnsClient, request: PlanRequest, edits: readonly Edit[]): Promise<Sets> {
  const { domain, ips, heloName, dkim, reportsTo, now, seed } = request;
  const target = {
    domain,
    ips,
    ipSource: 'argument' as const,
    helo: heloName,
    selectors: dkim === null ? [] : [dkim.selector],
  };
  const plan = await planOverDns(dns, {
    target,
    ruleIds: ['spf', 'dmarc', 'helo', 'ptr', 'mx', ...(dkim === null ? [] : ['dkim'])],
    also: edits,
    now,
    seed,
    ...(reportsTo === undefined ? {} : { reportsTo }),
  });
  return {
    changed: plan.sets.filter(isChanged),
    undecided: new Map([...plan.undecided, ...plan.unproven].map((set) => [setKey(set), set.decide])),
  };
}

type UnplacedSet = Omit<NeededSet, 'zone' | 'dnsHost'>;

/** Adds to each record set of the user's own zones where it is published. */
function placed(sets: readonly UnplacedSet[], facts: Facts<'dns' | 'published' | 'settings'>): Promise<NeededSet[]> {
  return Promise.all(
    sets.map(async (set) => {
      const zone = set.where === 'own' ? await facts(zoneOfSet, set.name, set.type) : null;
      const [host] = zone === null ? [] : (await facts(hostedZone, zone)).hosts;
      return { ...set, zone, dnsHost: host?.id ?? null };
    }),
  );
}

/** Finds what is published for a need, and the record set that changes for it. A need at an alias is that of its target. */
async function matched(dns: DnsClient, { name, type }: Needed, { changed }: Pick<Sets, 'changed'>) {
  const answer: DnsAnswer = await dns.query(name, type);
  const published = isFailure(answer) ? [] : valuesOf(answer);
  const names = isFailure(answer) ? [name] : [name, ...answer.chain];
  return { published, names, set: changed.find((one) => one.type === type && names.includes(one.name)) };
}

/**
 * @returns the keys of the record sets that only get a record without which mail is delivered too. One that goes so that such
 *   a record can come is not among them.
 */
async function optionalKeys(dns: DnsClient, needed: readonly Needed[], sets: Sets): Promise<ReadonlySet<string>> {
  const optional = new Set<string>();
  const required = new Set<string>();
  for (const need of needed) {
    const { published, set } = await matched(dns, need, sets);
    if (set === undefined) continue;
    const isNew = !published.some(need.is ?? (() => true));
    (need.optional && isNew ? optional : required).add(setKey(set));
  }
  return new Set([...optional].filter((key) => !required.has(key)));
}

/**
 * @param optional the keys of the sets that only get an optional record.
 * @returns the record sets that change, and before them those that are needed and stay.
 */
async function wholeSets(
  dns: DnsClient,
  needed: readonly Needed[],
  sets: Sets,
  optional: ReadonlySet<string>,
): Promise<UnplacedSet[]> {
  const { changed, undecided } = sets;
  const staying: UnplacedSet[] = [];
  for (const need of needed) {
    const { name, type, where } = need;
    const { published, names, set } = await matched(dns, need, sets);
    if (set !== undefined || published.length === 0 || undecided.has(setKey({ name, type }))) continue;
    const [, alias] = names;
    const kept =
      alias === undefined ? { type, values: published } : { type: 'CNAME' as const, values: [nameValue(alias)] };
    staying.push({ name, type: kept.type, where, isOptional: false, before: kept.values, after: kept.values });
  }
  const going = changed.map(({ owner, ...set }) => ({
    ...set,
    where: owner,
    isOptional: optional.has(setKey(set)),
  }));
  const keys = new Set(going.map(setKey));
  // A needed name that is an alias is one record set, whatever the types are that are needed there.
  const distinct = new Map(staying.filter((set) => !keys.has(setKey(set))).map((set) => [setKey(set), set]));
  return [...distinct.values(), ...going];
}

async function recordsOf(dns: DnsClient, need: Needed, { changed, undecided }: Sets): Promise<PlannedRecord[]> {
  const { name, type, is = () => true, value, ...common } = need;
  const answer: DnsAnswer = await dns.query(name, type);
  const nothing = { name, type, value: '', line: '', ...common };
  if (isFailure(answer)) {
    const known = value === undefined ? {} : recordOf(name, type, value);
    return [{ ...nothing, ...known, status: 'unknown', published: [] }];
  }
  const published = valuesOf(answer).filter(is);
  const names = [name, ...answer.chain];
  const set = changed.find((one) => one.type === type && names.includes(one.name));
  const decide = undecided.get(setKey(need));
  if (set === undefined && decide !== undefined) {
    return [{ ...nothing, status: 'undecided', purpose: decide, published }];
  }
  const stays = set === undefined ? published : published.filter((value) => set.after.includes(value));
  const right = stays
    .filter((value) => isPublishable(name, type, value))
    .map((value): PlannedRecord => ({ ...recordOf(name, type, value), ...common, status: 'right', published: [] }));
  const refused = stays.filter((value) => !isPublishable(name, type, value));
  const open: PlannedRecord[] =
    refused.length === 0
      ? []
      : [{ ...nothing, status: 'undecided', purpose: 'contains a name that no host can have', published: refused }];
  return [...right, ...open, ...(set === undefined ? [] : changedRecords(set, common))];
}

function changedRecords(
  { name, type, before, after, notes }: PlannedSet,
  common: Pick<PlannedRecord, 'purpose' | 'where' | 'optional'>,
): PlannedRecord[] {
  const published = before.filter((value) => !after.includes(value));
  const come = after.filter((value) => !before.includes(value));
  const status = published.length === 0 ? 'missing' : 'changed';
  return come.map((value) => ({
    ...recordOf(name, type, value),
    ...common,
    ...(notes.length > 0 ? { notes } : {}),
    status,
    published,
  }));
}

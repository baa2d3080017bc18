/**
 * Finds the name that the host at an address should have: in HELO, in its PTR record and in MX records. It also tells
 * where that name leads today, because only a name that is free or leads to the host may get its address.
 */
import { type GreetingName, greetingNameOf } from '../../knowledge/mail-servers/sending-name.ts';
import { isCustomName } from '../../knowledge/providers/reverse-name.ts';
import { isFailure, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName, isHostName } from '../../network/domain.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { areOfOneOrganization } from '../../standards/organizational-domain.ts';
import { specialUse } from '../../standards/special-use-name.ts';
import type { Target } from '../target.ts';
import { type Facts, fact, type Needs } from './fact.ts';
import type { DialogueSources } from './greeting.ts';
import { heloName } from './helo-name.ts';
import { mailServer } from './mail-server.ts';
import { meantHost } from './meant-host.ts';
import { confirmedNames, ptr } from './ptr.ts';

/**
 * Where a name leads:
 * - `here`: to the address.
 * - `tested`: not to the address, but to another tested address.
 * - `elsewhere`: to other hosts only, or to an alias.
 * - `nowhere`: it has no address.
 * - `unknown`: the lookup failed.
 */
export type Leads = 'here' | 'tested' | 'elsewhere' | 'nowhere' | 'unknown';

/** The name of a host. */
export interface HostName {
  readonly name: string;
  /** `customary` is `mail.` and the domain, when nothing names the host. */
  readonly source: 'helo' | 'ptr' | 'customary';
  readonly leads: Leads;
  /** The addresses that the name leads to. */
  readonly addresses: readonly string[];
}

/** Finds the name that the host at an address should have. It may take a connection, to read the greeting. */
export const hostName = fact(
  async ({ dns, facts, target }: Needs<DialogueSources>, ip: IpAddress): Promise<HostName> => {
    const look = (name: string, source: HostName['source']) => lookUp(dns, target, ip, name, source);
    const announced = target.ips.includes(ip) ? await announcedName(ip, facts, target) : undefined;
    const relation = announced === undefined ? 'same' : await greetingRelation(ip, facts, target);
    const seen = announced === undefined ? undefined : await look(announced, 'helo');
    // A name that the server only greets with counts if it leads to the host.
    const helo = relation === 'apart' && seen?.leads !== 'here' ? undefined : seen;
    if (helo?.leads === 'here') return helo;
    if (helo?.leads === 'nowhere') {
      const meant = await facts(meantHost, helo.name, helo.name);
      if (meant?.slip === 'zone-appended' && meant.addresses.includes(ip)) return look(meant.name, 'helo');
    }
    const reverse = confirmedNames(await facts(ptr, ip)).find((name) => isUsable(name, ip, target));
    const isSure = relation === 'same' && helo?.leads !== 'elsewhere';
    if (helo && (isSure || reverse === undefined)) return helo;
    return reverse === undefined ? look(`mail.${target.domain}`, 'customary') : look(reverse, 'ptr');
  },
);

/** @returns how the name that a host was seen to announce is related to its HELO name. A name that was given is it. */
async function greetingRelation(ip: IpAddress, facts: Facts<DialogueSources>, { helo }: Target): Promise<GreetingName> {
  return helo === undefined ? greetingNameOf((await facts(mailServer, ip))?.id ?? null) : 'same';
}

/** @returns the name that a tested host announces, if a mail server may have it. */
async function announcedName(
  ip: IpAddress,
  facts: Facts<DialogueSources>,
  target: Target,
): Promise<string | undefined> {
  const helo = await facts(heloName, ip);
  const isUsed = helo.name !== null && helo.source !== 'ptr' && isUsable(helo.name, ip, target);
  return isUsed ? canonicalName(helo.name) : undefined;
}

/** @returns whether a mail server may have the name: a public host name that is not its provider's default. */
function isUsable(name: string, ip: IpAddress, { domain }: Target): boolean {
  const use = specialUse(name);
  if (!isHostName(name) || use === 'machine' || use === 'network') return false;
  return isCustomName(canonicalName(name), ip, areOfOneOrganization(name, domain));
}

async function lookUp(
  dns: DnsClient,
  { ips }: Target,
  ip: IpAddress,
  name: string,
  source: HostName['source'],
): Promise<HostName> {
  const answers = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')]);
  const addresses = answers.flatMap((answer) => recordsOf<'A' | 'AAAA'>(answer));
  const canonical = addresses.map(parseIp).filter((address) => address !== undefined);
  return { name, source, addresses, leads: leads() };

  function leads(): Leads {
    if (canonical.includes(ip)) return 'here';
    if (answers.some(isFailure)) return 'unknown';
    if (answers.some(({ chain }) => chain.length > 0)) return 'elsewhere';
    if (canonical.length === 0) return 'nowhere';
    return canonical.some((address) => ips.includes(address)) ? 'tested' : 'elsewhere';
  }
}

/**
 * Says what one cause keeps from being seen. A cause at the place of the check is no fault of the host: a resolver that
 * does not answer, a network that closes port 25, a machine without IPv6. Other causes lie at the target: a silent mail
 * server, a zone whose name servers fail. Each cause is told once, however many checks it concerns.
 */
import type { QueryEvidence } from '../../network/dns/answer.ts';
import { type IpFamily, ipFamily, parseIp } from '../../network/ip.ts';
import { ALWAYS_THERE, type ResolverFault, type UnusableResolver } from '../facts/resolver.ts';
import type { Target } from '../target.ts';
import type { Fix } from './fix.ts';
import { ownCommand } from './own-command.ts';

/** The obstacles at the place of the check. The report names them. */
type PlaceObstacleKind =
  | `resolver-${UnusableResolver['kind']}`
  | 'no-network'
  | 'local-data'
  | 'no-ipv4'
  | 'no-ipv6'
  | 'firewall'
  | 'port-25'
  | 'time-limit';

/** The obstacles at the target. The report names them. */
export const TARGET_OBSTACLES = [
  'zone-failing',
  'no-address',
  'undetermined',
  'web-proxy',
  'silent-host',
  'no-greeting',
  'turned-away',
  'decoy',
  'limited',
  'shut-out',
] as const;

/** The kinds of obstacles. The report names them. */
export type ObstacleKind = PlaceObstacleKind | (typeof TARGET_OBSTACLES)[number];

/**
 * One obstacle, with its words for people. The words name no single check. Obstacles of one kind at the place of the check
 * are told once, and so are those at the target that say the same.
 */
export interface Obstacle {
  readonly kind: ObstacleKind;
  /** What cannot be seen, and why, in one or two sentences. */
  readonly says: string;
  /** What to do about it. */
  readonly fix: Fix;
}

const ANOTHER = 'use another DNS server, such as --dns 127.0.0.1 if a resolver runs on this machine';

/** @returns the obstacle for a resolver that cannot be relied on. */
export function resolverObstacle(evidence: ResolverFault): Obstacle {
  const { state, servers, query, isConnected } = evidence;
  const server = query.server ?? servers.join(', ');
  const detail = query.detail ?? query.rcode;
  const obstacle = (says: string, summary: string): Obstacle => ({ kind: `resolver-${state}`, says, fix: { summary } });
  if (servers.length === 0)
    return obstacle('No DNS server is configured on this machine.', `Configure one, or pass it with --dns.`);
  switch (state) {
    case 'unreachable':
    case 'silent':
      if (!isConnected) {
        return { ...NO_NETWORK, says: `${NO_NETWORK.says} No DNS server can be reached (${detail}).` };
      }
      return state === 'silent'
        ? obstacle(
            `No DNS server answers (${servers.join(', ')}).`,
            `Check the DNS servers of this machine (/etc/resolv.conf, on Windows ipconfig /all), and that no firewall blocks UDP and TCP port 53. Or ${ANOTHER}.`,
          )
        : obstacle(
            `No DNS server can be reached: ${detail}.`,
            `Check the DNS servers of this machine (/etc/resolv.conf, on Windows ipconfig /all) and its network, or ${ANOTHER}.`,
          );
    case 'refusing':
      return obstacle(
        `The DNS server ${server} refuses to answer this machine (REFUSED).`,
        `Use another DNS server, such as --dns 127.0.0.1 if a resolver runs on this machine.`,
      );
    case 'failing':
      return obstacle(
        `The DNS server ${server} resolves neither ${ALWAYS_THERE} nor ${query.name}: ${detail}.`,
        `Fix the resolver or its internet connection, or ${ANOTHER}.`,
      );
    case 'partial':
      return obstacle(
        `The DNS server ${server} refuses queries about other domains. It is probably a name server of the domain, not a resolver.`,
        `Use a resolver instead: ${ANOTHER}.`,
      );
    case 'denying':
      return obstacle(
        `The DNS server ${server} says that no record exists, not even those of ${ALWAYS_THERE}.`,
        `Do not use this DNS server: ${ANOTHER}.`,
      );
    case 'inventing':
      return inventingObstacle(evidence, server);
  }
}

function inventingObstacle({ query, records, invention }: ResolverFault, server: string): Obstacle {
  const kind = 'resolver-inventing';
  const given = `${server} gives ${records.join(', ')} for ${query.name}, which cannot exist`;
  switch (invention) {
    case 'placeholder':
      return {
        kind,
        says: `A proxy or VPN answers DNS queries with placeholder addresses ("fake IP"): ${given}.`,
        fix: { summary: `Turn off the proxy or its fake-IP mode, or ${ANOTHER}.` },
      };
    case 'portal':
      return {
        kind,
        says: `This network answers every name with the same address: ${given}. It probably needs a login first (captive portal).`,
        fix: { summary: `Log in to the network in a browser and run the check again, or ${ANOTHER}.` },
      };
    default:
      return {
        kind,
        says: `The resolver invents answers: ${given}.`,
        fix: { summary: `Use a resolver that does not rewrite answers: ${ANOTHER}.` },
      };
  }
}

/** @returns the obstacle for a resolver that answers some names from data of its own. */
export function localData(server: string | null): Obstacle {
  return {
    kind: 'local-data',
    says: `The resolver ${server ?? ''} answers some names from local data, such as a hosts file, instead of the public DNS.`,
    fix: {
      summary:
        'Use a resolver on another machine (--dns), or remove the names from the hosts file (/etc/hosts, on Windows C:/Windows/System32/drivers/etc/hosts) during the check.',
    },
  };
}

/**
 * @param whys what is not known yet, each as a clause.
 * @returns the obstacle that a proposed change leaves records open until it is applied.
 */
export function undetermined(whys: readonly string[]): Obstacle {
  const [first = 'a record', ...others] = [...new Set(whys)];
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return {
    kind: 'undetermined',
    says: `Not everything about the change is known yet: ${first}${more}.`,
    fix: { summary: 'Apply the change, then check the published records: run the same command without --zone.' },
  };
}

/**
 * @param shownBy the well-known mail server that could not be reached either.
 * @returns the obstacle that this network lets no connection to port 25 out.
 */
export function port25Closed(shownBy: string, target: Target): Obstacle {
  return {
    kind: 'port-25',
    says: `This network blocks outbound port 25: another mail server, ${shownBy}, cannot be reached either.`,
    fix: isOnHost(target)
      ? { summary: 'Ask the provider of this machine to unblock outbound port 25, then run the check again.' }
      : {
          summary:
            'Run the check on the mail server itself, because home, office and CI networks often block port 25. If this is the mail server, ask its provider to unblock outbound port 25.',
          commands: ownCommand(target, 'check', '--on-host'),
        },
  };
}

/** @returns whether the user said that the check runs on the mail host. */
function isOnHost({ given = [] }: Target): boolean {
  return given.some(([flag, value]) => flag === '--on-host' || (flag === '--vantage' && value === 'self'));
}

const BY_FIREWALL: readonly string[] = ['EACCES', 'EPERM'];

/**
 * @param detail the errno of the failure.
 * @returns what is missing on this machine, as a clause: `this machine has no IPv6 route (ENETUNREACH)`.
 */
export function missingHere(ip: string, detail: string): string {
  if (BY_FIREWALL.includes(detail)) return `a firewall on this machine blocks the connection (${detail})`;
  const family = familyOf(ip);
  return `this machine has no ${family === null ? '' : `IPv${family} `}route to it (${detail})`;
}

/**
 * @param detail the errno of the failure, or words with it.
 * @returns the obstacle that this machine cannot connect to an address.
 */
export function noRoute(ip: string, detail: string): Obstacle {
  if (BY_FIREWALL.some((errno) => detail.includes(errno))) {
    return {
      kind: 'firewall',
      says: 'A firewall on this machine blocks connections to the host.',
      fix: { summary: 'Allow mailcheck in the firewall of this machine, or run the check on another machine.' },
    };
  }
  const family = familyOf(ip) ?? 4;
  return {
    kind: `no-ipv${family}`,
    says: `This machine has no IPv${family}, so IPv${family} addresses cannot be tested from here.`,
    fix: {
      summary: `Run the check on a machine that has IPv${family}, or on the mail server itself. You do not need to change the mail server.`,
    },
  };
}

/** The words for a run that the time limit ended. */
export const TIME_LIMIT: Obstacle = {
  kind: 'time-limit',
  says: 'The time limit of the run ended it before every check was done.',
  fix: { summary: 'Run again with a longer --timeout.' },
};

/**
 * @param query the lookup that shows it.
 * @param servers the DNS servers that were asked.
 * @returns the obstacle that the DNS answers for other names and for none of the domain.
 */
export function failingZone(domain: string, { detail, rcode }: QueryEvidence, servers: readonly string[]): Obstacle {
  if (rcode === 'bogus') {
    return {
      kind: 'zone-failing',
      says: `The lookups of ${domain} fail (SOA, MX and TXT), because its DNSSEC signatures are wrong.`,
      fix: { summary: 'Put the DNSSEC signatures right first: the check dnssec says what is wrong. Then run again.' },
    };
  }
  return {
    kind: 'zone-failing',
    says: `The lookups of ${domain} fail (SOA, MX and TXT): ${detail ?? rcode}.`,
    fix: {
      summary: `The DNS servers asked (${servers.join(', ')}) answer for other names. Contact whoever runs the name servers of ${domain}, or ask another resolver with --dns. Then run again.`,
    },
  };
}

/** The words for a machine without any network. */
export const NO_NETWORK = {
  kind: 'no-network',
  says: 'This machine is not connected to any network.',
  fix: { summary: 'Connect this machine to a network, then run the check again.' },
} as const satisfies Obstacle;

function familyOf(ip: string): IpFamily | null {
  const address = parseIp(ip);
  return address === undefined ? null : ipFamily(address);
}

/**
 * The blocks of addresses that are not, or not only, for hosts on the internet: the IANA IPv4 and IPv6 Special-Purpose
 * Address Registries (RFC 6890, RFC 8190), and what other standards set apart. Of two blocks that contain an address,
 * the one with the longer prefix decides.
 */

/** The day of the last change to the registries that this table follows. */
export const REGISTRIES_CHANGED_ON = '2025-10-09';

export interface AddressBlock {
  readonly prefix: string;
  readonly name: string;
  /** The document that set the block apart. */
  readonly reference: string;
  /** "Globally Reachable" of the registry. A block without a value there, such as 6to4, counts as not reachable. */
  readonly isGloballyReachable: boolean;
  /**
   * Set for a block that the registry calls globally reachable, although no host has an address in it: its addresses
   * are identifiers that no router knows, or stand for IPv4 addresses, behind which may be any host.
   */
  readonly hasNoHosts?: true;
}

const REACHABLE = { isGloballyReachable: true } as const;
const LOCAL = { isGloballyReachable: false } as const;
const WITHOUT_HOSTS = { isGloballyReachable: true, hasNoHosts: true } as const;

/** The IANA IPv4 Special-Purpose Address Registry. */
export const IPV4_REGISTRY: readonly AddressBlock[] = [
  { prefix: '0.0.0.0/8', name: '"this network"', reference: 'RFC 791', ...LOCAL },
  { prefix: '0.0.0.0/32', name: '"this host on this network"', reference: 'RFC 1122', ...LOCAL },
  { prefix: '10.0.0.0/8', name: 'private use', reference: 'RFC 1918', ...LOCAL },
  { prefix: '100.64.0.0/10', name: 'shared address space for carrier-grade NAT', reference: 'RFC 6598', ...LOCAL },
  { prefix: '127.0.0.0/8', name: 'loopback', reference: 'RFC 1122', ...LOCAL },
  { prefix: '169.254.0.0/16', name: 'link local', reference: 'RFC 3927', ...LOCAL },
  { prefix: '172.16.0.0/12', name: 'private use', reference: 'RFC 1918', ...LOCAL },
  { prefix: '192.0.0.0/24', name: 'IETF protocol assignments', reference: 'RFC 6890', ...LOCAL },
  { prefix: '192.0.0.0/29', name: 'IPv4 service continuity', reference: 'RFC 7335', ...LOCAL },
  { prefix: '192.0.0.8/32', name: 'IPv4 dummy address', reference: 'RFC 7600', ...LOCAL },
  { prefix: '192.0.0.9/32', name: 'Port Control Protocol anycast', reference: 'RFC 7723', ...REACHABLE },
  { prefix: '192.0.0.10/32', name: 'TURN anycast', reference: 'RFC 8155', ...REACHABLE },
  { prefix: '192.0.0.170/32', name: 'NAT64 discovery', reference: 'RFC 7050', ...LOCAL },
  { prefix: '192.0.0.171/32', name: 'NAT64 discovery', reference: 'RFC 7050', ...LOCAL },
  { prefix: '192.0.2.0/24', name: 'documentation', reference: 'TEST-NET-1, RFC 5737', ...LOCAL },
  { prefix: '192.31.196.0/24', name: 'AS112', reference: 'RFC 7535', ...REACHABLE },
  { prefix: '192.52.193.0/24', name: 'automatic multicast tunneling', reference: 'RFC 7450', ...REACHABLE },
  { prefix: '192.88.99.0/24', name: 'deprecated 6to4 relay anycast', reference: 'RFC 7526', ...LOCAL },
  { prefix: '192.88.99.2/32', name: '6a44 relay anycast', reference: 'RFC 6751', ...LOCAL },
  { prefix: '192.168.0.0/16', name: 'private use', reference: 'RFC 1918', ...LOCAL },
  { prefix: '192.175.48.0/24', name: 'AS112 by direct delegation', reference: 'RFC 7534', ...REACHABLE },
  { prefix: '198.18.0.0/15', name: 'benchmarking', reference: 'RFC 2544', ...LOCAL },
  { prefix: '198.51.100.0/24', name: 'documentation', reference: 'TEST-NET-2, RFC 5737', ...LOCAL },
  { prefix: '203.0.113.0/24', name: 'documentation', reference: 'TEST-NET-3, RFC 5737', ...LOCAL },
  { prefix: '240.0.0.0/4', name: 'reserved or broadcast', reference: 'RFC 1112', ...LOCAL },
  { prefix: '255.255.255.255/32', name: 'broadcast', reference: 'RFC 919', ...LOCAL },
];

/** The IANA IPv6 Special-Purpose Address Registry. */
export const IPV6_REGISTRY: readonly AddressBlock[] = [
  { prefix: '::/128', name: 'unspecified address', reference: 'RFC 4291', ...LOCAL },
  { prefix: '::1/128', name: 'loopback', reference: 'RFC 4291', ...LOCAL },
  // `parseIp` reads such an address as the IPv4 address in it, which is then looked up instead.
  { prefix: '::ffff:0:0/96', name: 'IPv4-mapped', reference: 'RFC 4291', ...LOCAL },
  { prefix: '64:ff9b::/96', name: 'IPv4 translation', reference: 'RFC 6052', ...WITHOUT_HOSTS },
  { prefix: '64:ff9b:1::/48', name: 'local IPv4 translation', reference: 'RFC 8215', ...LOCAL },
  { prefix: '100::/64', name: 'discard only', reference: 'RFC 6666', ...LOCAL },
  { prefix: '100:0:0:1::/64', name: 'dummy prefix', reference: 'RFC 9780', ...LOCAL },
  { prefix: '2001::/23', name: 'IETF protocol assignments', reference: 'RFC 2928', ...LOCAL },
  { prefix: '2001::/32', name: 'Teredo', reference: 'RFC 4380', ...LOCAL },
  { prefix: '2001:1::1/128', name: 'Port Control Protocol anycast', reference: 'RFC 7723', ...REACHABLE },
  { prefix: '2001:1::2/128', name: 'TURN anycast', reference: 'RFC 8155', ...REACHABLE },
  { prefix: '2001:1::3/128', name: 'DNS-SD service registration anycast', reference: 'RFC 9665', ...REACHABLE },
  { prefix: '2001:2::/48', name: 'benchmarking', reference: 'RFC 5180', ...LOCAL },
  { prefix: '2001:3::/32', name: 'automatic multicast tunneling', reference: 'RFC 7450', ...REACHABLE },
  { prefix: '2001:4:112::/48', name: 'AS112', reference: 'RFC 7535', ...REACHABLE },
  { prefix: '2001:10::/28', name: 'deprecated ORCHID', reference: 'RFC 4843', ...LOCAL },
  { prefix: '2001:20::/28', name: 'ORCHIDv2', reference: 'RFC 7343', ...WITHOUT_HOSTS },
  { prefix: '2001:30::/28', name: 'drone remote ID tags', reference: 'RFC 9374', ...WITHOUT_HOSTS },
  { prefix: '2001:db8::/32', name: 'documentation', reference: 'RFC 3849', ...LOCAL },
  // Also where the IPv4 address in it is public: RFC 7526 ends the relays, and the registry gives no reachability.
  { prefix: '2002::/16', name: '6to4', reference: 'RFC 3056', ...LOCAL },
  { prefix: '2620:4f:8000::/48', name: 'AS112 by direct delegation', reference: 'RFC 7534', ...REACHABLE },
  { prefix: '3fff::/20', name: 'documentation', reference: 'RFC 9637', ...LOCAL },
  { prefix: '5f00::/16', name: 'segment routing SIDs', reference: 'RFC 9602', ...LOCAL },
  { prefix: 'fc00::/7', name: 'unique local', reference: 'RFC 4193', ...LOCAL },
  { prefix: 'fe80::/10', name: 'link local', reference: 'RFC 4291', ...LOCAL },
];

/** What the registries leave to other standards. IPv6 is reachable only in the part that IANA allocates from. */
export const OTHER_BLOCKS: readonly AddressBlock[] = [
  { prefix: '224.0.0.0/4', name: 'multicast', reference: 'RFC 5771', ...LOCAL },
  { prefix: '::/0', name: 'outside the global unicast addresses, 2000::/3', reference: 'RFC 4291', ...LOCAL },
  { prefix: '2000::/3', name: 'global unicast', reference: 'RFC 4291', ...REACHABLE },
  { prefix: '::/96', name: 'IPv4-compatible', reference: 'RFC 4291', ...LOCAL },
  { prefix: '::ffff:0:0:0/96', name: 'IPv4-translated', reference: 'RFC 2765', ...LOCAL },
  { prefix: 'fec0::/10', name: 'deprecated site local', reference: 'RFC 3879', ...LOCAL },
  { prefix: 'ff00::/8', name: 'multicast', reference: 'RFC 4291', ...LOCAL },
];

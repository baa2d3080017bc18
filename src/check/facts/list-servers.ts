/**
 * Finds the name servers of a block list. Lists refuse resolvers that many people share, since they cannot tell who asks.
 * A question to their own name servers comes from the address of whoever asks, which is what they want.
 */

import type { AskedList } from '../../knowledge/lists/catalogue.ts';
import type { NameServerClient } from '../../network/dns/client.ts';
import { hostAddresses } from '../../network/dns/host-addresses.ts';
import { MAX_NAMES, serversAt } from '../../network/dns/name-servers.ts';
import { canonicalName } from '../../network/domain.ts';
import { specialPurpose } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';
import { zoneCut } from './zone-cut.ts';

/** The name servers of a list, or why they cannot be asked. */
export type ListServers =
  | { readonly kind: 'found'; readonly client: NameServerClient }
  | {
      readonly kind: 'missing';
      readonly fault: /** The resolver has no name servers for the list, or no addresses for them. */
        | 'not-found'
        /** The lookup of the name servers failed. */
        | 'lookup-failed'
        /** The addresses of the name servers are not public, so nothing connects there. */
        | 'not-public';
    };

/** Finds the name servers of a list through the resolver. */
export const listServers = fact(
  async ({ dns, settings }: Needs<'dns' | 'settings'>, list: AskedList): Promise<ListServers> => {
    // A failure is a fault of its own, which the check of the list reports.
    const resolver = unwatched(dns);
    const cut = await zoneCut(resolver, canonicalName(list.queryZone));
    if (cut.kind === 'failed') return { kind: 'missing', fault: 'lookup-failed' };
    const names = cut.kind === 'found' ? cut.nameServers.slice(0, MAX_NAMES) : [];
    const { addresses: known, isPartial } = await hostAddresses(names, resolver);
    const usable = settings.allowPrivate ? known : known.filter((ip) => specialPurpose(ip) === undefined);
    if (cut.kind === 'none' || usable.length === 0) {
      const isLost = known.length === 0 && isPartial;
      return { kind: 'missing', fault: known.length > 0 ? 'not-public' : isLost ? 'lookup-failed' : 'not-found' };
    }
    return { kind: 'found', client: dns.atNameServers({ zone: cut.zone, servers: serversAt(usable) }) };
  },
);

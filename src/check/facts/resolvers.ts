/** Knows what kind of resolver each configured DNS server is: a public one, one of a provider, a forwarder, the user's own. */

import type { ResolverKind } from '../../knowledge/lists/schema.ts';
import { sharedResolver } from '../../knowledge/lists/shared-resolvers.ts';
import { isConfirmed } from '../../knowledge/verification.ts';
import { serverLabel } from '../../network/dns/servers.ts';
import { isLoopback } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';

/** One configured DNS server. */
export interface AskedResolver {
  readonly server: string;
  /** The name of the shared resolver. `null` when it is not known to be shared. */
  readonly sharedBy: string | null;
  /** `own`: it runs on this machine and is not known to be a forwarder. `null` when the kind is not known. */
  readonly kind: ResolverKind | 'own' | null;
  /** Whether the data about the resolver is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
}

/** The configured DNS servers. */
export const askedResolvers = fact(
  async ({ dns, own, clock }: Needs<'dns' | 'own' | 'clock'>): Promise<readonly AskedResolver[]> =>
    dns.servers.map((server) => {
      const shared = sharedResolver(server.address);
      const isOwn = isLoopback(server.address) || own.includes(server.address);
      return {
        server: serverLabel(server),
        sharedBy: shared?.name ?? null,
        kind: shared?.kind ?? (isOwn ? 'own' : null),
        confirmed: shared === undefined || isConfirmed(shared, clock.now()),
      };
    }),
);

/** Finds the addresses that a run tests. */
import type { DnsClient } from '../network/dns/client.ts';
import type { IpAddress } from '../network/ip.ts';
import { type Gaps, watched } from './facts/gaps.ts';
import { gatherMailRoute } from './facts/mx.ts';
import { withoutProxies } from './facts/web-proxy.ts';
import type { RunTarget, Target } from './target.ts';

/**
 * Completes the target: without an address on the command line, it takes the addresses of the domain's MX hosts. It
 * leaves out the addresses of web proxies.
 */
export async function resolveAddresses(target: RunTarget, dns: DnsClient, gaps: Gaps, now: number): Promise<Target> {
  if (target.ips.length > 0) return withoutProxies({ ...target, ipSource: 'argument' }, [], now);
  const route = await gatherMailRoute(watched(dns, gaps), target.domain, (leftOut) => gaps.addLeftOut(leftOut));
  const ips = new Set<IpAddress>(route.hosts.flatMap(({ addresses }) => addresses));
  return withoutProxies({ ...target, ips: [...ips], ipSource: 'mx' }, route.hosts, now);
}

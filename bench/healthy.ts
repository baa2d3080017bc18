/** The check that the benchmarks of memory and CPU make through the library. Its servers are those of the test world. */
import type { CheckOptions } from '../src/index.ts';
import { type World, worldAuthority } from '../test/world/world.ts';

/** The arguments of a check. They survive JSON, because another process makes the check. */
export interface CheckPlan {
  readonly domain: string;
  readonly ips: readonly string[];
  readonly options: CheckOptions;
  readonly connectTo: readonly (readonly [string, { readonly host: string; readonly port: number }])[];
}

/** @returns the check of the healthy host in this world. */
export function healthyPlan({ dns, connectTo }: World): CheckPlan {
  return {
    domain: 'example.com',
    ips: ['203.0.113.5'],
    options: {
      selectors: ['s1'],
      dns: [dns.server],
      allowPrivate: true,
      vantage: 'outside',
      probePauseMs: 0,
      extraRoots: [worldAuthority.certificate],
    },
    connectTo: [...connectTo],
  };
}

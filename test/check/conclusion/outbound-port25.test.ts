/** Tests what is known of outbound port 25, on which no receiver can be reached if it is closed. */
import { expect, test } from 'vitest';
import { mayBeClosed } from '../../../src/check/conclusion/outbound-port25.ts';
import { waysOut } from '../../../src/check/conclusion/ways.ts';
import type { ProviderResult } from '../../../src/report/status.ts';
import { findingOf, resultOf } from '../../world/results.ts';

type Address = ProviderResult['addresses'][number];

const at = (port25Seen: Address['port25Seen'], ...egress: string[]): Address => ({
  ip: '203.0.113.5',
  certainty: null,
  network: null,
  port25Seen,
  candidates: egress.map((kind) => ({
    id: kind,
    name: kind,
    status: 'active',
    confidence: 'documented',
    confirmed: true,
    signals: [],
    port25: { egress: kind, unblock: 'support-ticket', url: null, portsClosed: [] },
    ptr: { control: 'self-service', url: null },
  })),
});

const asking = (severity: 'error' | 'warning') =>
  resultOf('egress', [
    findingOf({
      code: 'egress/blocked',
      severity,
      remediation: { summary: '', atProvider: { action: 'open-port-25', provider: null } },
    }),
  ]);
const clean = resultOf('egress', []);

test.each<[when: string, result: typeof clean, addresses: Address[], may: boolean]>([
  ['no address and no finding', clean, [], false],
  ['a fault that the provider must open the port for', asking('error'), [], true],
  ['a warning about the port', asking('warning'), [], false],
  ['seen closed', clean, [at('blocked', 'open')], true],
  ['seen open at a provider that closes it for some', clean, [at('open', 'blocked-by-default')], false],
  ['not tried, at a provider that is not known', clean, [at(null)], true],
  ['not tried, at a provider that leaves it open', clean, [at(null, 'open')], false],
  ['not tried, at one of two providers that may close it', clean, [at(null, 'open', 'blocked-by-default')], true],
  ['not tried, at a provider of which it is not known', clean, [at(null, 'unknown')], true],
  ['seen open at one address and not tried at another', clean, [at('open'), at(null)], true],
])('%s', (_, result, addresses, may) => {
  expect(mayBeClosed([result], addresses)).toBe(may);
  const [own, ...others] = waysOut([result], [], [], () => [], { now: 0, addresses }).ways;
  expect(own?.mayBeBlocked).toBe(may ? true : undefined);
  expect(others.some((way) => way.mayBeBlocked)).toBe(false);
});

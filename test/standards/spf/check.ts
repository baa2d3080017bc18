/** Runs cases against a zone: what every table test of this folder shares. */
import { expect } from 'vitest';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { checkHost, type SpfOutcome } from '../../../src/standards/spf/index.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

export const CLIENT = '192.0.2.10';
export const CLIENT6 = '2001:db8::10';

export interface Case {
  readonly name: string;
  readonly zone: ZoneScript;
  readonly expected: string;
  readonly ip?: string;
  readonly sender?: string;
  readonly helo?: string;
  readonly explanation?: string | null;
  readonly lookups?: number;
  readonly voidLookups?: number;
  readonly problem?: string;
}

export function address(text: string): IpAddress {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
}

export function check(zone: ZoneScript, options: Partial<Case> = {}): Promise<SpfOutcome> {
  return checkHost({
    ip: address(options.ip ?? CLIENT),
    sender: options.sender ?? 'user@example.com',
    heloName: options.helo ?? 'mail.example.com',
    resolver: zoneResolver({ zone }),
    now: () => 1_700_000_000_000,
  });
}

/** Compares everything the case states, and the result always. */
export async function verify(test: Case): Promise<void> {
  const outcome = await check(test.zone, test);
  expect({
    result: outcome.result,
    ...('explanation' in test ? { explanation: outcome.explanation } : {}),
    ...('lookups' in test ? { lookups: outcome.lookups } : {}),
    ...('voidLookups' in test ? { voidLookups: outcome.voidLookups } : {}),
    ...('problem' in test ? { problem: outcome.problem?.kind } : {}),
  }).toEqual({
    result: test.expected,
    ...('explanation' in test ? { explanation: test.explanation } : {}),
    ...('lookups' in test ? { lookups: test.lookups } : {}),
    ...('voidLookups' in test ? { voidLookups: test.voidLookups } : {}),
    ...('problem' in test ? { problem: test.problem } : {}),
  });
}

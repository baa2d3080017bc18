/** Predicts the answers of receivers to findings that a test names. */
import { predict, type Volume } from '../../../../src/check/conclusion/receivers/predict.ts';
import type { IpFamily } from '../../../../src/network/ip.ts';
import type { ReceiverResult } from '../../../../src/report/status.ts';
import { NOW } from '../../../world/clock.ts';
import { type GivenFinding, resultsWith } from '../../../world/results.ts';

export type Given = GivenFinding;
export type Outcome = ReceiverResult['outcome'];

export const v4 = { about: { ip: '203.0.113.5' } };
export const v6 = { about: { ip: '2001:db8::5' } };
export const onList = (zone: string) => ({ about: { ip: '203.0.113.5', zone } });
export const zen = onList('zen.spamhaus.org');
export const domainOn = (zone: string) => ({ about: { name: 'example.com', zone } });

/** @returns the IP versions of the addresses that the findings are about. IPv4 when they are about none. */
export function familiesOf(given: readonly Given[]): IpFamily[] {
  const ips = given.flatMap(({ about }) => about?.ip ?? []);
  const families = new Set(ips.map((ip) => (ip.includes(':') ? 6 : 4)));
  return families.size === 0 ? [4] : [...families];
}

export const answers = (
  given: readonly Given[],
  volume: Volume = 'low',
  skipped: readonly string[] = [],
  families: readonly IpFamily[] = familiesOf(given),
) => predict(resultsWith(given, skipped), { volume, now: NOW, families });

/** @returns the ids of the receivers that give each answer, in the order of the report. */
export function byOutcome(given: readonly Given[], volume: Volume = 'low', skipped: readonly string[] = []) {
  const groups: Partial<Record<Outcome, string[]>> = {};
  for (const { id, outcome } of answers(given, volume, skipped)) groups[outcome] = [...(groups[outcome] ?? []), id];
  return groups;
}

export const answerOf = (
  id: string,
  given: readonly Given[],
  volume: Volume = 'low',
  skipped: readonly string[] = [],
) => answers(given, volume, skipped).find((answer) => answer.id === id);

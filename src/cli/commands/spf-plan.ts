/** Plans the SPF record with which the address of `mailcheck spf` passes, and formats it. */
import { isChanged } from '../../check/conclusion/plan/planned-zone.ts';
import { changeOf } from '../../check/conclusion/steps.ts';
import { editSpf } from '../../check/rules/edit.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { planOverDns } from '../../records/over-dns.ts';
import type { RecordChange } from '../../report/status.ts';
import { changeWords } from '../../reporters/changes.ts';
import { wrap } from '../../reporters/layout.ts';
import { copyable, printable } from '../../reporters/printable.ts';
import type { Tones } from '../../reporters/tones.ts';
import type { SpfReport } from './spf-report.ts';

/** The plan for one address: what would let it pass, or what the owner has to decide. */
export interface SpfPlan {
  readonly changes: readonly RecordChange[];
  readonly decide: readonly string[];
}

/**
 * @returns the change of the DNS with which the address passes. `null` if it passes already, if that is not known, or if
 *   the sender has no domain that can have a record.
 */
export async function spfPlan(
  dns: DnsClient,
  { result, domain: name, ip: address, helo }: SpfReport,
  { now, seed }: { readonly now: number; readonly seed: string },
): Promise<SpfPlan | null> {
  const domain = parseDomain(name);
  const ip = parseIp(address);
  if (result === 'pass' || result === 'temperror' || domain === undefined || ip === undefined) return null;
  const target = { domain, ips: [ip], ipSource: 'argument', helo, selectors: [] } as const;
  const also = [editSpf(domain, { do: 'authorise', ips: [ip] })];
  const plan = await planOverDns(dns, { target, ruleIds: ['spf'], also, now, seed });
  return {
    changes: plan.sets.filter(isChanged).map(changeOf),
    decide: [...plan.undecided, ...plan.unproven].map(({ decide }) => decide),
  };
}

/** @returns the plan as text below the result, or an empty text if there is none. */
export function formatSpfPlan(
  plan: SpfPlan | null,
  { tones, width }: { readonly tones: Tones; readonly width: number },
): string {
  if (plan === null || (plan.changes.length === 0 && plan.decide.length === 0)) return '';
  const { gone, note } = changeWords({ changes: [...plan.changes] });
  const lines = [
    '',
    tones.bold('If this address is yours, publish this record, and it passes'),
    ...gone.map((line) => tones.dim(`- ${printable(line)}`)),
    ...plan.changes.flatMap(({ add }) => add.map(({ line }) => `  ${copyable(line)}`)),
    ...(note === null ? [] : wrap(printable(note), width)),
    ...plan.decide.flatMap((decide) => wrap(printable(decide), width)),
  ];
  return `${(plan.changes.length > 0 ? lines : ['', ...lines.slice(2)]).join('\n')}\n`;
}

/** Builds the section of the Report on the MTA-STS policy. A later run compares its own policy with it. */
import type { Report } from '../../report/status.ts';
import type { Facts } from '../facts/fact.ts';
import { appliedPolicy, mtaSts } from '../facts/mta-sts.ts';

/** @returns the section `mtaSts`, or an empty object when no rule read a policy that senders apply. */
export async function mtaStsSection(facts: Facts): Promise<Pick<Report, 'mtaSts'>> {
  if (!facts.known(mtaSts)) return {};
  const read = await facts(mtaSts);
  const policy = appliedPolicy(read);
  const id = read.record?.id ?? null;
  if (policy === null || id === null) return {};
  return { mtaSts: { id, mode: policy.mode, mx: [...policy.patterns], maxAge: policy.maxAge } };
}

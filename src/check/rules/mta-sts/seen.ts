/** Says which policy was seen, and which of its patterns covers each MX host. */
import { patternFor } from '../../../standards/mta-sts/match.ts';
import type { UsablePolicy } from '../../../standards/mta-sts/policy.ts';
import type { MtaSts } from '../../facts/mta-sts.ts';
import { mailRoute } from '../../facts/mx.ts';
import type { Context } from '../rule.ts';
import { timeText } from './words.ts';

/** The number of MX hosts that the note names. */
const MAX_HOSTS = 5;

/** @returns the policy in a few words: `enforce, id 20261130Z, kept for 14 days; mx1.example.com by *.example.com`. */
export async function seenMtaSts(
  { records, record }: MtaSts,
  policy: UsablePolicy | null,
  { facts, settings }: Context,
): Promise<string> {
  if (records.length === 0) return 'no record';
  const id = record?.id === undefined || record.id === null ? 'no usable record' : `id ${record.id}`;
  if (policy === null) return `${id}; no usable policy`;
  const { mode, patterns, maxAge } = policy;
  const { hosts } = await facts(mailRoute);
  const matched = hosts.flatMap(({ name }) => {
    const pattern = patternFor(patterns, name);
    return pattern === null ? [] : [pattern === name ? name : `${name} (${pattern})`];
  });
  const covered = mode === 'none' || matched.length === 0 ? [] : [`covers ${matched.slice(0, MAX_HOSTS).join(', ')}`];
  const untested = settings.sendOnly && mode !== 'none' ? ['MX hosts not connected to (--send-only)'] : [];
  return [`${mode}, ${id}, kept for ${timeText(maxAge)}`, ...covered, ...untested].join('; ');
}

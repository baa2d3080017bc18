/** Judges whether it is safe to sign with the key that the user gave. */
import { isoTime } from '../../../report/iso-time.ts';
import type { KeySwitch } from '../../facts/key-switch.ts';
import type { Emit, Finding } from '../finding.ts';
import type { findings } from './findings.ts';

/**
 * @param isAwaited whether the run waits for the switch. What speaks against it is then an error.
 * @param startedAt the start of the run, in milliseconds since the epoch.
 */
export function* judgeSwitch(
  { selector, name, fingerprint, zone, having, ...seen }: KeySwitch,
  { isAwaited, startedAt }: { readonly isAwaited: boolean; readonly startedAt: number },
  finding: Emit<typeof findings>,
): Generator<Finding> {
  const evidence = { selector, name, fingerprint, zone, having, at: new Date(startedAt).toISOString() };
  const detail = { about: { name, selector }, rests: [{ name, type: 'TXT' }] };
  const against = isAwaited ? { ...detail, severity: 'error' as const } : detail;
  const { other, lacking, unseen, isResolverOld, keptFor } = seen;
  const notYet = { unseen, isResolverOld, keptFor, since: isoTime(seen.since), by: isoTime(seen.safeAt) };
  switch (seen.state) {
    case 'safe':
      yield finding('dkim/safe-to-switch', evidence, detail);
      return;
    case 'not-everywhere':
      yield finding('dkim/not-at-all-servers', { ...evidence, other, lacking }, against);
      return;
    case 'unseen':
      if (isAwaited) {
        const servers = unseen.map(({ name: server, address }) => `${server} (${address})`);
        const reason = 'name-servers-unseen';
        yield finding('dkim/inconclusive', { reason, selector, name, servers }, detail);
        return;
      }
      yield finding('dkim/not-safe-yet', { ...evidence, ...notYet, why: 'unseen' }, detail);
      return;
    case 'kept':
      yield finding('dkim/not-safe-yet', { ...evidence, ...notYet, why: 'older-answers' }, against);
  }
}

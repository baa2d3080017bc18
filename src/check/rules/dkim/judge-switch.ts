/** Judges whether it is safe to sign with the key that the user gave. */
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
  switch (seen.state) {
    case 'safe':
      yield finding('dkim/safe-to-switch', evidence, detail);
      return;
    case 'not-everywhere':
      yield finding('dkim/not-at-all-servers', { ...evidence, other, lacking }, against);
      return;
    case 'kept':
    case 'unseen': {
      const why = seen.state === 'kept' ? ('older-answers' as const) : ('unseen' as const);
      const [since, safeAt] = [seen.since, seen.safeAt].map((time) =>
        time === null ? null : new Date(time).toISOString(),
      );
      yield finding(
        'dkim/not-safe-yet',
        { ...evidence, why, unseen, isResolverOld, keptFor, since: since ?? null, safeAt: safeAt ?? null },
        against,
      );
    }
  }
}

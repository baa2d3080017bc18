/** Makes the settings of a run and its rules from the options of the check. Refuses options that contradict each other. */
import type { Settings } from '../../check/settings.ts';
import { UsageError } from '../../usage-error.ts';
import { CHECK_OPTIONS, SMTP_PORT } from './check-options.ts';
import { listKeysOf } from './lists.ts';
import type { OptionReader } from './read.ts';
import { flagOf } from './row.ts';
import type { CheckArguments, OPTIONS } from './table.ts';

/**
 * @returns the settings of a run.
 * @throws UsageError for a value that cannot be used, or for options that contradict each other.
 */
export async function parseSettings(options: CheckArguments, reader: OptionReader<typeof OPTIONS>): Promise<Settings> {
  await checkContradictions(options, reader);
  const isProposed = (options.zone ?? []).length > 0;
  const settings = withGate(await reader.settings(), isProposed);
  return { smtpPort: SMTP_PORT, allowPrivate: false, ...listKeysOf(process.env), ...settings };
}

/**
 * @returns the settings of a run with or without proposed records. Without them there is no change to judge. With them the
 *   change is judged, unless the user or a run that asks nobody has all of it judged.
 */
export function withGate(settings: Partial<Settings>, isProposed: boolean): Partial<Settings> {
  const { gate = 'change', smtp, offline, ...others } = settings;
  if (!isProposed) return others;
  return {
    ...others,
    gate: offline ? 'all' : gate,
    ...(smtp === undefined ? {} : { smtp }),
    ...(offline === undefined ? {} : { offline }),
  };
}

/** The options that say how proposed records are judged. */
const NEED_ZONE = ['gate', 'smtp', 'offline'] as const;

/**
 * @param typed the names of the options that the user gave. They are for the targets that have proposed records, so it is
 *   enough that one has (`isAnyProposed`). A configuration may have such an option for the targets that
 *   have proposed records. `offline` is refused without them all the same, because it must not end in questions.
 * @throws UsageError for an option that says how proposed records are judged, if there are none.
 */
export async function refuseWithoutZone(
  options: CheckArguments,
  {
    typed,
    isProposed,
    isAnyProposed = isProposed,
  }: { readonly typed: ReadonlySet<string>; readonly isProposed: boolean; readonly isAnyProposed?: boolean },
  { about }: Pick<OptionReader<typeof OPTIONS>, 'about'>,
): Promise<void> {
  if (isProposed) return;
  for (const name of NEED_ZONE) {
    if (!options[name] || (name !== 'offline' && (isAnyProposed || !typed.has(name)))) continue;
    await about(name, (flag) => {
      throw new UsageError(`${flag} needs --zone: it says how proposed records are judged`);
    });
  }
}

/**
 * @returns the ids of all rules. It loads the rules, which takes long.
 */
export async function allRuleIds(): Promise<readonly string[]> {
  const { ruleIds } = await import('../../check/rules/index.ts');
  return ruleIds;
}

/**
 * @returns the ids of the rules that `only` and `skip` leave, which may be none. `undefined` where both are absent: all rules.
 * @throws UsageError for an unknown rule.
 */
export async function selectedRuleIds({
  read,
}: Pick<OptionReader<typeof OPTIONS>, 'read'>): Promise<string[] | undefined> {
  const only = await read('only');
  const unwanted = (await read('skip')) ?? [];
  if (only === undefined && unwanted.length === 0) return undefined;
  return (only ?? (await allRuleIds())).filter((id) => !unwanted.includes(id));
}

/**
 * @returns the ids of the rules that `only` and `skip` leave, which may be none.
 * @throws UsageError for an unknown rule.
 */
export async function wantedRuleIds(reader: Pick<OptionReader<typeof OPTIONS>, 'read'>): Promise<string[]> {
  return (await selectedRuleIds(reader)) ?? [...(await allRuleIds())];
}

/** The options that only make sense with SMTP connections. */
const NEED_SMTP = [
  ['activeData', '--active-data'],
  ['activeRcpt', '--active-rcpt'],
  ['activeInjection', '--active-injection'],
  ['askReceivers', '--ask-receivers'],
] as const;

/** The options that one check alone uses. */
const NEED_CHECK = [
  ['nextCert', 'dane'],
  ['authoritative', 'dns'],
] as const;

/** @throws UsageError for options that contradict each other. */
export async function checkContradictions(
  options: CheckArguments,
  { about, read }: Pick<OptionReader<typeof OPTIONS>, 'about' | 'read'>,
  isProposed = (options.zone ?? []).length > 0,
): Promise<void> {
  await about('onHost', () => {
    if (options.onHost && options.vantage !== undefined && options.vantage !== 'self') {
      throw new UsageError('--on-host and --vantage contradict each other');
    }
  });
  await about('activeData', () => {
    if (!options.activeData || options.relayRcpt !== undefined) return;
    throw new UsageError(
      '--active-data needs a mailbox of yours to send the test message to: --relay-rcpt you@elsewhere.example',
    );
  });
  await about('askReceivers', () => {
    if (!options.askReceivers || options.vantage === undefined || options.vantage === 'self') return;
    throw new UsageError('--ask-receivers works on the mail server itself: it and --vantage contradict each other');
  });
  const only = (await read('only')) ?? [];
  await about('only', async () => {
    if (only.length === 0) return;
    const { checks } = await import('../../check/rules/index.ts');
    const idle = checks.find(({ id, onlyWith }) => onlyWith !== undefined && !options[onlyWith] && only.includes(id));
    if (idle?.onlyWith === undefined) return;
    throw new UsageError(`the check "${idle.id}" needs ${flagOf(CHECK_OPTIONS[idle.onlyWith].flags)}`);
  });
  await about('dnsOnly', () => {
    const other = NEED_SMTP.find(([name]) => options[name])?.[1];
    if (!options.dnsOnly || other === undefined) return;
    throw new UsageError(`--dns-only and ${other} contradict each other: ${other} needs an SMTP connection`);
  });
  const isOfChange = isProposed && options.gate !== 'all' && !options.offline && !options.smtp;
  for (const [name, flag] of isOfChange ? NEED_SMTP : []) {
    await about(name, () => {
      if (!options[name]) return;
      throw new UsageError(`${flag} needs --smtp: a change of DNS is judged without SMTP connections`);
    });
  }
  await about('offline', () => {
    if (!options.offline) return;
    if (options.gate === 'change') {
      throw new UsageError(
        '--offline and --gate change contradict each other: nothing is asked, so nothing is known of the published records',
      );
    }
    const other = options.smtp ? '--smtp' : NEED_SMTP.find(([name]) => options[name])?.[1];
    if (other === undefined) return;
    throw new UsageError(`--offline and ${other} contradict each other: ${other} needs an SMTP connection`);
  });
  await about('smtp', () => {
    if (!options.smtp || !options.dnsOnly) return;
    throw new UsageError('--smtp and --dns-only contradict each other');
  });
  await about('nextCert', () => {
    if (options.nextCert === undefined || !options.sendOnly) return;
    throw new UsageError(
      '--next-cert and --send-only contradict each other: TLSA records are for hosts that receive mail',
    );
  });
  const ids = await selectedRuleIds({ read });
  for (const [name, id] of NEED_CHECK) {
    await about(name, () => {
      if (!options[name] || (ids?.includes(id) ?? true)) return;
      throw new UsageError(
        `${flagOf(CHECK_OPTIONS[name].flags)} needs the check "${id}": add it to --only, or take it out of --skip`,
      );
    });
  }
}

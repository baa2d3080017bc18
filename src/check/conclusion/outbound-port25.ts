/** Decides what is known of outbound port 25 at the tested addresses: from the test, the findings and the providers. */
import type { Provider } from '../../knowledge/providers/schema.ts';
import { mayClosePort25, policyWords } from '../../report/port25-words.ts';
import { type FindingResult, isConclusive, type ProviderResult, type RuleResult } from '../../report/status.ts';
import { rules } from '../rules/index.ts';
import { unsure } from './remediation/ptr.ts';

/** What a provider does to outbound port 25, in a clause about it. */
export interface Policy {
  readonly text: string;
  /** Whether it is a reason to expect that mail cannot be sent. */
  readonly isReason: boolean;
}

/**
 * @param now milliseconds since the epoch, to mark data about a provider that is too old.
 * @returns what the providers do to outbound port 25, as far as it is known, and for which it is not known. None if the
 *   port was tried.
 */
export function openPolicies(results: readonly RuleResult[], providers: readonly Provider[], now: number): Policy[] {
  return isTried(results) ? [] : providers.flatMap((provider) => policiesOf(provider, now));
}

function policiesOf(provider: Provider, now: number): Policy[] {
  const { name, generic, status, port25 } = provider;
  if (port25.egress === 'unknown')
    return generic || status !== 'active'
      ? []
      : [{ text: `it is not known whether ${name} blocks it`, isReason: false }];
  if (!mayClosePort25(port25)) return [];
  return [{ text: `${name} ${policyWords(port25)}${unsure(provider, now)}`, isReason: true }];
}

/** The rules that try outbound port 25. */
const TRY_PORT_25: ReadonlySet<string> = new Set(
  rules
    .filter(({ findings }) => Object.values(findings).some(({ barrier }) => barrier === 'port-25-closed'))
    .map(({ id }) => id),
);

/** Tells whether outbound port 25 was tried, and it was seen whether it is open. */
function isTried(results: readonly RuleResult[]): boolean {
  const tries = results.filter(({ id }) => TRY_PORT_25.has(id));
  return tries.length > 0 && tries.every(isConclusive);
}

/**
 * @returns whether mail from the addresses may not reach any receiver: outbound port 25 was seen closed, or it was not
 *   tried at a provider that may close it, or at one that is not known.
 */
export function mayBeClosed(results: readonly RuleResult[], addresses: ProviderResult['addresses']): boolean {
  return (
    results.some(({ findings }) => findings.some(asksForPort25)) ||
    addresses.some(
      ({ port25Seen, candidates }) =>
        port25Seen === 'blocked' ||
        (port25Seen === null && (candidates.length === 0 || candidates.some(({ port25 }) => mayClosePort25(port25)))),
    )
  );
}

/** Tells whether the remedy of a fault is to have outbound port 25 opened. */
function asksForPort25({ severity, remediation }: FindingResult): boolean {
  return severity === 'error' && remediation.atProvider?.action === 'open-port-25';
}

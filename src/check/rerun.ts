/**
 * Runs rules again over planned DNS records, as if they were published. What is known of the host stays as it was, and
 * no new connection is made.
 */
import type { DnsClient } from '../network/dns/client.ts';
import type { SmtpClient, SmtpFailure } from '../network/smtp/types.ts';
import type { Rerun } from './conclusion/plan/plan.ts';
import { createFacts, type Facts, type Sources } from './facts/fact.ts';
import type { Context } from './rules/rule.ts';
import { type RuleOptions, type RuleTiming, runRules, selectedRules } from './run-rules.ts';

/** What a second run takes over from the first. */
export interface FirstRun {
  readonly context: Context;
  readonly sources: Sources;
  readonly facts: Facts;
  readonly options: Pick<RuleOptions, 'ruleIds' | 'onFault'>;
  readonly timing: RuleTiming;
}

/** @returns the ids of the selected rules that rest on the domain's DNS records. */
export function rerunIds(ruleIds: readonly string[] | undefined): string[] {
  return selectedRules(ruleIds).flatMap(({ id, restsOnDns }) => (restsOnDns ? [id] : []));
}

/** @returns the function that runs those rules again over the answers of another client. */
export function rerunOf({ context, sources, facts, options, timing }: FirstRun): Rerun {
  return (dns: DnsClient) => {
    const again = createFacts({ ...sources, dns, smtp: unasked(sources.smtp) }, facts);
    const cutOff = (what: string) => timing.cutOff(`${what} with the plan`);
    const { ruleIds, ...others } = options;
    return runRules(
      { ...context, dns, facts: again },
      { ...others, ruleIds: rerunIds(ruleIds) },
      { cutOff, stopwatch: () => () => 0 },
    );
  };
}

/** @returns a client that makes no connection. */
function unasked({ probeName, canOffer }: SmtpClient): SmtpClient {
  const failure: SmtpFailure = { status: 'unasked', detail: 'no new connection is made for planned records' };
  return {
    probeName,
    canOffer,
    transcripts: [],
    connect: async () => failure,
    reach: async () => failure,
  };
}

/**
 * Runs the rules that rest on the domain's DNS records, without a connection to any host: over planned records, as if
 * they were published, or for the list of the records that a host needs.
 */
import type { DnsClient } from '../network/dns/client.ts';
import type { HttpsClient } from '../network/https/types.ts';
import { unconnectedHttps } from '../network/https/unconnected.ts';
import { unconnected } from '../network/smtp/unconnected.ts';
import type { Found } from './conclusion/plan/found.ts';
import { createFacts, type FactsOfRun, type Sources } from './facts/fact.ts';
import type { Gaps } from './facts/gaps.ts';
import { type RuleOptions, type RuleTiming, rulesToRun, runRules, selectedRules } from './run-rules.ts';
import type { Settings } from './settings.ts';

/** What a run over the DNS alone takes from outside. */
export interface DnsRun {
  readonly sources: Omit<Sources, 'dns' | 'smtp' | 'https'>;
  /** The facts of an earlier run. What it knows of the hosts stays as it was. */
  readonly facts?: FactsOfRun<keyof Sources>;
  readonly options: Pick<RuleOptions, 'ruleIds' | 'onFault'>;
  readonly timing: RuleTiming;
  /** What the rules run over, as the recording names it. Planned records when absent. */
  readonly over?: string;
  /** Fetches policies that the earlier run has not fetched. Nothing is fetched when absent. */
  readonly https?: HttpsClient;
  /** The gaps of the lookups that found the addresses of the target. Those of the earlier run when absent. */
  readonly ofAddresses?: Gaps;
}

/** @returns the ids of the selected rules that rest on the domain's DNS records. */
export function dnsRuleIds(ruleIds: readonly string[] | undefined): string[] {
  return selectedRules(ruleIds).flatMap(({ id, restsOnDns }) => (restsOnDns ? [id] : []));
}

/**
 * @returns the ids of the selected rules that a change of DNS may alter. Left out are those that need SMTP, and those that look
 *   at the resolver and at block lists: they would only be asked the same again.
 */
export function alteredRuleIds(ruleIds: readonly string[] | undefined, settings: Settings): string[] {
  return rulesToRun(ruleIds, settings)
    .filter(({ needsSmtp, judgesResolver, needs }) => !needsSmtp && !judgesResolver && !needs.includes('lists'))
    .map(({ id }) => id);
}

/** @returns the facts over the answers of this client. What the earlier run knows of the hosts stays as it was. */
export function factsOverDns(
  dns: DnsClient,
  { sources, facts, https = UNFETCHED, ofAddresses }: DnsRun,
): FactsOfRun<keyof Sources> {
  return createFacts<keyof Sources>(
    { ...sources, dns, smtp: UNASKED, https },
    { earlier: facts, ...(ofAddresses === undefined ? {} : { ofAddresses }) },
  );
}

/**
 * @param rerunIds the ids of the rules that run: those that rest on the domain's DNS records when absent.
 * @returns what the rules find over the answers of this client.
 */
export function runOverDns(
  dns: DnsClient,
  run: DnsRun,
  rerunIds: readonly string[] = dnsRuleIds(run.options.ruleIds),
  facts: FactsOfRun<keyof Sources> = factsOverDns(dns, run),
): Promise<Found> {
  const { sources, options, timing, over = 'the plan' } = run;
  const { target, settings, clock, token } = sources;
  const { ruleIds: _, ...others } = options;
  return runRules(
    { target, settings, clock, token, dns, facts },
    { ...others, ruleIds: rerunIds },
    { cutOff: (what) => timing.cutOff(`${what} with ${over}`), stopwatch: () => () => 0 },
  );
}

const UNASKED = unconnected('localhost', 'no connection is made for planned records');
const UNFETCHED = unconnectedHttps('no web request is made for planned records');

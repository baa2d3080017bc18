/**
 * Runs the rules that rest on the domain's DNS records, without a connection to any host: over planned records, as if
 * they were published, or for the list of the records that a host needs.
 */
import type { DnsClient } from '../network/dns/client.ts';
import { unconnectedHttps } from '../network/https/unconnected.ts';
import { unconnected } from '../network/smtp/unconnected.ts';
import type { Found } from './conclusion/plan/found.ts';
import { createFacts, type FactsOfRun, type Sources } from './facts/fact.ts';
import { type RuleOptions, type RuleTiming, runRules, selectedRules } from './run-rules.ts';

/** What a run over the DNS alone takes from outside. */
export interface DnsRun {
  readonly sources: Omit<Sources, 'dns' | 'smtp' | 'https'>;
  /** The facts of an earlier run. What it knows of the hosts stays as it was. */
  readonly facts?: FactsOfRun<keyof Sources>;
  readonly options: Pick<RuleOptions, 'ruleIds' | 'onFault'>;
  readonly timing: RuleTiming;
}

/** @returns the ids of the selected rules that rest on the domain's DNS records. */
export function dnsRuleIds(ruleIds: readonly string[] | undefined): string[] {
  return selectedRules(ruleIds).flatMap(({ id, restsOnDns }) => (restsOnDns ? [id] : []));
}

/**
 * @param rerunIds the ids of the rules that run: those that rest on the domain's DNS records when absent.
 * @returns what the rules find over the answers of this client.
 */
export function runOverDns(
  dns: DnsClient,
  { sources, facts, options, timing }: DnsRun,
  rerunIds: readonly string[] = dnsRuleIds(options.ruleIds),
): Promise<Found> {
  const { target, settings, clock, token } = sources;
  const { ruleIds: _, ...others } = options;
  const again = createFacts<keyof Sources>({ ...sources, dns, smtp: UNASKED, https: UNFETCHED }, { earlier: facts });
  return runRules(
    { target, settings, clock, token, dns, facts: again },
    { ...others, ruleIds: rerunIds },
    { cutOff: (what) => timing.cutOff(`${what} with the plan`), stopwatch: () => () => 0 },
  );
}

const UNASKED = unconnected('localhost', 'no connection is made for planned records');
const UNFETCHED = unconnectedHttps('no web request is made for planned records');

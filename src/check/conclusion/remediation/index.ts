/**
 * Adds the provider's own steps to the remediations. A rule says what is wrong and what would be right. If the fix is
 * made at a provider, this module adds the provider's console, commands and conditions, filled with the user's values.
 */

import type { Candidate } from '../../../knowledge/providers/detect.ts';
import type { Provider } from '../../../knowledge/providers/schema.ts';
import { isHostName } from '../../../network/domain.ts';
import { type IpAddress, parseIp } from '../../../network/ip.ts';
import { findingKey } from '../../../report/fingerprint.ts';
import { lowerFirst } from '../../../report/lower-first.ts';
import type { FindingResult, RuleResult } from '../../../report/status.ts';
import { links } from '../../rules/pasted.ts';
import { joinedAlternatives } from './alternatives.ts';
import { openPort25 } from './port25.ts';
import { canSetPtr, type Step, setPtr, unsure } from './ptr.ts';

/** Gives the providers that an address may belong to. */
export type ProvidersOf = (ip: string) => readonly Candidate[];

type Action = NonNullable<FindingResult['remediation']['atProvider']>;

/**
 * @param now milliseconds since the epoch, to mark data that is too old.
 * @returns the step that the providers' data gives for an action, or `undefined` when the data says nothing about it.
 */
function stepFor(
  action: Action,
  { remediation }: FindingResult,
  providers: readonly Provider[],
  now: number,
): Step | undefined {
  switch (action.action) {
    case 'set-ptr': {
      const ip = parseIp(action.ip);
      return ip && isHostName(action.name) ? setPtr(providers, ip, action.name, now) : undefined;
    }
    case 'delete-ptr':
      return deletePtr(remediation.summary, providers, now);
    case 'open-port-25': {
      // A finding of the provider rule names one of the candidates.
      const named = providers.filter(({ id }) => id === action.provider);
      return openedAt(named.length > 0 ? named : providers, now);
    }
    case 'leave-policy-list': {
      const ip = parseIp(action.ip);
      return ip && leavePolicyList(remediation.summary, ip, providers, now);
    }
  }
}

/** Says where to delete a PTR record. The finding's own summary names the record. */
function deletePtr(summary: string, providers: readonly Provider[], now: number): Step | undefined {
  const places = providers
    .filter(({ ptr }) => ptr.ui !== '')
    .map((provider) => `At ${provider.name}${unsure(provider, now)}: ${provider.ptr.ui}.`);
  if (places.length === 0) return undefined;
  return {
    summary: [summary, ...places].join(' '),
    commands: [],
    alternatives: [],
    links: links(...providers.map(({ ptr }) => ptr.url)),
  };
}

function leavePolicyList(
  summary: string,
  ip: IpAddress,
  providers: readonly Provider[],
  now: number,
): Step | undefined {
  if (!providers.some((provider) => canSetPtr(provider, ip))) {
    return {
      summary: `Send through a relay, or move the mail server. The list removes ${ip} only with a PTR record in your own domain, and this provider lets you set none.`,
      commands: [],
      alternatives: [],
      links: [],
    };
  }
  const notes = providers.filter(({ blockReputation }) => blockReputation.pblListed !== 'unknown');
  if (notes.length === 0) return undefined;
  return {
    summary: [summary, ...notes.map((provider) => `${provider.blockReputation.note}${unsure(provider, now)}`)].join(
      ' ',
    ),
    commands: [],
    alternatives: [],
    links: links(...notes.map(({ blockReputation }) => blockReputation.url)),
  };
}

/**
 * @param ips the tested addresses.
 * @param now milliseconds since the epoch, to mark data that is too old.
 * @returns the results in which each remediation at a provider has that provider's steps, and the keys of the findings
 *   that nothing at the provider settles.
 */
export function remedy(
  results: readonly RuleResult[],
  ips: readonly IpAddress[],
  providersOf: ProvidersOf,
  now: number,
): { results: RuleResult[]; impossible: ReadonlySet<string> } {
  const impossible = new Set<string>();
  // A finding without an address is about the whole host. The first address with a known provider then represents the
  // host.
  const anyAddress = ips.find((ip) => providersOf(ip).length > 0);
  const enriched = (finding: FindingResult): FindingResult => {
    const { atProvider } = finding.remediation;
    const address = finding.about.ip ?? anyAddress;
    if (atProvider === undefined || address === undefined) return finding;
    const providers = providersOf(address).map(({ provider }) => provider);
    const step = providers.length === 0 ? undefined : stepFor(atProvider, finding, providers, now);
    if (step === undefined) return finding;
    if (step.impossible) impossible.add(findingKey(finding));
    return { ...finding, remediation: merged(finding, step) };
  };
  return { results: results.map((result) => ({ ...result, findings: result.findings.map(enriched) })), impossible };
}

function merged({ remediation }: FindingResult, step: Step): FindingResult['remediation'] {
  const commands = [...new Set([...(remediation.commands ?? []), ...step.commands])];
  const alternatives = [...(remediation.alternatives ?? []), ...step.alternatives];
  const links = [...new Set([...step.links, ...(remediation.links ?? [])])];
  return {
    summary: step.summary,
    ...(commands.length > 0 ? { commands } : {}),
    ...(alternatives.length > 0 ? { alternatives: joinedAlternatives(alternatives) } : {}),
    ...(links.length > 0 ? { links } : {}),
    ...(remediation.atProvider ? { atProvider: remediation.atProvider } : {}),
  };
}

/**
 * Says how port 25 is opened at each provider that an address may belong to. The result is impossible only if it is
 * impossible at all of them.
 */
function openedAt(providers: readonly Provider[], now: number): Step | undefined {
  const steps = providers.map((provider) => ({ name: provider.name, ...openPort25(provider, now) }));
  if (steps.length === 0) return undefined;
  return {
    summary: steps
      .map(({ name, summary }) => (steps.length === 1 ? summary : `If the host is at ${name}: ${lowerFirst(summary)}`))
      .join(' '),
    commands: [...new Set(steps.flatMap(({ commands }) => commands))],
    alternatives: joinedAlternatives(steps.flatMap(({ alternatives }) => alternatives)),
    links: [...new Set(steps.flatMap(({ links }) => links))],
    impossible: steps.every(({ impossible }) => impossible === true),
  };
}

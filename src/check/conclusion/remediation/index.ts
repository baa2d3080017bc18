/**
 * Remediation: finding × provider × target → what to type. A rule says what is wrong and what would be right; where that
 * is done at a provider, its console, commands and conditions are put in here, filled with the user's values.
 */

import type { Candidate } from '../../../knowledge/providers/detect.ts';
import type { Provider } from '../../../knowledge/providers/schema.ts';
import { isHostName } from '../../../network/domain.ts';
import { type IpAddress, parseIp } from '../../../network/ip.ts';
import type { FindingResult, RuleResult } from '../../../report/status.ts';
import { openPort25 } from './port25.ts';
import { canSetPtr, type Step, setPtr, unsure } from './ptr.ts';

/** The providers an address may belong to, best first. */
export type ProvidersOf = (ip: string) => readonly Candidate[];

/** `now`, in milliseconds since the epoch, says which data is old and is to be marked. */
type Remedy = (finding: FindingResult, providers: readonly Provider[], now: number) => Step | undefined;

const setReverse: Remedy = (finding, providers, now) => {
  const ip = parseIp(finding.subject);
  const wanted = wantedName(finding);
  if (!ip || wanted === undefined) return undefined;
  return setPtr(providers, ip, wanted, now);
};

/** There is a name already, and the records to delete are named by the finding. */
const editReverse: Remedy = (finding, providers, now) => {
  const places = providers
    .filter(({ ptr }) => ptr.ui !== '')
    .map((provider) => `At ${provider.name}${unsure(provider, now)}: ${provider.ptr.ui}.`);
  if (places.length === 0) return undefined;
  return {
    summary: [finding.remediation.summary, ...places].join(' '),
    commands: [],
    links: providers.flatMap(({ ptr }) => ptr.url ?? []),
  };
};

const openMailPort: Remedy = ({ evidence }, providers, now) => {
  // A finding of the provider rule is about one of the candidates.
  const named = providers.filter(({ id }) => id === evidence.provider);
  return joined((named.length > 0 ? named : providers).map((provider) => openPort25(provider, now)));
};

const reputation: Remedy = (finding, providers, now) => {
  const ip = parseIp(finding.subject);
  if (ip && !providers.some((provider) => canSetPtr(provider, ip))) {
    return {
      summary: `Send through a relay, or move the mail host: a range like that of ${ip} is excluded from the list only with a reverse name of its own, and none can be set here.`,
      commands: [],
      links: [],
    };
  }
  const notes = providers.filter(({ blockReputation }) => blockReputation.pblListed !== 'unknown');
  if (notes.length === 0) return undefined;
  return {
    summary: [
      finding.remediation.summary,
      ...notes.map((provider) => `${provider.blockReputation.note}${unsure(provider, now)}`),
    ].join(' '),
    commands: [],
    links: notes.flatMap(({ blockReputation }) => blockReputation.url ?? []),
  };
};

const REMEDIES: Readonly<Record<string, Remedy>> = {
  'ptr/missing': setReverse,
  'ptr/generic': setReverse,
  'ptr/dynamic': setReverse,
  'ptr/invalid-name': setReverse,
  'ptr/multiple': editReverse,
  'ptr/partly-confirmed': editReverse,
  'egress/blocked': openMailPort,
  'provider/port25-restricted': openMailPort,
  'provider/smarthost-required': openMailPort,
  'rbl/listed-policy': reputation,
};

/** Codes about the whole host: they are judged by the first address whose provider is known. */
const ABOUT_HOST = /^egress\//;

/** @returns the results with the provider's own steps in the findings they settle. */
export function remedy(
  results: readonly RuleResult[],
  ips: readonly IpAddress[],
  providersOf: ProvidersOf,
  now: number,
): RuleResult[] {
  const anyAddress = ips.find((ip) => providersOf(ip).length > 0);
  const enriched = (finding: FindingResult): FindingResult => {
    const about = ABOUT_HOST.test(finding.code) && !parseIp(finding.subject) ? anyAddress : finding.subject;
    const providers = about === undefined ? [] : providersOf(about).map(({ provider }) => provider);
    const step = providers.length === 0 ? undefined : REMEDIES[finding.code]?.(finding, providers, now);
    return step === undefined ? finding : { ...finding, remediation: merged(finding, step) };
  };
  return results.map((result) => ({ ...result, findings: result.findings.map(enriched) }));
}

function merged({ remediation }: FindingResult, step: Step): FindingResult['remediation'] {
  const commands = [...new Set([...(remediation.commands ?? []), ...step.commands])];
  const links = [...new Set([...step.links, ...(remediation.links ?? [])])];
  const records = step.impossible ? [] : (remediation.records ?? []);
  return {
    summary: step.summary,
    ...(records.length > 0 ? { records } : {}),
    ...(commands.length > 0 ? { commands } : {}),
    ...(links.length > 0 ? { links } : {}),
  };
}

/** The steps of several providers that the address may belong to; impossible only where it is at all of them. */
function joined(steps: readonly Step[]): Step | undefined {
  if (steps.length === 0) return undefined;
  return {
    summary: steps.map(({ summary }) => summary).join(' Or: '),
    commands: [...new Set(steps.flatMap(({ commands }) => commands))],
    links: [...new Set(steps.flatMap(({ links }) => links))],
    impossible: steps.every(({ impossible }) => impossible === true),
  };
}

function wantedName({ evidence }: FindingResult): string | undefined {
  const { wanted } = evidence;
  return typeof wanted === 'string' && isHostName(wanted) ? wanted : undefined;
}

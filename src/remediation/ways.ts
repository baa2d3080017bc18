/**
 * The three ways to get mail out, and which of them is open here and now: a mail server on the tested address, a relay,
 * or a host elsewhere. Derived from the findings and the provider's policy.
 */
import type { IpAddress } from '../ip.ts';
import type { Candidate } from '../providers/detect.ts';
import type { Provider } from '../providers/schema.ts';
import type { AdviceStep, AdviceWay, FindingResult, RuleResult } from '../report.ts';
import type { ProvidersOf } from './index.ts';
import { isClosed, relayFor, relayText } from './port25.ts';
import { canSetPtr } from './ptr.ts';

export interface Ways {
  readonly summary: string;
  readonly ways: AdviceWay[];
}

type Here = 'ready' | 'after-steps' | 'closed' | 'unknown';

/** Findings that only another address settles. */
const DEAD_ENDS = ['provider/smarthost-required', 'egress/intercepted'];

/** @param all the results with those findings, too, that the configuration accepts: an accepted dead end still is one. */
export function waysOut(
  results: readonly RuleResult[],
  steps: readonly AdviceStep[],
  ips: readonly IpAddress[],
  providersOf: ProvidersOf,
  all: readonly RuleResult[] = results,
): Ways {
  const findings = results.flatMap((result) => result.findings);
  const everything = all.flatMap((result) => result.findings);
  const candidates = ips.flatMap((ip) => providersOf(ip));
  const providers = [...new Set(candidates.map(({ provider }) => provider))];
  const noPtr = ips.some((ip) => cannotBeNamed(ip, everything, providersOf(ip)));
  const isClosedHere = noPtr || stateHere(everything, candidates) === 'closed';
  const here = isClosedHere ? 'closed' : stateHere(findings, candidates);
  const name = providers.map((provider) => provider.name).join(' or ') || 'this provider';
  const open = steps.filter(({ severity }) => severity === 'error').length;
  const relay = relayFor(strictest(providers));
  const ways: AdviceWay[] = [
    { way: 'own-server', state: here, text: ownServer(here, name, open, noPtr, everything.length > findings.length) },
    ...(relay === undefined
      ? []
      : [
          {
            way: 'relay' as const,
            state: 'open' as const,
            text: `Send through a relay, such as ${relayText(relay)}.`,
            relay,
          },
        ]),
    {
      way: 'other-host',
      state: 'open',
      text: 'Run the mail server on a dedicated or physical host, whose operator leaves port 25 open and sets the PTR.',
    },
  ];
  return { summary: summary(here, ways), ways };
}

function stateHere(findings: readonly FindingResult[], candidates: readonly Candidate[]): Here {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const isBlocked = errors.some(({ code }) => code === 'egress/blocked');
  const closedForAll = candidates.length > 0 && candidates.every(({ provider }) => isClosed(provider));
  if (isBlocked && closedForAll) return 'closed';
  if (findings.some(({ code, severity }) => DEAD_ENDS.includes(code) && severity !== 'info')) return 'closed';
  const asksForPort = findings.some(
    ({ code, severity }) => code === 'provider/port25-restricted' && severity !== 'info',
  );
  if (errors.length > 0 || asksForPort) return 'after-steps';
  return findings.some(({ severity }) => severity === 'inconclusive') ? 'unknown' : 'ready';
}

/** Of several providers that it may be, the one that closes most ports. */
function strictest(providers: readonly Provider[]): Provider | undefined {
  return [...providers].sort((a, b) => b.port25.portsClosed.length - a.port25.portsClosed.length)[0];
}

/** Whether an address has no right reverse name, and none can be set where it lives. */
function cannotBeNamed(ip: IpAddress, findings: readonly FindingResult[], candidates: readonly Candidate[]): boolean {
  const isUnnamed = findings.some(
    ({ code, severity, subject }) => code.startsWith('ptr/') && severity === 'error' && subject === ip,
  );
  return isUnnamed && candidates.length > 0 && !candidates.some(({ provider }) => canSetPtr(provider, ip));
}

function ownServer(here: Here, name: string, open: number, noPtr: boolean, excepts: boolean): string {
  switch (here) {
    case 'ready':
      return `This host is ready to send by itself${excepts ? ', but for what the configuration accepts' : ''}.`;
    case 'closed':
      return `A mail server of your own cannot send from here: ${noPtr ? `no reverse name can be set at ${name}` : `${name} keeps port 25 closed`}.`;
    case 'unknown':
      return 'Nothing speaks against sending from this host, but not everything could be checked.';
    case 'after-steps':
      return open === 0
        ? `This host can send by itself once ${name} leaves port 25 open.`
        : `This host can send by itself after ${open === 1 ? 'the step that settles the failure' : `the ${open} steps that settle the failures`}.`;
  }
}

function summary(here: Here, ways: readonly AdviceWay[]): string {
  const [own, ...others] = ways.map(({ text }) => text);
  if (here === 'ready') return own ?? '';
  const [first, ...rest] = others;
  const lead = here === 'closed' ? 'Instead: ' : here === 'unknown' ? 'If not: ' : 'Until then, or instead: ';
  return [
    own,
    ...(first === undefined ? [] : [`${lead}${lowered(first)}`]),
    ...rest.map((text) => `Or ${lowered(text)}`),
  ].join(' ');
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

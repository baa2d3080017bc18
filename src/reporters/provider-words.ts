/** Puts the facts about a provider into words. Every report format and `mailcheck providers` use the same words. */
import { nameWithPolicy, PORT25_TESTED } from '../report/port25-words.ts';
import type { ProviderResult, Report } from '../report/status.ts';

type Address = ProviderResult['addresses'][number];
type Candidate = Address['candidates'][number];

/** Maps a value of the report to its words. A value that is not in the map is shown as it is. */
type Words = ReadonlyMap<string, string>;

const EGRESS: Words = new Map([
  ['open', 'open'],
  ['not-needed', 'not needed'],
  ['throttled', 'limited'],
  ['blocked-by-default', 'blocked until you ask'],
  ['blocked-new-accounts', 'blocked for new accounts'],
  ['blocked', 'blocked'],
  ['unknown', 'not known'],
]);

const UNBLOCK: Words = new Map([
  ['none-needed', 'nothing to do'],
  ['automatic', 'you unblock it yourself'],
  ['form', 'by form'],
  ['ticket', 'by support ticket'],
  ['never', 'never'],
  ['unknown', 'not known'],
]);

const CONTROL: Words = new Map([
  ['self-service', 'self-service'],
  ['cli-and-ui', 'console and command'],
  ['ticket', 'by support ticket'],
  ['none', 'not possible'],
  ['no-ipv6', 'no IPv6'],
  ['unknown', 'not known'],
]);

const PROVENANCE: Words = new Map([
  ['vendor-page', 'its own documentation'],
  ['vendor-source', 'its own source code'],
  ['third-party', 'a third party'],
  ['user-reports', 'reports of users'],
  ['none', 'no source'],
]);

const CERTAINTIES: Readonly<Record<NonNullable<Address['certainty']>, string>> = {
  given: 'set by --provider',
  high: 'certain',
  medium: 'likely',
  low: 'a guess',
};

const SIGNS: Words = new Map([
  ['ptr', 'by its PTR record'],
  ['reverse-zone', 'by its reverse zone'],
  ['asn', 'by its network'],
]);

/** A port that is closed by default, by the way to open it: not everybody can ask for it. */
const BLOCKED_BY_DEFAULT: Words = new Map([
  ['automatic', 'blocked until you open it'],
  ['never', 'blocked for most'],
]);

/** @returns the words for the state of outbound port 25 at the provider. */
export function egressWords({ egress, unblock }: { readonly egress: string; readonly unblock: string }): string {
  const own = egress === 'blocked-by-default' ? BLOCKED_BY_DEFAULT.get(unblock) : undefined;
  return own ?? EGRESS.get(egress) ?? egress;
}

/** @returns the words for the way to open outbound port 25 at the provider. */
export function unblockWords(unblock: string): string {
  return UNBLOCK.get(unblock) ?? unblock;
}

/** @returns the words for the way to set a PTR record at the provider. */
export function controlWords(control: string): string {
  return CONTROL.get(control) ?? control;
}

/** @returns the words for the source of the facts. */
export function provenanceWords(provenance: string): string {
  return PROVENANCE.get(provenance) ?? provenance;
}

/** @returns the words for the certainty that the address belongs to the provider. */
export function certaintyWords(certainty: NonNullable<Address['certainty']>): string {
  return CERTAINTIES[certainty];
}

/**
 * @returns a text for each address with its provider, what that does to outbound port 25, and how it was recognised. One
 *   text if all addresses have the same.
 */
export function providerTexts({ provider }: Pick<Report, 'provider'>): string[] {
  const texts = (provider?.addresses ?? []).map((address) => ({ ip: address.ip, text: addressText(address) }));
  const [first] = texts;
  if (first !== undefined && texts.every(({ text }) => text === first.text)) return [first.text];
  return texts.map(({ ip, text }) => `${ip}: ${text}`);
}

function addressText({ candidates, network, port25Seen }: Address): string {
  if (candidates.length === 0) {
    const asns = network === null ? '' : ` (network ${network.asns.map((asn) => `AS${asn}`).join(', ')})`;
    return `not recognised${asns}: ${port25Seen === null ? 'not known whether it blocks outbound port 25' : PORT25_TESTED[port25Seen]}`;
  }
  const signs = candidates[0]?.signals.map(signWords) ?? [];
  const names = candidates.map(({ name }) => name).join(' or ');
  const isTestSaid =
    candidates.every(({ status }) => status === 'active') &&
    (port25Seen === 'open' || (port25Seen === 'blocked' && candidates.every(isUnknown)));
  const what = isTestSaid ? `${names} (${PORT25_TESTED[port25Seen]})` : candidates.map(policyText).join(' or ');
  return [what, ...signs].join(', ');
}

function isUnknown({ port25 }: Candidate): boolean {
  return port25.egress === 'unknown';
}

function policyText({ name, status, confirmed, port25 }: Candidate): string {
  return status === 'active' ? nameWithPolicy({ name, confirmed, ...port25 }) : `${name} (${status})`;
}

function signWords({ kind, value }: Candidate['signals'][number]): string {
  return kind === 'given' ? CERTAINTIES.given : `${SIGNS.get(kind) ?? kind} ${value}`;
}

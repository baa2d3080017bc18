/** Puts the facts about a provider into words. Every report format and `mailcheck providers` use the same words. */
import type { ProviderResult, Report } from '../report/status.ts';

type Address = ProviderResult['addresses'][number];

/** Maps a value of the report to its words. A value that is not in the map is shown as it is. */
type Words = ReadonlyMap<string, string>;

const EGRESS: Words = new Map([
  ['open', 'open'],
  ['throttled', 'throttled'],
  ['blocked-by-default', 'closed until asked'],
  ['blocked-new-accounts', 'closed for new accounts'],
  ['blocked', 'closed'],
  ['unknown', 'not known'],
]);

const UNBLOCK: Words = new Map([
  ['none-needed', 'nothing to ask for'],
  ['automatic', 'you open it yourself'],
  ['form', 'opened on a form'],
  ['ticket', 'opened by ticket'],
  ['never', 'never opened'],
  ['unknown', 'how to open it is not known'],
]);

const CONTROL: Words = new Map([
  ['self-service', 'self-service'],
  ['cli-and-ui', 'console and command'],
  ['ticket', 'by ticket'],
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
  given: 'you said so',
  high: 'certain',
  medium: 'likely',
  low: 'a guess',
};

const SIGNS: Words = new Map([
  ['ptr', 'by its reverse name'],
  ['reverse-zone', 'by its reverse zone'],
  ['asn', 'by its network'],
]);

/** @returns the words for the state of outbound port 25 at the provider. */
export function egressWords(egress: string): string {
  return EGRESS.get(egress) ?? egress;
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

/** @returns a text for each address with its provider and how it was recognised, or one text if all are the same. */
export function providerTexts({ provider }: Pick<Report, 'provider'>): string[] {
  const addresses = provider?.addresses.filter(({ candidates }) => candidates.length > 0) ?? [];
  const texts = addresses.map(({ ip, candidates }) => {
    const names = candidates.map(({ name }) => name).join(' or ');
    const signs = candidates[0]?.signals.map(signWords);
    return { ip, text: `${names} (${signs?.join(', ') ?? ''})` };
  });
  const [first] = texts;
  if (first !== undefined && texts.every(({ text }) => text === first.text)) return [first.text];
  return texts.map(({ ip, text }) => `${ip}: ${text}`);
}

function signWords({ kind, value }: Address['candidates'][number]['signals'][number]): string {
  return kind === 'given' ? CERTAINTIES.given : `${SIGNS.get(kind) ?? kind} ${value}`;
}

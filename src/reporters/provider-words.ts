/** The words for what is known of a provider: the same in the terminal, in every format, and in `mailcheck providers`. */
import type { ProviderResult, Report } from '../report/status.ts';

type Address = ProviderResult['addresses'][number];

/** The report's fields are plain strings; a value without words of its own is shown as it is. */
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

/** @returns what the provider does to outbound port 25. */
export function egressWords(egress: string): string {
  return EGRESS.get(egress) ?? egress;
}

/** @returns how outbound port 25 is opened there. */
export function unblockWords(unblock: string): string {
  return UNBLOCK.get(unblock) ?? unblock;
}

/** @returns who sets a reverse name there, and how. */
export function controlWords(control: string): string {
  return CONTROL.get(control) ?? control;
}

/** @returns who says so. */
export function provenanceWords(provenance: string): string {
  return PROVENANCE.get(provenance) ?? provenance;
}

/** @returns how sure it is that the address is the provider's. */
export function certaintyWords(certainty: NonNullable<Address['certainty']>): string {
  return CERTAINTIES[certainty];
}

/** @returns the provider of each address and how it was recognised; one text where it is the same for all of them. */
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

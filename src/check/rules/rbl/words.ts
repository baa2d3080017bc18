/** The sentences of the block list findings that are put together from a list's data. */

import { matches } from '../../../knowledge/lists/verdict.ts';
import type { DnsFailureStatus } from '../../../network/dns/answer.ts';
import { confirmationMark, NOT_CONFIRMED } from '../../../report/confirmation.ts';
import type { Remediation } from '../../../report/status.ts';
import type { ListFault, Unverified } from '../../facts/lists.ts';
import type { Detail } from '../finding.ts';
import type { BrokenList, ListingEvidence, NeighboursEvidence, RefusingList } from './evidence.ts';

export const IMPACTS: Readonly<Record<ListingEvidence['impact'], string>> = {
  critical: 'critical: most large receivers refuse mail from what it lists',
  high: 'high: many receivers refuse mail from what it lists',
  medium: 'medium: spam filters count it against the mail',
  low: 'low: few receivers look at it',
};

const FAULTS: Readonly<Record<ListFault, string>> = {
  'lists-everything': 'it lists what must never be listed, so it would list everything',
  'outside-127':
    'it answers with an address that no block list uses: the zone is parked, or the resolver rewrites answers',
  'answers-127.0.0.1': 'it answers 127.0.0.1, which no working list does',
  'no-test-entry': 'its test entry is missing: it is empty, or silent to this resolver',
  'no-test-entry-with-key': 'its test entry is missing',
};

const UNVERIFIED: Readonly<Record<Unverified, string>> = {
  'no-known-test-entry': 'has no test entry that shows whether it works',
  'resolver-not-registered': 'answers only resolvers that are registered with it',
};

const FAILURES: Readonly<Record<DnsFailureStatus, string>> = {
  servfail: 'the resolver could not get an answer, SERVFAIL',
  refused: 'REFUSED',
  timeout: 'no answer in time',
  bogus: 'DNSSEC validation fails',
  'truncated-no-tcp': 'no whole answer',
  unreachable: 'the resolver cannot be reached',
  malformed: 'an answer that cannot be read',
};

export function failureText(status: DnsFailureStatus): string {
  return FAILURES[status];
}

export function unverifiedText(reason: Unverified): string {
  return UNVERIFIED[reason];
}

export function faultText({ fault, reason, since, confirmed, keyedBy = null }: BrokenList): string {
  const known = reason === null ? '' : `${lowerFirst(reason)}${since === null ? '' : `, ${since}`}`;
  const unsure = reason === null ? '' : confirmationMark(confirmed);
  if (fault === 'dead') return `${known}${unsure}: not asked`;
  const cause = keyedBy === null ? '' : `: the key in ${keyedBy} may be wrong or used up`;
  return `${FAULTS[fault]}${cause}${known === '' ? '' : `; known: ${known}${unsure}`}`;
}

export function refusalText({ zone, reason, needsKey, variable }: RefusingList): string {
  if (needsKey) {
    return `${zone} answers ${variable === null ? 'registered users only' : `only with a key, in ${variable}`}`;
  }
  return `${zone} refuses it${reason === null ? '' : ` (${lowerFirst(reason)})`}`;
}

/** What a listing's block shows below its message. */
export function listingDetails({ codes, answers, txt, network, impact, confirmed }: ListingEvidence): Detail[] {
  const shown =
    codes.length === 0
      ? [{ label: 'Code', text: `${answers.join(', ')}: not in mailcheck’s table for this list` }]
      : codes.map(({ match, name, meaning }) => ({
          label: 'Code',
          text: `${name} (${answers.filter((answer) => matches(match, answer)).join(', ')}): ${lowerFirst(meaning)}`,
        }));
  return [
    ...shown,
    ...(network === null ? [] : [{ label: 'Network', text: network }]),
    ...txt.map((text) => ({ label: 'It says', text })),
    { label: 'Impact', text: `${IMPACTS[impact]}${confirmationMark(confirmed)}` },
  ];
}

/**
 * How to get off: what to do first, who may ask and how, whether it ends by itself, what it costs.
 *
 * @param askable whether `first` leaves open who asks; otherwise it has said so.
 */
export function removal(evidence: ListingEvidence, first: string, askable = true): Remediation {
  const { removals, lookup, confirmed, list } = evidence;
  const ways = removals.map(({ codes, how, self, paid, autoExpiry }) => {
    const who = !askable
      ? ''
      : self
        ? `Then ask ${list} yourself: ${lowerFirst(how)}.`
        : `${list}: ${lowerFirst(how)}.`;
    const expiry =
      autoExpiry === null
        ? ''
        : autoExpiry === 'never'
          ? 'It never ends by itself.'
          : `It ends by itself: ${lowerFirst(autoExpiry)}.`;
    const cost = paid === null ? '' : paid ? 'Removal costs money.' : 'It costs nothing.';
    const text = [who, expiry, cost].filter((part) => part !== '').join(' ');
    return removals.length > 1 ? `${codes.join(', ')}: ${text}` : text;
  });
  const unsure = confirmed || ways.length === 0 ? [] : [NOT_CONFIRMED];
  const links = [lookup, ...removals.map(({ url }) => url)].filter((link) => link !== null);
  return {
    summary: [first, ...ways, ...unsure].filter((part) => part !== '').join(' '),
    ...(links.length > 0 ? { links: [...new Set(links)] } : {}),
  };
}

/** Where another address is the quicker way, and which one would be no help. */
export function swapText({ listedPrefix }: ListingEvidence): string {
  const other =
    listedPrefix === null ? 'another address' : `an address outside its /${listedPrefix}, which is listed as a whole,`;
  return `If this is a fresh cloud address, the sender before you was listed: taking ${other} is quicker.`;
}

const STRIP = { listed: '■', clean: '·', unknown: '?' } as const;

export function neighbourDetails({ neighbours, zones }: NeighboursEvidence): Detail[] {
  const listed = neighbours.filter(({ state }) => state === 'listed');
  return [
    { label: 'Sample', text: neighbours.map(({ state }) => STRIP[state]).join('') },
    {
      label: '',
      text: `from ${neighbours[0]?.ip ?? ''} to ${neighbours.at(-1)?.ip ?? ''}: ■ listed, · not, ? not known`,
    },
    ...(listed.length === 0 ? [] : [{ label: 'Listed', text: listed.map(({ ip }) => ip).join(', ') }]),
    { label: 'Lists', text: zones.join(', ') },
  ];
}

export function neighboursText({ network, sampled, listed }: NeighboursEvidence): string {
  return `${listed} of ${sampled} sampled addresses in ${network} ${listed === 1 ? 'is' : 'are'} listed (${Math.round((100 * listed) / sampled)} %).`;
}

export function noteText(seen: {
  readonly asked: number;
  readonly clean: number;
  readonly notVerified: number;
  readonly neighbours: readonly { readonly network: string; readonly sampled: number; readonly listed: number }[];
}): string {
  return [
    `clean on ${seen.clean} of ${seen.asked} lists`,
    ...(seen.notVerified > 0 ? [`${seen.notVerified} not verified`] : []),
    ...seen.neighbours.map(({ network, sampled, listed }) => `${listed} of ${sampled} neighbours in ${network} listed`),
  ].join('; ');
}

/** Data is written as sentences; within one it goes on in lower case, but for abbreviations. */
export function lowerFirst(text: string): string {
  return /^[A-Z][^A-Z]/.test(text) && !/^[A-Z][a-z]*[A-Z]/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

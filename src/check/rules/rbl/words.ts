/** Builds the sentences of the block list findings from the data of the lists. */

import { matches } from '../../../knowledge/lists/verdict.ts';
import type { DnsFailureStatus } from '../../../network/dns/answer.ts';
import { confirmationMark, NOT_CONFIRMED } from '../../../report/confirmation.ts';
import { lowerFirst } from '../../../report/lower-first.ts';
import type { ListFault, Unverified } from '../../facts/list-outcome.ts';
import type { Detail } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { links } from '../pasted.ts';
import type { BrokenList, ListingEvidence, NeighboursEvidence, RefusingList, UnansweredList } from './evidence.ts';

/** What each impact of a list means for mail. */
export const IMPACTS: Readonly<Record<ListingEvidence['impact'], string>> = {
  critical: 'critical; most large receivers reject mail from listed addresses and domains',
  high: 'high; many receivers reject mail from listed addresses and domains',
  medium: 'medium; spam filters add to the score of the mail',
  low: 'low; few receivers use this list',
};

const FAULTS: Readonly<Record<ListFault, string>> = {
  'lists-everything': 'it lists even 127.0.0.1, which no working list does',
  'outside-127': 'it answers outside 127.0.0.0/8, so the zone is parked or the resolver rewrites answers',
  'answers-127.0.0.1': 'it answers 127.0.0.1, which no working list does',
  'no-test-entry': 'its test entry is not listed, so it is broken or blocks this resolver',
  unsteady: 'its test entry is listed in one answer and not in the next',
  'no-test-entry-with-key': 'its test entry is not listed',
};

const UNVERIFIED: Readonly<Record<Unverified, string>> = {
  'no-known-test-entry': 'has no known test entry',
  'resolver-not-registered': 'answers only registered resolvers',
};

const FAILURES: Readonly<Record<DnsFailureStatus, string>> = {
  servfail: 'SERVFAIL from the resolver',
  refused: 'REFUSED',
  timeout: 'no answer in time',
  bogus: 'DNSSEC validation fails',
  'truncated-no-tcp': 'truncated answer',
  unreachable: 'the resolver cannot be reached',
  'local-data': 'an answer from the resolver’s own data',
  undetermined: 'known only when the change is applied',
  unasked: 'not asked',
  malformed: 'a malformed answer',
};

/** @returns the DNS failure in words. */
export function failureText(status: DnsFailureStatus): string {
  return FAILURES[status];
}

/** @returns why "not listed" is not verified, as the predicate of a sentence about the list. */
export function unverifiedText(reason: Unverified): string {
  return UNVERIFIED[reason];
}

/** @returns why the answers of a list are ignored, as part of a sentence. */
export function faultText({ fault, reason, since, confirmed, keyedBy = null }: BrokenList): string {
  const known = reason === null ? '' : `${lowerFirst(reason)}${since === null ? '' : `, ${since}`}`;
  const unsure = reason === null ? '' : confirmationMark(confirmed);
  if (fault === 'dead') return `closed, so it was not asked: ${known}${unsure}`;
  const cause = keyedBy === null ? '' : `, so the key in ${keyedBy} may be wrong or used up`;
  return `${FAULTS[fault]}${cause}${known === '' ? '' : `; known: ${known}${unsure}`}`;
}

/** @returns the list without a usable answer that the check can do without, and why, as part of a sentence. */
export function unansweredText({ zone, isAllowList, fault, status }: UnansweredList): string {
  const why = fault !== null ? FAULTS[fault] : status !== null ? FAILURES[status] : 'it refuses to answer';
  return `${zone} (${isAllowList ? 'an allow list; ' : ''}${why})`;
}

/** @returns which list refuses the query, and its reason, as part of a sentence. */
export function refusalText({ zone, reason, needsKey, variable }: RefusingList): string {
  if (needsKey) {
    return `${zone} answers ${variable === null ? 'registered users only' : `only with a key, in ${variable}`}`;
  }
  return `${zone} refuses to answer${reason === null ? '' : ` (${lowerFirst(reason)})`}`;
}

/** @returns the lines below the message of a listing: return codes, network, TXT records and impact. */
export function listingDetails({ codes, answers, txt, network, impact, confirmed }: ListingEvidence): Detail[] {
  const shown =
    codes.length === 0
      ? [{ label: 'Code', text: `${answers.join(', ')}: mailcheck does not know this code` }]
      : codes.map(({ match, name, meaning }) => ({
          label: 'Code',
          text: `${name} (${answers.filter((answer) => matches(match, answer)).join(', ')}): ${lowerFirst(meaning)}`,
        }));
  return [
    ...shown,
    ...(network === null ? [] : [{ label: 'Network', text: network }]),
    ...txt.map((text) => ({ label: 'Reason', text })),
    { label: 'Impact', text: `${IMPACTS[impact]}${confirmationMark(confirmed)}` },
  ];
}

/**
 * @param first the sentences on what to do before asking for removal.
 * @param askable whether to say who can ask for removal. `false` when `first` has said so.
 * @returns the remediation for a listing: how to get removed, whether the listing expires, and what removal costs.
 */
export function removal(evidence: ListingEvidence, first: string, askable = true): Fix {
  const { removals, lookup, confirmed, list } = evidence;
  const ways = removals.map(({ codes, how, self, paid, autoExpiry }) => {
    const who = !askable
      ? ''
      : self
        ? `${removals.length > 1 ? 'Request' : 'Then request'} removal from ${list}${paid === false ? ' (free)' : ''}: ${lowerFirst(how)}.`
        : `${list}: ${lowerFirst(how)}.`;
    const expiry =
      autoExpiry === null
        ? ''
        : autoExpiry === 'never'
          ? 'The listing does not expire.'
          : `The listing expires by itself (${lowerFirst(autoExpiry)}).`;
    const cost = paid ? 'Removal costs money.' : '';
    const text = [who, expiry, cost].filter((part) => part !== '').join(' ');
    return removals.length > 1 ? `${codes.join(', ')}: ${text}` : text;
  });
  const unsure = confirmed || ways.length === 0 ? [] : [NOT_CONFIRMED];
  const pages = links(lookup, ...removals.map(({ url }) => url));
  return {
    summary: [first, ...ways, ...unsure].filter((part) => part !== '').join(' '),
    links: [...new Set(pages)],
  };
}

/** @returns the advice to use another address, which for IPv6 must be outside the listed prefix. */
export function swapText({ listedPrefix }: ListingEvidence): string {
  const other =
    listedPrefix === null ? 'another address' : `an address outside its /${listedPrefix}, which is listed as a whole,`;
  return `If you have just rented this address, it was probably listed before: taking ${other} is quicker.`;
}

const STRIP = { listed: '■', clean: '·', unknown: '?' } as const;

/** @returns the lines below the message about neighbours: the sample as a strip, the listed addresses and the lists. */
export function neighbourDetails({ neighbours, zones }: NeighboursEvidence): Detail[] {
  const listed = neighbours.filter(({ state }) => state === 'listed');
  return [
    { label: 'Sample', text: neighbours.map(({ state }) => STRIP[state]).join('') },
    {
      label: '',
      text: `${neighbours[0]?.ip ?? ''} to ${neighbours.at(-1)?.ip ?? ''}: ■ listed, · not listed, ? not known`,
    },
    ...(listed.length === 0 ? [] : [{ label: 'Listed', text: listed.map(({ ip }) => ip).join(', ') }]),
    { label: 'Lists', text: zones.join(', ') },
  ];
}

/** @returns one sentence on how many sampled neighbours are listed. */
export function neighboursText({ network, sampled, listed }: NeighboursEvidence): string {
  return `${listed} of ${sampled} sampled addresses in ${network} ${listed === 1 ? 'is' : 'are'} listed (${Math.round((100 * listed) / sampled)} %).`;
}

/**
 * @param seen the number of block lists asked, and how many of them list, are clean, are not verified and gave no usable
 *   answer; each list counts once. Also the number asked directly, and the counts of each neighbour sample.
 * @returns the note of the rule.
 */
export function noteText(seen: {
  readonly asked: number;
  readonly clean: number;
  readonly notVerified: number;
  readonly direct: number;
  readonly listed: number;
  readonly noAnswer: number;
  readonly neighbours: readonly { readonly network: string; readonly sampled: number; readonly listed: number }[];
}): string {
  return [
    `clean on ${seen.clean} of ${seen.asked} lists`,
    ...(seen.listed > 0 ? [`listed on ${seen.listed}`] : []),
    ...(seen.notVerified > 0 ? [`${seen.notVerified} not verified`] : []),
    ...(seen.noAnswer > 0 ? [`${seen.noAnswer} without an answer`] : []),
    ...(seen.direct > 0 ? [`${seen.direct} asked at their own name servers`] : []),
    ...seen.neighbours.map(({ network, sampled, listed }) => `${listed} of ${sampled} neighbours in ${network} listed`),
  ].join('; ');
}

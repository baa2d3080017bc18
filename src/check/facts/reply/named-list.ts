/** Finds the block list that a reply names, what kind of listing it speaks of, and where removal is requested. */
import { allLists, deadZone } from '../../../knowledge/lists/catalogue.ts';
import type { List, ListCode } from '../../../knowledge/lists/schema.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { hostsIn } from './replies.ts';

/** A list in a reply. */
export interface NamedList {
  readonly zone: string;
  readonly name: string;
  /** The finding that a check would report for such a listing. */
  readonly code: string;
  /** The page on which to request removal or to look the address up. */
  readonly removal: { readonly url: string | null; readonly how: string };
  /** Why the list no longer counts, if it has closed. */
  readonly closed: string | null;
}

const ABOUT_LISTS = /\b(?:black|block|deny)?-?list(?:s|ed|ing)?\b|\bblock(?:ed|list)?\b|\bdnsbl\b|\brbl\b/i;

/** @returns the list that the words name by its zone, by its site or by its name. `undefined` when they name none. */
export function namedList(words: string): NamedList | undefined {
  const hosts = hostsIn(words);
  const candidates = allLists.filter(({ kind }) => kind !== 'allow');
  const byZone = candidates
    .filter(({ zone }) => hosts.some((host) => isSameOrSubdomain(host, zone)))
    .sort((a, b) => b.zone.length - a.zone.length);
  const bySite = candidates.filter((list) => hosts.some((host) => isSite(host, list)));
  const byName = ABOUT_LISTS.test(words) ? candidates.filter((list) => isNamed(words, list)) : [];
  const [list] = byZone.length > 0 ? byZone : preferred(bySite.length > 0 ? bySite : byName, words);
  if (list !== undefined) return described(list, words);
  const dead = hosts.map(deadZone).find((row) => row !== undefined);
  if (dead === undefined) return undefined;
  const how = 'Nothing can be removed from a closed list: tell the receiver that it still asks it.';
  return { zone: dead.zone, name: dead.zone, code: 'rbl/listed', removal: { url: null, how }, closed: dead.reason };
}

/** Returns whether the host is a site of the list. Other hosts of its operator may be anybody's. */
function isSite(host: string, { zone, lookupUrl, delist, codes }: List): boolean {
  const own = organizationalDomain(zone);
  const pages = [lookupUrl, delist?.url, ...codes.map((code) => code.delist?.url)];
  const sites = pages.flatMap((page) => (page ? [new URL(page.replace(/[{}]/g, '')).hostname] : []));
  return [own, `www.${own}`, ...sites].includes(host);
}

/** Operators whose name is a word that replies have without meaning them. */
const ORDINARY_WORDS = ['abuse', 'blocklist', 'mail-abuse', 'services', 'virusfree', 'woody', 'your-server'];

/** Returns whether the words have the name of the list, or of the operator, which is also the name of its domain. */
function isNamed(words: string, { zone, name }: List): boolean {
  const [operator = ''] = organizationalDomain(zone).split('.');
  const short = name.replace(/ block ?list$/i, '');
  if (short !== name && short.includes(' ') && hasWord(words, short)) return true;
  return operator.length >= 5 && !ORDINARY_WORDS.includes(operator) && hasWord(words, operator);
}

const DOMAIN_IS_LISTED = /\bdomain\b.{0,60}\b(?:listed|list|blocked)\b/i;

/**
 * Sorts the lists of one operator: those whose own name or code the words have come first, then those of the kind that
 * the words speak of, then the most important.
 */
function preferred(lists: readonly List[], words: string): List[] {
  const kind = DOMAIN_IS_LISTED.test(words) ? 'domain' : 'address';
  const score = ({ id, codes, kind: own }: List): number => {
    const parts = [id.split('-').at(-1) ?? '', ...codes.map(({ name }) => name.split('-')[0] ?? '')];
    const isOwnName = parts.some((part) => part.length >= 3 && hasWord(words, part));
    return (isOwnName ? 2 : 0) + ((own === 'domain') === (kind === 'domain') ? 1 : 0);
  };
  return [...lists].sort((a, b) => score(b) - score(a) || a.place - b.place);
}

function hasWord(words: string, part: string): boolean {
  return new RegExp(`\\b${part.replace(/[^A-Za-z0-9]/g, '.')}\\b`, 'i').test(words);
}

const POLICY = /\bdynamic\b|\bdial-?up\b|\bresidential\b|\bpolicy block\b|\bPBL\b/i;

function described(list: List, words: string): NamedList {
  const spoken = list.codes.filter(({ name }) => hasWord(words, name.split('-')[0] ?? name));
  const listings = (spoken.length > 0 ? spoken : list.codes).filter((code) => !REMARKS.includes(code.class));
  const removal = (spoken.length > 0 ? listings.find(({ delist }) => delist)?.delist : undefined) ?? list.delist;
  const plainLookup = list.lookupUrl?.includes('{') ? null : list.lookupUrl;
  return {
    zone: list.zone,
    name: list.name,
    code: findingOf(list, listings, words),
    removal: {
      url: removal?.url ?? plainLookup ?? null,
      how: removal?.how ?? 'the list names no way to request removal',
    },
    closed: list.status === 'dead' ? (list.sinceOrUntil ?? 'it has closed') : null,
  };
}

const REMARKS: readonly ListCode['class'][] = ['refusal', 'informational', 'allow'];

function findingOf(list: List, listings: readonly ListCode[], words: string): string {
  if (list.kind === 'domain') return 'rbl/domain-listed';
  const isOnly = (wanted: ListCode['class']): boolean =>
    listings.length > 0 && listings.every((code) => code.class === wanted);
  if (isOnly('policy') || POLICY.test(words)) return 'rbl/listed-policy';
  if (isOnly('block')) return 'rbl/block-listed';
  return list.impact === 'critical' || list.impact === 'high' ? 'rbl/listed' : 'rbl/listed-minor';
}

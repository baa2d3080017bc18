/** Says how the lists were asked, and which other way of asking them can help. What was done is not proposed again. */

import type { ResolverKind } from '../../../knowledge/lists/schema.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import type { DirectFault } from '../../facts/lists.ts';
import type { AskedResolver } from '../../facts/resolvers.ts';
import type { Target } from '../../target.ts';
import type { Fix } from '../fix.ts';
import { ownCommand } from '../own-command.ts';
import { command, links, variableName } from '../pasted.ts';
import type { BlindEvidence, RefusingList } from './evidence.ts';

/** What came of asking the name servers of the lists themselves, as the predicate of a sentence about them. */
const DIRECT: Readonly<Record<DirectFault, string>> = {
  off: 'were not asked, because of --no-lists-direct',
  'not-found': 'could not be asked instead: the resolver finds no addresses for them',
  'not-public': 'were not asked instead: the resolver gives addresses for them that are not public',
  silent: 'did not answer this machine either; its network may block DNS queries (port 53)',
  'not-authoritative': 'could not be asked instead: another server answers in their place',
  refused: 'refuse this machine’s address too',
  broken: 'gave no usable answer either',
};

/** What each kind of resolver does with the questions of this machine, as a clause behind its name. */
const KINDS: Readonly<Record<ResolverKind, string>> = {
  public: 'a public resolver',
  provider: 'shared by the customers of the hosting provider',
  stub: 'which forwards to an unknown resolver',
};

/** @returns the DNS servers that were asked. A server that is known by its address is shown with its name and kind. */
export function resolversText(resolvers: readonly AskedResolver[]): string {
  return resolvers
    .map(({ server, sharedBy, kind, confirmed }) => {
      if (sharedBy === null) return server;
      const what = kind === null || kind === 'own' ? '' : `, ${KINDS[kind]}`;
      return `${server} (${sharedBy}${what})${confirmationMark(confirmed)}`;
    })
    .join(', ');
}

/** @returns what came of asking the name servers of the lists, as sentences that follow another. */
export function directText({ direct }: BlindEvidence): string {
  return direct
    .map(({ fault, zones }) => {
      const whose =
        direct.length > 1
          ? `The name servers of ${zones.join(', ')}`
          : zones.length > 1
            ? 'Their own name servers'
            : 'Its own name servers';
      return ` ${whose} ${DIRECT[fault]}.`;
    })
    .join('');
}

/** @returns what may bring the answers of lists that refuse whoever asks. */
export function fixOfRefusal(
  { lists, ...blind }: BlindEvidence & { readonly lists: readonly RefusingList[] },
  target: Target,
): Fix {
  const variables = [...new Set(lists.map(({ variable }) => variable))].filter((variable) => variable !== null);
  const keys = variables.join(', ');
  const used = [...new Set(lists.map(({ keyedBy }) => keyedBy))].filter((variable) => variable !== null);
  const others = lists.filter(({ variable, keyedBy, needsKey }) => variable === null && keyedBy === null && !needsKey);
  const way = lists.some(({ needsKey }) => !needsKey) ? otherWay(blind) : undefined;
  const isOnly = way === undefined;
  const sentences = [
    way?.summary,
    variables.length === 0
      ? undefined
      : `${isOnly ? 'Get' : 'Or get'} a free key from the list and put it into the environment variable ${keys}.`,
    used.length === 0 ? undefined : `Check the key in ${used.join(', ')}: it may be wrong or used up.`,
    isOnly && others.length > 0 ? elsewhere(others.map(({ zone }) => zone)) : undefined,
    lists.some(({ needsKey, variable }) => needsKey && variable === null)
      ? 'Choose other lists with --dnsbl, because these answer only registered users.'
      : undefined,
  ].filter((sentence) => sentence !== undefined);
  return {
    summary: sentences.join(' '),
    commands: [
      ...(way?.isOwnResolver ? ownCommand(target, 'check', '--dns', '127.0.0.1') : []),
      ...variables.map(variableName).flatMap((name) => command`read -rs ${name} && export ${name}`),
    ],
    links: links(...new Set(isOnly ? others.map(({ lookup }) => lookup) : [])),
  };
}

/** @returns what to do about lists that do not answer here, and take no key. */
export function elsewhere(zones: readonly string[]): string {
  return `Run the check from another network, or look the address up on the website of the list (${zones.join(', ')}).`;
}

/** A way of asking that has not been tried. */
interface Way {
  readonly summary: string;
  /** Whether it is a resolver on this machine. */
  readonly isOwnResolver: boolean;
}

/** @returns the way of asking that may help, or `undefined` when the list does not serve this network. */
export function otherWay({ resolvers, direct }: BlindEvidence): Way | undefined {
  const faults = direct.map(({ fault }) => fault);
  const isOwn = resolvers.some(({ kind }) => kind === 'own');
  if (faults.includes('off')) {
    return { summary: 'Run the check again without --no-lists-direct.', isOwnResolver: false };
  }
  if (faults.includes('refused')) return undefined;
  if (faults.some((fault) => fault === 'silent' || fault === 'not-authoritative')) {
    const summary =
      'Allow this machine to send DNS queries to any server (UDP and TCP port 53), or run the check from another network.';
    return { summary, isOwnResolver: false };
  }
  if (isOwn) return undefined;
  const summary = resolvers.some(({ kind }) => kind === 'stub')
    ? 'Use your own recursive resolver, such as unbound. The current resolver only forwards queries.'
    : 'Use your own recursive resolver, such as unbound on this machine.';
  return { summary, isOwnResolver: true };
}

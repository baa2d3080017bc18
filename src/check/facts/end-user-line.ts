/**
 * Tells whether an address looks like the line of an end user: a home or office connection, from which its operator wants
 * no mail. It reads what other checks look up anyway, and asks nothing else.
 */
import { judgeReverseName } from '../../knowledge/providers/reverse-name.ts';
import type { DnsAnswer } from '../../network/dns/answer.ts';
import type { IpAddress } from '../../network/ip.ts';
import { areOfOneOrganization } from '../../standards/organizational-domain.ts';
import { fact, type Needs } from './fact.ts';
import { askList, chosenLists, listsForIp } from './lists.ts';
import { ptr } from './ptr.ts';

/** A sign of an end user's line. */
export type EndUserSign =
  /** A word in the name of the PTR record. */
  | { readonly kind: 'ptr'; readonly name: string; readonly word: string }
  /** A listing that the operator of the network asked for itself. */
  | { readonly kind: 'list'; readonly zone: string; readonly list: string };

/** The signs, and the DNS answers behind them. */
export interface EndUserLine {
  readonly signs: readonly EndUserSign[];
  readonly answers: readonly DnsAnswer[];
}

/** The name of the code for ranges that their own operator lists, in the data about Spamhaus's lists. */
const BY_OPERATOR = 'PBL-ISP';

/** Finds the signs that an address is the line of an end user. */
export const endUserLine = fact(
  async (needs: Needs<'dns' | 'isNeeded' | 'settings' | 'target'>, ip: IpAddress): Promise<EndUserLine> => {
    const { dns, facts, settings, target } = needs;
    const reverse = await facts(ptr, ip);
    const byName = reverse.names.flatMap(({ name }): EndUserSign[] => {
      if (areOfOneOrganization(name, target.domain)) return [];
      const word = judgeReverseName(name, ip, false).dynamic;
      return word === undefined ? [] : [{ kind: 'ptr', name, word }];
    });
    // The block list check asks the same, so that each question is asked once.
    const lists = needs.isNeeded('lists') ? listsForIp((await facts(chosenLists)).asked, ip) : [];
    const telling = lists.filter(({ codes }) => codes.some(({ name }) => name === BY_OPERATOR));
    const results = await Promise.all(telling.map((list) => askList({ dns, facts, settings }, { list, subject: ip })));
    const listed = results.filter(
      ({ outcome }) => outcome.kind === 'listed' && outcome.codes.some(({ name }) => name === BY_OPERATOR),
    );
    return {
      signs: [
        ...byName,
        ...listed.map(({ list }): EndUserSign => ({ kind: 'list', zone: list.zone, list: list.name })),
      ],
      answers: [reverse.query, ...listed.map(({ answer }) => answer)],
    };
  },
);

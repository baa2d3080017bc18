/** Records DNS: a client that passes each question on to another client, and notes the answer. */
import type { DnsAnswer, RecordType, Resolver } from '../network/dns/answer.ts';
import { AskedOnce } from '../network/dns/asked-once.ts';
import type { DnsClient, NameServerClient } from '../network/dns/client.ts';
import { isEncodable } from '../network/dns/message.ts';
import type { ZoneServers } from '../network/dns/name-servers.ts';
import { isEncodableOrRoot } from '../network/dns/resolve-signed.ts';
import type { SignedExchange, SignedResolver } from '../network/dns/signed.ts';
import { canonicalName } from '../network/domain.ts';
import type { Notebook } from './notebook.ts';
import {
  canaryQuestion,
  delegationQuestion,
  dnsQuestion,
  nameServerQuestion,
  signedNameServerQuestion,
  signedQuestion,
} from './questions.ts';
import type { ExchangeOf } from './schema.ts';
import { keepSigned } from './signed-exchange.ts';

/**
 * Wraps a DNS client so that every answer is noted.
 *
 * @param mask replaces the keys of block lists in a text.
 * @returns a client that answers as `live` does. It asks each question only once.
 */
export function recordDns(live: DnsClient, notebook: Notebook, mask: (text: string) => string): DnsClient {
  const { servers } = live;
  return {
    servers,
    signal: live.signal,
    get log() {
      return live.log;
    },
    get signedLog() {
      return live.signedLog;
    },
    query: recordQuery(live, notebook, mask, (name, type) => dnsQuestion(servers, name, type)),
    signed: recordSigned(live, live, notebook, mask, (name, type) => signedQuestion(servers, name, type)),
    isCanaryListed(testAddress, zone) {
      const asked = canaryQuestion(servers, testAddress, mask(zone));
      return notebook.observe(asked, live.isCanaryListed(testAddress, zone), (result) => {
        return { kind: 'yes-or-no', asked, result };
      });
    },
    towards: (others) => recordDns(live.towards(others), notebook, mask),
    atNameServers: (from) => recordNameServers(live.atNameServers(from), live, from, notebook, mask),
  };
}

function recordNameServers(
  live: NameServerClient,
  logs: Pick<DnsClient, 'signedLog'>,
  from: ZoneServers,
  notebook: Notebook,
  mask: (text: string) => string,
): NameServerClient {
  const shown = { ...from, zone: mask(from.zone) };
  const delegations: Resolver = {
    // Only NS records delegate.
    query: (zone) => live.delegation(zone) as Promise<DnsAnswer<never>>,
  };
  const delegation = recordQuery(delegations, notebook, mask, (name) => delegationQuestion(shown, name));
  return {
    servers: live.servers,
    delegation: (zone) => delegation(zone, 'NS'),
    query: recordQuery(live, notebook, mask, (name, type) => nameServerQuestion(shown, name, type)),
    signed: recordSigned(live, logs, notebook, mask, (name, type) => signedNameServerQuestion(shown, name, type)),
    towards: (servers) => recordNameServers(live.towards(servers), logs, { ...from, servers }, notebook, mask),
  };
}

/**
 * @param textOf gives the text of a question.
 * @returns a query that notes every answer. It asks each question only once.
 */
function recordQuery(
  live: Resolver,
  notebook: Notebook,
  mask: (text: string) => string,
  textOf: (name: string, type: RecordType) => string,
): Resolver['query'] {
  const answers = new AskedOnce();
  return <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    // The client does not send a name that does not fit into a DNS message, so there is nothing to record.
    if (!isEncodable(name)) return live.query(name, type);
    const shown = mask(canonicalName(name));
    return answers.answer(shown, type, () => {
      const asked = textOf(shown, type);
      return notebook.observe(asked, live.query(name, type), (result) => {
        // The client has decoded the data according to its record type.
        return { kind: 'dns', asked, result: result as ExchangeOf<'dns'>['result'] };
      });
    });
  };
}

/**
 * @param logs has the exchange of each reply.
 * @returns questions for signatures that note every reply. Each question is asked only once.
 */
function recordSigned(
  live: SignedResolver,
  logs: Pick<DnsClient, 'signedLog'>,
  notebook: Notebook,
  mask: (text: string) => string,
  textOf: (name: string, type: number) => string,
): SignedResolver['signed'] {
  const replies = new AskedOnce();
  return (given, type) => {
    const name = canonicalName(given);
    // The client does not send such a question, so there is nothing to record.
    if (!isEncodableOrRoot(name) || mask(name) !== name) return live.signed(name, type);
    return replies.answer(name, type, () => {
      const asked = textOf(name, type);
      return notebook.observe(asked, live.signed(name, type), (reply) => {
        const unlogged: SignedExchange = { name, type, transport: 'udp', durationMs: 0, reply };
        return keepSigned(asked, logs.signedLog.find((exchange) => exchange.reply === reply) ?? unlogged);
      });
    });
  };
}

/** Replays DNS: a client that gives the recorded answers and sends no question. */
import { type DnsAnswer, type RecordType, type Resolver, unasked } from '../network/dns/answer.ts';
import { AskedOnce } from '../network/dns/asked-once.ts';
import { type DnsClient, impossible, type NameServerClient } from '../network/dns/client.ts';
import { isEncodable } from '../network/dns/message.ts';
import type { ZoneServers } from '../network/dns/name-servers.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import { canonicalName } from '../network/domain.ts';
import { canaryQuestion, delegationQuestion, dnsQuestion, nameServerQuestion } from './questions.ts';
import { type ExchangeSource, NOT_RECORDED } from './timeline.ts';

/**
 * @param servers the servers of the recorded run, which are part of the text of each question.
 * @param mask replaces the stand-ins for list keys, as the recorder replaced the keys themselves.
 * @returns a client that takes its answers from the timeline. A question that was not recorded has the status
 *   `unreachable`.
 */
export function replayDns(
  servers: readonly DnsServer[],
  timeline: ExchangeSource,
  signal: AbortSignal,
  mask: (text: string) => string,
): DnsClient {
  return {
    servers,
    signal,
    get log() {
      return timeline.given('dns').map(({ result }) => result as DnsAnswer);
    },
    query: replayQuery(timeline, mask, (name, type) => dnsQuestion(servers, name, type)),
    async isCanaryListed(testAddress, zone) {
      return (await timeline.take('yes-or-no', canaryQuestion(servers, testAddress, mask(zone))))?.result ?? false;
    },
    towards: (others) => replayDns(others, timeline, signal, mask),
    atNameServers: (from) => replayNameServers(from, timeline, mask),
  };
}

function replayNameServers(
  from: ZoneServers,
  timeline: ExchangeSource,
  mask: (text: string) => string,
): NameServerClient {
  const shown = { ...from, zone: mask(from.zone) };
  const delegation = replayQuery(timeline, mask, (name) => delegationQuestion(shown, name));
  return {
    servers: from.servers,
    delegation: (zone) => delegation(zone, 'NS'),
    query: replayQuery(timeline, mask, (name, type) => nameServerQuestion(shown, name, type)),
    towards: (servers) => replayNameServers({ ...from, servers }, timeline, mask),
  };
}

/**
 * @param textOf gives the text of a question, as the recorder wrote it.
 * @returns a query that gives the recorded answers.
 */
function replayQuery(
  timeline: ExchangeSource,
  mask: (text: string) => string,
  textOf: (name: string, type: RecordType) => string,
): Resolver['query'] {
  const answers = new AskedOnce();
  async function answerTo<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const exchange = await timeline.take('dns', textOf(name, type));
    // The question contains the type, and the schema has checked that the data matches it.
    if (exchange !== undefined) return exchange.result as DnsAnswer<T>;
    return { ...unasked(name, type), status: 'unreachable', detail: NOT_RECORDED };
  }
  return <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    const shown = mask(canonicalName(name));
    if (!isEncodable(name)) return Promise.resolve(impossible(mask(name), type));
    return answers.answer(shown, type, () => answerTo(shown, type));
  };
}

/** Replays DNS: a client that gives the recorded answers and sends no question. */
import { type DnsAnswer, type RecordType, type Resolver, unasked } from '../network/dns/answer.ts';
import { AskedOnce } from '../network/dns/asked-once.ts';
import {
  type DnsClient,
  failedSigned,
  impossible,
  keyedName,
  type NameServerClient,
  unencodable,
} from '../network/dns/client.ts';
import { isEncodable } from '../network/dns/message.ts';
import type { ZoneServers } from '../network/dns/name-servers.ts';
import { isEncodableOrRoot } from '../network/dns/resolve-signed.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import type { SignedResolver } from '../network/dns/signed.ts';
import { canonicalName } from '../network/domain.ts';
import {
  canaryQuestion,
  delegationQuestion,
  dnsQuestion,
  nameServerQuestion,
  signedNameServerQuestion,
  signedQuestion,
} from './questions.ts';
import { giveSigned } from './signed-exchange.ts';
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
    get signedLog() {
      return timeline.given('signed').map(giveSigned);
    },
    query: replayQuery(timeline, mask, (name, type) => dnsQuestion(servers, name, type)),
    signed: replaySigned(timeline, mask, (name, type) => signedQuestion(servers, name, type)),
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
    signed: replaySigned(timeline, mask, (name, type) => signedNameServerQuestion(shown, name, type)),
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

/** Makes the questions for signatures of a replay, as `replayQuery` makes the others. */
function replaySigned(
  timeline: ExchangeSource,
  mask: (text: string) => string,
  textOf: (name: string, type: number) => string,
): SignedResolver['signed'] {
  const replies = new AskedOnce();
  return async (given, type) => {
    const name = canonicalName(given);
    if (!isEncodableOrRoot(name)) return unencodable(mask(name));
    if (mask(name) !== name) return keyedName();
    return replies.answer(name, type, async () => {
      const exchange = await timeline.take('signed', textOf(name, type));
      return exchange === undefined ? failedSigned('unreachable', NOT_RECORDED) : giveSigned(exchange).reply;
    });
  };
}

/** Replays DNS: a client that gives the recorded answers and sends no question. */
import { type DnsAnswer, type RecordType, unasked } from '../network/dns/answer.ts';
import { type DnsClient, impossible } from '../network/dns/client.ts';
import { isEncodable } from '../network/dns/message.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import { canonicalName } from '../network/domain.ts';
import { canaryQuestion, dnsQuestion } from './questions.ts';
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
  const answers = new Map<string, Promise<DnsAnswer>>();

  async function answerTo(asked: string, name: string, type: RecordType): Promise<DnsAnswer> {
    const exchange = await timeline.take('dns', asked);
    // The schema has checked that the data matches the record type.
    if (exchange !== undefined) return exchange.result as DnsAnswer;
    return { ...unasked(name, type), status: 'unreachable', detail: NOT_RECORDED };
  }

  return {
    servers,
    signal,
    get log() {
      return timeline.given('dns').map(({ result }) => result as DnsAnswer);
    },
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const shown = mask(canonicalName(name));
      if (!isEncodable(name)) return Promise.resolve(impossible(mask(name), type));
      const asked = dnsQuestion(servers, shown, type);
      const answer = answers.get(asked) ?? answerTo(asked, shown, type);
      answers.set(asked, answer);
      // The key of the map contains the type, so the answer has the type asked for.
      return answer as Promise<DnsAnswer<T>>;
    },
    async isCanaryListed(testAddress, zone) {
      return (await timeline.take('yes-or-no', canaryQuestion(servers, testAddress, mask(zone))))?.result ?? false;
    },
    towards: (others) => replayDns(others, timeline, signal, mask),
  };
}

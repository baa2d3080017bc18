/** Replays DNS: a client that gives the recorded answers and sends no question. */
import { type DnsAnswer, type RecordType, unasked } from '../network/dns/answer.ts';
import { AskedOnce } from '../network/dns/asked-once.ts';
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
  const answers = new AskedOnce();

  async function answerTo<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const exchange = await timeline.take('dns', dnsQuestion(servers, name, type));
    // The question contains the type, and the schema has checked that the data matches it.
    if (exchange !== undefined) return exchange.result as DnsAnswer<T>;
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
      return answers.answer(shown, type, () => answerTo(shown, type));
    },
    async isCanaryListed(testAddress, zone) {
      return (await timeline.take('yes-or-no', canaryQuestion(servers, testAddress, mask(zone))))?.result ?? false;
    },
    towards: (others) => replayDns(others, timeline, signal, mask),
  };
}

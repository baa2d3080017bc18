/** A DNS client that gives recorded answers, and asks nobody. */
import { type DnsAnswer, type RecordType, unasked } from '../network/dns/answer.ts';
import { AskedOnce } from '../network/dns/asked-once.ts';
import { type DnsClient, impossible } from '../network/dns/client.ts';
import { isEncodable } from '../network/dns/message.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import { canonicalName } from '../network/domain.ts';
import { canaryQuestion, dnsQuestion } from './questions.ts';
import { type ExchangeSource, NOT_RECORDED } from './timeline.ts';

/** @param mask as the recorded run's: what stands in for a key is written as the key was. */
export function replayDns(
  servers: readonly DnsServer[],
  timeline: ExchangeSource,
  signal: AbortSignal,
  mask: (text: string) => string,
): DnsClient {
  const answers = new AskedOnce();

  async function answerTo<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const exchange = await timeline.take('dns', dnsQuestion(servers, name, type));
    // The question has the type in it, and the schema holds the data to its type.
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

/** Replays HTTPS: a client that gives the recorded outcomes and opens no connection. */
import { type HttpsClient, type HttpsOutcome, type HttpsTls, wasMade } from '../network/https/types.ts';
import { httpsQuestion } from './questions.ts';
import type { ExchangeOf, RecordedHttpsTls } from './schema.ts';
import { type ExchangeSource, NOT_RECORDED } from './timeline.ts';
import { giveTls } from './tls.ts';

/** The outcome of a request that was not recorded. No rule treats `aborted` as an answer of the server. */
const MISSING: HttpsOutcome = { status: 'aborted', detail: NOT_RECORDED };

/** @returns a client that takes its outcomes from the timeline. */
export function replayHttps(timeline: ExchangeSource): HttpsClient {
  return {
    get requests() {
      return timeline.given('https').filter(({ result }) => wasMade(result)).length;
    },
    async get(request) {
      const exchange = await timeline.take('https', httpsQuestion(request));
      return exchange === undefined ? MISSING : giveOutcome(exchange.result);
    },
  };
}

function giveOutcome(result: ExchangeOf<'https'>['result']): HttpsOutcome {
  switch (result.status) {
    case 'response':
      return { ...result, body: Buffer.from(result.body, 'base64'), tls: giveHttpsTls(result.tls) };
    case 'untrusted':
      return { ...result, tls: giveHttpsTls(result.tls) };
    default:
      return result;
  }
}

function giveHttpsTls({ coversName, ...tls }: RecordedHttpsTls): HttpsTls {
  return { ...giveTls(tls), coversName };
}

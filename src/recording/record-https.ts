/** Records HTTPS: a client that passes each request on to another client, and notes the outcome. */
import type { HttpsClient, HttpsOutcome, HttpsTls } from '../network/https/types.ts';
import type { Notebook } from './notebook.ts';
import { httpsQuestion } from './questions.ts';
import type { ExchangeOf, RecordedHttpsTls } from './schema.ts';
import { keepTls } from './tls.ts';

/** @returns an HTTPS client that answers as `live` does, and notes every outcome in the notebook. */
export function recordHttps(live: HttpsClient, notebook: Notebook): HttpsClient {
  return {
    get requests() {
      return live.requests;
    },
    get(request) {
      const asked = httpsQuestion(request);
      return notebook.observe(asked, live.get(request), (outcome) => {
        return { kind: 'https', asked, result: keepOutcome(outcome) };
      });
    },
  };
}

function keepOutcome(outcome: HttpsOutcome): ExchangeOf<'https'>['result'] {
  switch (outcome.status) {
    case 'response':
      return { ...outcome, body: Buffer.from(outcome.body).toString('base64'), tls: keepHttpsTls(outcome.tls) };
    case 'untrusted':
      return { ...outcome, tls: keepHttpsTls(outcome.tls) };
    default:
      return outcome;
  }
}

function keepHttpsTls(tls: HttpsTls): RecordedHttpsTls {
  return { ...keepTls(tls), coversName: tls.coversName };
}

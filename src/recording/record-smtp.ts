/** Records SMTP: a client that passes each step of each connection on to another client, and notes the result. */
import { nextId } from '../network/smtp/client.ts';
import { endsInHello } from '../network/smtp/lines.ts';
import type { SmtpClient, SmtpConnectResult, SmtpResult, SmtpSession, StartTlsResult } from '../network/smtp/types.ts';
import type { Notebook } from './notebook.ts';
import { canOfferQuestion, connectQuestion, startTlsQuestion, stepQuestion } from './questions.ts';
import type { ExchangeOf } from './schema.ts';
import { keepTls } from './tls.ts';

/** @returns an SMTP client that answers as `live` does, and notes every step in the notebook. */
export function recordSmtp(live: SmtpClient, notebook: Notebook): SmtpClient {
  const called = new Map<string, number>();
  return {
    probeName: live.probeName,
    get transcripts() {
      return live.transcripts;
    },
    async connect(ip, port, options) {
      const id = nextId(called, ip, port, options.purpose);
      const asked = connectQuestion(id, options.implicitTls);
      const result = await notebook.observe(asked, live.connect(ip, port, options), (outcome) => {
        return { kind: 'connect', asked, result: keepConnection(outcome) };
      });
      if (result.status !== 'connected') return result;
      return { status: 'connected', session: recordSession(result.session, id, notebook) };
    },
    reach(ip, port, options) {
      const asked = nextId(called, ip, port, options.purpose);
      return notebook.observe(asked, live.reach(ip, port, options), (result) => ({ kind: 'reach', asked, result }));
    },
    canOffer(limits) {
      const asked = canOfferQuestion(limits);
      return notebook.observe(asked, live.canOffer(limits), (result) => ({ kind: 'yes-or-no', asked, result }));
    },
  };
}

function recordSession(session: SmtpSession, id: string, notebook: Notebook): SmtpSession {
  let steps = 0;
  const reply = (kind: string, lines: readonly string[], coming: Promise<SmtpResult>): Promise<SmtpResult> => {
    const asked = stepQuestion(id, steps++, kind, lines);
    return notebook.observe(asked, coming, (result) => ({ kind: 'reply', asked, result }));
  };
  return {
    get transcript() {
      return session.transcript;
    },
    get greeting() {
      return session.greeting;
    },
    get extensions() {
      return session.extensions;
    },
    get tls() {
      return session.tls;
    },
    get timings() {
      return session.timings;
    },
    hello(name) {
      const asked = stepQuestion(id, steps++, 'hello', [name]);
      return notebook.observe(asked, session.hello(name), (result) => {
        return { kind: 'hello', asked, result, extensions: [...session.extensions] };
      });
    },
    command: (line, timeoutMs) => reply('command', [line], session.command(line, timeoutMs)),
    message: (lines, timeoutMs) => reply('message', lines, session.message(lines, timeoutMs)),
    pipeline(lines) {
      const asked = stepQuestion(id, steps++, 'pipeline', lines);
      return notebook.observe(asked, session.pipeline(lines), (result) => {
        const told = endsInHello(lines) ? { extensions: [...session.extensions] } : {};
        return { kind: 'replies', asked, result, ...told };
      });
    },
    startTls(options = {}) {
      const asked = startTlsQuestion(id, steps++, options);
      return notebook.observe(asked, session.startTls(options), (result) => {
        return { kind: 'starttls', asked, result: keepStartTls(result), extensions: [...session.extensions] };
      });
    },
    quit() {
      const asked = stepQuestion(id, steps++, 'quit');
      return notebook.observe(asked, session.quit(), () => ({ kind: 'quit', asked }));
    },
  };
}

function keepConnection(outcome: SmtpConnectResult): ExchangeOf<'connect'>['result'] {
  if (outcome.status !== 'connected') return outcome;
  const { greeting, tls, timings } = outcome.session;
  return { status: 'connected', greeting, tls: tls && keepTls(tls), timings };
}

function keepStartTls(result: StartTlsResult): ExchangeOf<'starttls'>['result'] {
  return result.status === 'secured' ? { ...result, tls: keepTls(result.tls) } : result;
}

/** Replays SMTP: a client that gives the recorded replies and opens no connection. */
import { nextId } from '../network/smtp/client.ts';
import { assertLines, endsInHello } from '../network/smtp/lines.ts';
import type {
  SmtpClient,
  SmtpFailure,
  SmtpResult,
  SmtpSession,
  TlsDetails,
  Transcript,
} from '../network/smtp/types.ts';
import { canOfferQuestion, connectQuestion, startTlsQuestion, stepQuestion } from './questions.ts';
import type { ExchangeOf } from './schema.ts';
import { type ExchangeSource, NOT_RECORDED } from './timeline.ts';
import { giveTls } from './tls.ts';

/** The result of a step that was not recorded. No rule treats `aborted` as an answer of the server. */
const MISSING: SmtpFailure = { status: 'aborted', detail: NOT_RECORDED };

/**
 * @param recorded the transcripts of the recorded run.
 * @returns a client that takes its replies from the timeline. A step that was not recorded has the status `aborted`.
 */
export function replaySmtp(probeName: string, recorded: readonly Transcript[], timeline: ExchangeSource): SmtpClient {
  const called = new Map<string, number>();
  const dialled = new Set<string>();
  const transcripts = new Map(recorded.map((transcript) => [transcript.id, transcript]));
  const dial = (id: string): Transcript => {
    dialled.add(id);
    return transcripts.get(id) ?? { id, lines: [] };
  };
  return {
    probeName,
    get transcripts() {
      // The client made some connections by itself, for one that the rules asked for.
      return recorded.filter(({ id, cause = id }) => dialled.has(cause));
    },
    async connect(ip, port, { purpose, implicitTls }) {
      const id = nextId(called, ip, port, purpose);
      const transcript = dial(id);
      const exchange = await timeline.take('connect', connectQuestion(id, implicitTls));
      if (exchange === undefined) return MISSING;
      const { result } = exchange;
      if (result.status !== 'connected') return result;
      return { status: 'connected', session: new ReplayedSession(transcript, result, timeline) };
    },
    async reach(ip, port, { purpose }) {
      const id = nextId(called, ip, port, purpose);
      dial(id);
      return (await timeline.take('reach', id))?.result ?? MISSING;
    },
    async canOffer(limits) {
      return (await timeline.take('yes-or-no', canOfferQuestion(limits)))?.result ?? false;
    },
  };
}

type Connected = Extract<ExchangeOf<'connect'>['result'], { status: 'connected' }>;

class ReplayedSession implements SmtpSession {
  readonly transcript: Transcript;
  readonly greeting: Connected['greeting'];
  readonly timings: Connected['timings'];
  extensions: ReadonlyMap<string, string> = new Map();
  tls: TlsDetails | null;

  readonly #timeline: ExchangeSource;
  #steps = 0;

  constructor(transcript: Transcript, { greeting, timings, tls }: Connected, timeline: ExchangeSource) {
    this.transcript = transcript;
    this.greeting = greeting;
    this.timings = timings;
    this.tls = tls && giveTls(tls);
    this.#timeline = timeline;
  }

  async hello(name: string): Promise<SmtpResult> {
    assertLines([name]);
    const exchange = await this.#timeline.take('hello', this.#question('hello', [name]));
    this.extensions = new Map(exchange?.extensions);
    return exchange?.result ?? MISSING;
  }

  command(line: string): Promise<SmtpResult> {
    assertLines([line]);
    return this.#reply('command', [line]);
  }

  message(lines: readonly string[]): Promise<SmtpResult> {
    assertLines(lines);
    return this.#reply('message', lines);
  }

  async pipeline(lines: readonly string[]): Promise<readonly SmtpResult[]> {
    assertLines(lines);
    const exchange = await this.#timeline.take('replies', this.#question('pipeline', lines));
    if (endsInHello(lines)) this.extensions = new Map(exchange?.extensions);
    return lines.map((_, index) => exchange?.result[index] ?? MISSING);
  }

  async startTls(options = {}): ReturnType<SmtpSession['startTls']> {
    const asked = startTlsQuestion(this.transcript.id, this.#steps++, options);
    const exchange = await this.#timeline.take('starttls', asked);
    if (exchange === undefined) return MISSING;
    const { result, extensions } = exchange;
    this.extensions = new Map(extensions);
    if (result.status !== 'secured') return result;
    this.tls = giveTls(result.tls);
    return { ...result, tls: this.tls };
  }

  async quit(): Promise<void> {
    await this.#timeline.take('quit', this.#question('quit'));
  }

  async #reply(kind: string, lines: readonly string[]): Promise<SmtpResult> {
    return (await this.#timeline.take('reply', this.#question(kind, lines)))?.result ?? MISSING;
  }

  #question(kind: string, lines?: readonly string[]): string {
    return stepQuestion(this.transcript.id, this.#steps++, kind, lines);
  }
}

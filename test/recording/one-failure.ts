/**
 * Replays a recorded run with one exchange replaced by a failure, and says what got better by it. Ignorance must not
 * improve a verdict: no check may move to pass, and no finding may disappear unless its check says that it could not
 * see something.
 */
import type { DnsFailureStatus, RecordType, Resolver } from '../../src/network/dns/answer.ts';
import type { SmtpFailure, SmtpFailureStatus, SmtpReply } from '../../src/network/smtp/types.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { Exchange, ExchangeOf, RecordedRun } from '../../src/recording/schema.ts';
import { type ExchangeSource, Timeline } from '../../src/recording/timeline.ts';
import type { FindingResult, Report, RuleResult, Status } from '../../src/report/status.ts';

/** One way in which an exchange can fail. */
export type Fault =
  | 'servfail'
  | 'refused'
  | 'timeout'
  | 'truncated'
  | 'garbled'
  | 'lost'
  | '421'
  | '5yz'
  | 'not listed';

/** The faults of each kind of exchange. A refused connection is an answer, and no fault. */
const FAULTS: Readonly<Record<Exchange['kind'], readonly Fault[]>> = {
  dns: ['servfail', 'refused', 'timeout', 'truncated', 'garbled'],
  'yes-or-no': ['not listed'],
  connect: ['timeout', 'lost', 'garbled', '421', '5yz'],
  reach: ['timeout', 'lost'],
  hello: ['timeout', 'lost', 'garbled', '421', '5yz'],
  reply: ['timeout', 'lost', 'garbled', '421', '5yz'],
  replies: ['timeout', 'lost', 'garbled', '421', '5yz'],
  starttls: ['timeout', 'lost', 'garbled', '421', '5yz'],
  quit: [],
  // The result follows from DNS answers, which are replaced one by one.
  verification: [],
  deadline: [],
};

/** One exchange that is replaced, and how. */
export interface Replacement {
  /** The position in the recording. */
  readonly position: number;
  /** The place of the reply in a group of replies; 0 for all other exchanges. */
  readonly place: number;
  readonly fault: Fault;
}

/** @returns every replacement of the run. */
export function replacementsOf({ exchanges }: RecordedRun): Replacement[] {
  return exchanges.flatMap((exchange, position) => {
    const places = exchange.kind === 'replies' ? exchange.result.length : 1;
    return FAULTS[exchange.kind].flatMap((fault) =>
      Array.from({ length: places }, (_, place) => ({ position, place, fault })),
    );
  });
}

/** @returns one line that names the replacement. */
export function nameOf({ position, place, fault }: Replacement, { exchanges }: RecordedRun): string {
  const exchange = exchanges[position];
  const asked = exchange?.asked.split('\n').join(' | ') ?? '';
  return `${exchange?.kind} ${asked.slice(0, 160)}${place > 0 ? ` (reply ${place + 1})` : ''}: ${fault}`;
}

const DNS_STATUS: Partial<Record<Fault, DnsFailureStatus>> = {
  servfail: 'servfail',
  refused: 'refused',
  timeout: 'timeout',
  truncated: 'truncated-no-tcp',
  garbled: 'malformed',
};

const SMTP_STATUS: Partial<Record<Fault, SmtpFailureStatus>> = {
  timeout: 'timeout',
  lost: 'closed',
  garbled: 'malformed',
};

function smtpResult(fault: Fault): SmtpFailure | { readonly status: 'reply'; readonly reply: SmtpReply } {
  const status = SMTP_STATUS[fault];
  if (status !== undefined) return { status, detail: `a test replaced the reply (${fault})` };
  // The wording is known to nothing. Only the code tells.
  const text = 'Qwertz uiop';
  const reply =
    fault === '421' ? { code: 421, enhanced: null, lines: [text] } : { code: 550, enhanced: null, lines: [text] };
  return { status: 'reply', reply };
}

/** Whether the connection ends with the fault. */
const endsConnection = (fault: Fault): boolean => fault !== '5yz';

/** @returns the recorded run with the replacement made. What came later in the same connection is lost, too. */
export function withFailure(run: RecordedRun, replacement: Replacement): RecordedRun {
  const { position, fault } = replacement;
  const exchanges = [...run.exchanges];
  const replaced = exchanges[position];
  if (replaced === undefined) throw new Error('no such exchange');
  exchanges[position] = failed(replaced, replacement);
  const connection = connectionOf(replaced);
  if (connection !== undefined && endsConnection(fault)) {
    for (const [index, later] of exchanges.entries()) {
      if (index > position && connectionOf(later) === connection)
        exchanges[index] = failed(later, { ...replacement, place: 0, fault: 'lost' });
    }
  }
  return { ...run, exchanges };
}

/** @returns the id of the connection that a step belongs to. */
function connectionOf({ kind, asked }: Exchange): string | undefined {
  const isStep = ['connect', 'hello', 'reply', 'replies', 'starttls', 'quit'].includes(kind);
  return isStep ? asked.split(/, step \d|: TLS/)[0] : undefined;
}

function failed(exchange: Exchange, { place, fault }: Replacement): Exchange {
  switch (exchange.kind) {
    case 'dns': {
      const { result } = exchange;
      const { name, type, server, transport, durationMs, authenticated, authoritative, extendedErrors } = result;
      const status = DNS_STATUS[fault] ?? 'servfail';
      const facts = {
        name,
        type,
        server,
        transport,
        durationMs,
        authenticated,
        authoritative,
        extendedErrors,
        chain: [],
      };
      return { ...exchange, result: { ...facts, status, detail: `a test replaced the answer (${fault})` } };
    }
    case 'yes-or-no':
      return exchange.asked.includes('TLS library') ? exchange : { ...exchange, result: false };
    case 'connect': {
      const result = smtpResult(fault);
      if (result.status !== 'reply') return { ...exchange, result };
      const timings = { connectMs: 1, greetingMs: 1 };
      return { ...exchange, result: { status: 'connected', greeting: result.reply, tls: null, timings } };
    }
    case 'reach': {
      const result = smtpResult(fault);
      return result.status === 'reply' ? exchange : { ...exchange, result };
    }
    case 'hello':
      return { ...exchange, result: smtpResult(fault), extensions: [] };
    case 'reply':
      return { ...exchange, result: smtpResult(fault) };
    case 'replies': {
      const own = smtpResult(fault);
      const after = endsConnection(fault) ? smtpResult('lost') : undefined;
      const result = exchange.result.map((old, index) =>
        index < place ? old : index === place ? own : (after ?? old),
      );
      return { ...exchange, result };
    }
    case 'starttls': {
      const result = smtpResult(fault);
      const failure =
        fault === 'garbled' ? { status: 'tls-failed' as const, detail: 'a test replaced the handshake' } : result;
      return {
        ...exchange,
        result: failure.status === 'reply' ? { status: 'declined', reply: failure.reply } : failure,
        extensions: [],
      };
    }
    default:
      return exchange;
  }
}

/** Answers DNS questions that the recorded run did not ask, as the zone of its world does. */
class SourceWithZone implements ExchangeSource {
  readonly #timeline: Timeline;
  readonly #zone: Resolver | undefined;

  constructor(timeline: Timeline, zone: Resolver | undefined) {
    this.#timeline = timeline;
    this.#zone = zone;
  }

  get missing(): readonly string[] {
    return this.#timeline.missing;
  }

  async take<K extends Exclude<Exchange['kind'], 'deadline'>>(
    kind: K,
    asked: string,
  ): Promise<ExchangeOf<K> | undefined> {
    const taken = await this.#timeline.take(kind, asked);
    if (taken !== undefined || kind !== 'dns' || this.#zone === undefined) return taken;
    const [, name = '', type = ''] = /: (.*) ([A-Z]+)$/.exec(asked) ?? [];
    const result = await this.#zone.query(name, type as RecordType);
    return { kind, asked, result } as unknown as ExchangeOf<K>;
  }

  given<K extends Exchange['kind']>(kind: K): ExchangeOf<K>[] {
    return this.#timeline.given(kind);
  }

  pause(): Promise<void> {
    return this.#timeline.pause();
  }

  settled(): Promise<void> {
    return this.#timeline.settled();
  }

  end(): void {
    this.#timeline.end();
  }
}

/** @returns the report of a replay. Questions that were not recorded are answered from the zone. */
export async function reportOf(run: RecordedRun, zone?: Resolver): Promise<Report> {
  const { report } = await replayRun(
    run,
    {
      onFault: (_, error) => {
        throw error;
      },
    },
    (onDeadline) => new SourceWithZone(new Timeline(run.exchanges, run.unfinished, onDeadline), zone),
  );
  return report;
}

/** What a replay with one failure shows in a better light. */
export interface Improvement {
  readonly rule: string;
  /** The change of the rule's status to pass, or the code of the finding that disappeared. */
  readonly what: string;
  /** The codes of the findings that the rule has now. */
  readonly now: readonly string[];
}

/** An improvement that is right. */
interface Exception {
  readonly reason: string;
  readonly holds: (improvement: Improvement) => boolean;
}

/** Every improvement that is right, with its reason. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    reason: 'A handshake that fails hides the certificate and the versions, and is an error itself.',
    holds: ({ what, now }) => what.startsWith('tls/') && now.includes('tls/handshake-failed'),
  },
];

const keyOf = ({ code, about }: FindingResult): string => JSON.stringify([code, Object.entries(about).sort()]);

/** @returns what the failure shows in a better light than the base does, without the exceptions. */
export function improvements(base: Report, report: Report): Improvement[] {
  return base.rules
    .flatMap((rule) => improvementsOf(rule, report))
    .filter((improvement) => !EXCEPTIONS.some(({ holds }) => holds(improvement)));
}

function improvementsOf(rule: RuleResult, report: Report): Improvement[] {
  const after = report.rules.find(({ id }) => id === rule.id);
  const now = after?.findings.map(({ code }) => code) ?? [];
  // What a consequence says follows from the checks, and one of them says that it could not see something.
  if (rule.kind === 'consequence' && report.rules.some(({ status }) => status === 'inconclusive')) return [];
  if (after === undefined) return [{ rule: rule.id, what: 'the rule disappeared', now }];
  if (IS_OPEN[rule.status] && !IS_OPEN[after.status]) {
    return [{ rule: rule.id, what: `${rule.status} → ${after.status}`, now }];
  }
  // The check says that it could not see something.
  if (after.findings.some(({ severity }) => severity === 'inconclusive')) return [];
  const left = new Set(after.findings.map(keyOf));
  return rule.findings
    .filter((finding) => !left.has(keyOf(finding)))
    .map(({ code }) => ({ rule: rule.id, what: code, now }));
}

/** Whether a status asks for something to be done. */
const IS_OPEN: Readonly<Record<Status, boolean>> = {
  fail: true,
  warn: true,
  inconclusive: true,
  pass: false,
  skipped: false,
};

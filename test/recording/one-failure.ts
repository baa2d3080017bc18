/**
 * Replays a recorded run with one exchange replaced by a failure, and says what got better by it. Ignorance must not
 * improve a verdict: no check may move to pass, and no finding may disappear unless its check says that it could not
 * see something.
 */
import type { LiveFailureStatus, RecordType, Resolver } from '../../src/network/dns/answer.ts';
import { TYPE } from '../../src/network/dns/record-types.ts';
import type { SignedResolver } from '../../src/network/dns/signed.ts';
import type { SmtpFailure, SmtpFailureStatus, SmtpReply } from '../../src/network/smtp/types.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { Exchange, ExchangeOf, RecordedRun } from '../../src/recording/schema.ts';
import { keepSigned } from '../../src/recording/signed-exchange.ts';
import { type ExchangeSource, Timeline } from '../../src/recording/timeline.ts';
import type { FindingResult, Report, RuleResult, Status } from '../../src/report/status.ts';
import type { Random } from '../random.ts';

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
  signed: ['servfail', 'refused', 'timeout', 'truncated', 'garbled'],
  'yes-or-no': ['not listed'],
  connect: ['timeout', 'lost', 'garbled', '421', '5yz'],
  reach: ['timeout', 'lost'],
  https: ['timeout', 'lost', 'garbled'],
  hello: ['timeout', 'lost', 'garbled', '421', '5yz'],
  reply: ['timeout', 'lost', 'garbled', '421', '5yz'],
  replies: ['timeout', 'lost', 'garbled', '421', '5yz'],
  starttls: ['timeout', 'lost', 'garbled', '421', '5yz'],
  quit: [],
  // A file of this machine: it is there or not.
  stamp: [],
  sighting: [],
  // The result follows from DNS answers, which are replaced one by one.
  verification: [],
  // Whether the run waited for something slow.
  patience: [],
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
      Array.from({ length: places }, (_, place) => ({ position, place, fault })).filter(({ place }) =>
        isWorse(fault, statusOf(exchange, place)),
      ),
    );
  });
}

/** @returns the status of a recorded exchange. */
function statusOf({ kind, ...exchange }: Exchange, place: number): string {
  const result = 'result' in exchange ? exchange.result : null;
  const one: unknown = Array.isArray(result) && kind === 'replies' ? result[place] : result;
  return typeof one === 'object' && one !== null && 'status' in one ? String(one.status) : 'reply';
}

/**
 * Tells whether the fault shows less than what was recorded. A reply shows more than a failed connection does. What
 * mailcheck decides itself, such as not to connect, is no exchange.
 */
function isWorse(fault: Fault, status: string): boolean {
  if (['forbidden', 'capped', 'aborted', 'no-route'].includes(status)) return false;
  const isReply = fault === '421' || fault === '5yz';
  return !isReply || ['connected', 'reply', 'secured', 'declined'].includes(status);
}

/** @returns one line that names the replacement. */
export function nameOf({ position, place, fault }: Replacement, { exchanges }: RecordedRun): string {
  const exchange = exchanges[position];
  const asked = exchange?.asked.split('\n').join(' | ') ?? '';
  return `${exchange?.kind} ${asked.slice(0, 160)}${place > 0 ? ` (reply ${place + 1})` : ''}: ${fault}`;
}

/** The failures of a lookup that the network can cause. */
type NetworkFailure = Exclude<LiveFailureStatus, 'local-data' | 'unasked'>;

const DNS_STATUS: Partial<Record<Fault, NetworkFailure>> = {
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

const HTTPS_STATUS = { timeout: 'timeout', lost: 'reset', garbled: 'malformed' } as const;

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
    case 'signed': {
      const status = DNS_STATUS[fault] ?? 'servfail';
      const detail = `a test replaced the reply (${fault})`;
      return { ...exchange, result: { kind: 'failed', status, detail } };
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
    case 'https': {
      const status = fault === 'lost' || fault === 'garbled' ? HTTPS_STATUS[fault] : HTTPS_STATUS.timeout;
      const detail = `a test replaced the response (${fault})`;
      return { ...exchange, result: { status, detail } };
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

/** What stands for the DNS of a recorded run. One without signatures has none to give. */
type Zone = Resolver | (Resolver & SignedResolver);

/** Answers DNS questions that the recorded run did not ask, as the zone of its world does. */
class SourceWithZone implements ExchangeSource {
  readonly #timeline: Timeline;
  readonly #zone: Zone | undefined;

  constructor(timeline: Timeline, zone: Zone | undefined) {
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
    if (taken === undefined && kind === 'signed' && this.#zone && 'signed' in this.#zone) {
      const [, name = '', type = ''] = /: (\S*)\. (\S+) with signatures$/.exec(asked) ?? [];
      const number = Object.entries(TYPE).find(([text]) => text === type)?.[1] ?? Number(type.slice('TYPE'.length));
      const reply = await this.#zone.signed(name, number);
      return keepSigned(asked, { name, type: number, transport: 'udp', durationMs: 1, reply }) as ExchangeOf<K>;
    }
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
export async function reportOf(run: RecordedRun, zone?: Zone): Promise<Report> {
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

/** @returns as many replacements as asked for, drawn at random. */
export function drawnFrom(run: RecordedRun, size: number, random: Random): Replacement[] {
  const all = replacementsOf(run);
  return Array.from({ length: size }, () => all[Math.floor(random() * all.length)]).flatMap((one) => one ?? []);
}

/** @returns a line for each improvement that one of the replacements makes. There must be none. */
export async function improvementsBy(
  run: RecordedRun,
  replacements: readonly Replacement[],
  zone: Zone,
): Promise<string[]> {
  if (replacements.length === 0) return [];
  const base = await reportOf(run, zone);
  const found: string[] = [];
  for (const replacement of replacements) {
    const report = await reportOf(withFailure(run, replacement), zone);
    const by = causeOf(run, replacement);
    for (const { rule, what, now } of improvements(base, report, by)) {
      found.push(`${rule}: ${what}, now ${now.join(' ') || 'nothing'}; by ${nameOf(replacement, run)}`);
    }
  }
  return found;
}

function causeOf({ exchanges }: RecordedRun, { position, fault }: Replacement): Cause {
  const anchors = exchanges.filter(({ kind, asked }) => kind === 'connect' && asked.includes(' anchor '));
  return { asked: exchanges[position]?.asked ?? '', fault, anchors: anchors.length };
}

/** What a replay with one failure shows in a better light. */
export interface Improvement {
  readonly rule: string;
  /** The change of the rule's status to pass, or the code of the finding that disappeared. */
  readonly what: string;
  /** The codes of the findings that the rule has now. */
  readonly now: readonly string[];
  /** Those of them that the rule did not have before. */
  readonly fresh: readonly string[];
  /** The codes of the findings that a receiver's answer rested on. */
  readonly causes?: readonly string[];
  readonly by: Cause;
}

/** What was replaced. */
interface Cause {
  /** The question. */
  readonly asked: string;
  readonly fault: Fault;
  /** The number of mail servers of others that the run connected to. */
  readonly anchors: number;
}

/** The errors that say that a host relays. */
const OPEN_RELAY: readonly string[] = [
  'open-relay/open',
  'open-relay/by-sender',
  'open-relay/by-rewrite',
  'open-relay/rcpt-accepted',
];

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
  {
    reason:
      'A handshake that is broken off is how a server refuses a version or a suite. No client can tell them apart.',
    holds: ({ rule, by: { asked, fault } }) => rule === 'tls' && fault === 'garbled' && asked.includes('maxVersion='),
  },
  {
    reason: 'A relay stays an error: the message that would prove it, or one of several ways, is what was not seen.',
    holds: ({ what, now }) =>
      what.startsWith('open-relay/') && now.some((code) => OPEN_RELAY.includes(code) && code !== what),
  },
  {
    reason: 'Several mail servers are tried, so that one of them may fail. The note says how many answered.',
    holds: ({ rule, by: { asked, anchors } }) =>
      ['egress', 'provider'].includes(rule) && asked.includes(' anchor ') && anchors >= 3,
  },
  {
    reason: 'A mail server that turns the host away is a finding. What it would have shown otherwise is not to be had.',
    holds: ({ rule, now }) => rule === 'egress' && now.includes('egress/refused-by-anchor'),
  },
  {
    reason: 'A host that reaches nothing over IPv6, and is not tested for it, has no IPv6.',
    holds: ({ what, by: { asked } }) => what === 'egress/ipv6-blocked' && asked.includes(' control '),
  },
  {
    reason:
      'An entry on an allow list is praise. Its absence improves nothing, and the report says that it was not seen.',
    holds: ({ what, now }) => what === 'rbl/welcome-listed' && now.includes('rbl/not-asked'),
  },
  {
    reason: 'No receiver tests whether a host relays. An open relay counts where it was found.',
    holds: ({ rule, causes = [] }) =>
      rule === 'receiver' && causes.length > 0 && causes.every((code) => code.startsWith('open-relay/')),
  },
  {
    reason:
      'With --send-only a silent port is expected. The check is then skipped, and says that nothing is known of the port.',
    holds: ({ rule, what }) => ['open-relay', 'tls'].includes(rule) && what.endsWith(' → skipped'),
  },
  {
    reason:
      'The name servers are asked about what another check found, which stays. With --authoritative, a gap says what was not seen of them.',
    holds: ({ rule, what }) =>
      rule === 'dns' &&
      (/^dns\/(?:lame-delegation|authoritative-disagreement|stale-cache)$/.test(what) || what === 'warn → pass'),
  },
  {
    reason:
      'Whether it is safe to switch to a key is only said, unless the run waits for it. What was not seen of the name servers is said then, or another check finds that the key is not there.',
    holds: ({ rule, what, now }) =>
      rule === 'dkim' &&
      (/^dkim\/(?:safe-to-switch|not-safe-yet|not-at-all-servers)$/.test(what) || what === 'warn → pass') &&
      (now.includes('dkim/not-safe-yet') || now.includes('dkim/key-mismatch') || now.includes('dkim/selector-missing')),
  },
  {
    reason: 'A lookup of TLSA records that fails in a signed zone is an error itself: senders wait then.',
    holds: ({ rule, now }) => rule === 'dane' && now.includes('dane/lookup-fails'),
  },
  {
    reason:
      'No sender asks for TLSA records in a zone that is not signed, so a lookup that fails there delays no mail. The note then says no more than that.',
    holds: ({ rule, what, now, by: { asked } }) =>
      rule === 'dane' &&
      asked.endsWith(' TLSA') &&
      now.length === 0 &&
      ['dane/absent', 'dane/unsigned', 'warn → pass'].includes(what),
  },
  {
    reason: 'A policy that cannot be fetched is an error itself, and hides what the policy says.',
    holds: ({ what, now }) => what.startsWith('mta-sts/') && now.includes('mta-sts/policy-unreachable'),
  },
  {
    reason: 'Without a record no sender asks for the policy. That one is served is for information only.',
    holds: ({ what, now }) => what === 'mta-sts/orphan-policy' && now.includes('mta-sts/absent'),
  },
  {
    reason:
      'The zone of a PTR record belongs to others. What is wrong with its signatures is only said, and can be missed.',
    holds: ({ what, by: { asked } }) => what === 'dnssec/bogus' && /\barpa\b/.test(asked),
  },
  {
    reason: 'No receiver reads a record of the old type SPF. That one is published is for information only.',
    holds: ({ what, by: { asked } }) => what === 'spf/type99' && asked.endsWith(' SPF'),
  },
  {
    reason: 'A finding that says what is wrong stands in the place of one that says that it was not seen.',
    holds: ({ what, fresh }) => what.endsWith('/inconclusive') && fresh.length > 0,
  },
];

const keyOf = ({ code, about }: FindingResult): string => JSON.stringify([code, Object.entries(about).sort()]);

/** @returns what the failure shows in a better light than the base does, without the exceptions. */
export function improvements(base: Report, report: Report, by: Cause): Improvement[] {
  return [...base.rules.flatMap((rule) => improvementsOf(rule, report)), ...acceptancesIn(base, report)]
    .map((improvement) => ({ ...improvement, by }))
    .filter((improvement) => !EXCEPTIONS.some(({ holds }) => holds(improvement)));
}

function improvementsOf(rule: RuleResult, report: Report): Omit<Improvement, 'by'>[] {
  const after = report.rules.find(({ id }) => id === rule.id);
  const now = after?.findings.map(({ code }) => code) ?? [];
  const fresh = now.filter((code) => !rule.findings.some((finding) => finding.code === code));
  // What a consequence says follows from the checks, and one of them says that it could not see something.
  const isBlind = report.rules.some(({ findings }) => findings.some(({ severity }) => severity === 'inconclusive'));
  if (rule.kind === 'consequence' && isBlind) return [];
  if (after === undefined) return [{ rule: rule.id, what: 'the rule disappeared', now, fresh }];
  if (IS_OPEN[rule.status] && !IS_OPEN[after.status]) {
    return [{ rule: rule.id, what: `${rule.status} → ${after.status}`, now, fresh }];
  }
  // The check says that it could not see something.
  if (after.findings.some(({ severity }) => severity === 'inconclusive')) return [];
  const left = new Set(after.findings.map(keyOf));
  return rule.findings
    .filter((finding) => !left.has(keyOf(finding)))
    .map(({ code }) => ({ rule: rule.id, what: code, now, fresh }));
}

/** @returns the receivers that accept the mail only since the failure. */
function acceptancesIn(base: Report, report: Report): Omit<Improvement, 'by'>[] {
  const accepting = new Set(report.receivers.filter(({ outcome }) => outcome === 'accepts').map(({ id }) => id));
  return base.receivers
    .filter(({ id, outcome }) => outcome !== 'accepts' && accepting.has(id))
    .map(({ id, causes }) => ({ rule: 'receiver', what: `${id} accepts`, now: [], fresh: [], causes }));
}

/** Whether a status asks for something to be done. */
const IS_OPEN: Readonly<Record<Status, boolean>> = {
  fail: true,
  warn: true,
  inconclusive: true,
  pass: false,
  skipped: false,
};

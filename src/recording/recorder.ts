/** Records a run: lets it have the world as it is, and keeps what comes from there. */
import { maskedTexts, textRedactor } from '../dns/redact.ts';
import { keySecrets } from '../lists/catalogue.ts';
import type { Outside } from '../outside.ts';
import type { RunOptions, RunTarget } from '../run.ts';
import { DEADLINE, VERIFICATION } from './questions.ts';
import { recordDns } from './record-dns.ts';
import { recordSmtp } from './record-smtp.ts';
import type { Exchange, RecordedRun } from './schema.ts';
import { keepSettings } from './settings.ts';

/** When an exchange was asked for and when it came, in milliseconds since the recorder started. */
export interface Clocking {
  readonly startMs: number;
  readonly endMs: number;
}

/** What is observed, in the order it comes. */
export class Notebook {
  readonly exchanges: Exchange[] = [];
  /** When, at the same positions; it is no part of the recording. */
  readonly clockings: Clocking[] = [];
  /** Questions without an answer so far. */
  readonly unfinished = new Set<string>();

  readonly #started = performance.now();

  /** Waits for what was asked, and notes it. */
  async observe<T>(asked: string, coming: Promise<T>, exchange: (outcome: T) => Exchange): Promise<T> {
    this.unfinished.add(asked);
    const startMs = this.#elapsed();
    const outcome = await coming;
    this.unfinished.delete(asked);
    this.note(exchange(outcome), startMs);
    return outcome;
  }

  note(exchange: Exchange, startMs = this.#elapsed()): void {
    this.exchanges.push(exchange);
    this.clockings.push({ startMs, endMs: this.#elapsed() });
  }

  #elapsed(): number {
    return performance.now() - this.#started;
  }
}

export interface Recorder {
  readonly outside: Outside;
  /** @returns what was recorded so far. */
  recorded(): RecordedRun;
  /** When the exchanges were, at the same positions. */
  readonly clockings: readonly Clocking[];
}

export function startRecorder(outside: Outside, target: RunTarget, options: RunOptions): Recorder {
  const notebook = new Notebook();
  const durations: { what: string; ms: number }[] = [];
  const mask = textRedactor(keySecrets(options.settings.listKeys ?? {}));
  const { environment, signal } = outside;
  const onDeadline = (): void => {
    notebook.note({ kind: 'deadline', asked: DEADLINE });
  };
  signal.addEventListener('abort', onDeadline);
  return {
    outside: {
      ...outside,
      dns: recordDns(outside.dns, notebook, mask),
      smtp: recordSmtp(outside.smtp, notebook),
      async verifyMessage(resolver) {
        const names: string[] = [];
        const noting: typeof resolver = {
          query(name, type) {
            names.push(name);
            return resolver.query(name, type);
          },
        };
        return notebook.observe(VERIFICATION, outside.verifyMessage(noting), (result) => ({
          kind: 'verification',
          asked: VERIFICATION,
          result,
          names: [...new Set(names)],
        }));
      },
      stopwatch(what) {
        const read = outside.stopwatch(what);
        return () => {
          const ms = read();
          durations.push({ what, ms });
          return ms;
        };
      },
      end() {
        signal.removeEventListener('abort', onDeadline);
        outside.end();
      },
    },
    clockings: notebook.clockings,
    recorded: () => {
      const { domain, ips, helo, selectors } = target;
      const { severity = {}, accept = [] } = options.judgement ?? {};
      const run: RecordedRun = {
        target: { domain, ips, selectors, ...(helo === undefined ? {} : { helo }) },
        ...keepSettings(options.settings),
        ruleIds: options.ruleIds ?? null,
        transcript: options.transcript ?? false,
        proposed: options.proposed ?? [],
        judgement: {
          severity: Object.entries(severity).map(([code, configured]) => ({ code, severity: configured })),
          accept,
        },
        environment,
        exchanges: [...notebook.exchanges],
        unfinished: [...notebook.unfinished],
        transcripts: outside.smtp.transcripts.map(({ id, lines }) => ({ id, lines: [...lines] })),
        durations: [...durations],
      };
      // The clients mask what they hand out; this holds also for what the user typed. The shape stays as it is.
      return maskedTexts(run, mask) as RecordedRun;
    },
  };
}

/** Records a run. The run uses the real network and machine, and the recorder notes everything that it receives. */

import type { Patience } from '../check/facts/fact.ts';
import type { RunOptions } from '../check/run.ts';
import type { RunTarget } from '../check/target.ts';
import type { World } from '../check/world.ts';
import { keySecrets } from '../knowledge/lists/catalogue.ts';
import { maskedTexts, textRedactor } from '../network/dns/redact.ts';
import type { Transcript } from '../network/smtp/types.ts';
import { type Clocking, Notebook } from './notebook.ts';
import { DEADLINE, sightingQuestion, stampQuestion, VERIFICATION } from './questions.ts';
import { recordDns } from './record-dns.ts';
import { recordHttps } from './record-https.ts';
import { recordSmtp } from './record-smtp.ts';
import type { RecordedRun } from './schema.ts';
import { keepSettings } from './settings.ts';

/** The recorder of one run. */
export interface Recorder {
  /** The world for the run to use. Nothing that arrives after the end of the world is recorded. */
  readonly world: World;
  /** @returns the recording of the run, and the times of its exchanges at the same positions. */
  recorded(): { readonly run: RecordedRun; readonly clockings: readonly Clocking[] };
}

/**
 * Starts to record a run.
 *
 * @param world the real network and machine.
 * @param target the target of the run, which becomes part of the recording.
 * @param options the options of the run. Their list keys are masked wherever they occur in the recording.
 */
export function startRecorder(world: World, target: RunTarget, options: RunOptions): Recorder {
  const notebook = new Notebook();
  const durations: { what: string; ms: number }[] = [];
  const cutOff: string[] = [];
  const mask = textRedactor(keySecrets(options.settings.listKeys ?? {}));
  const { start, signal } = world;
  const onDeadline = (): void => {
    notebook.note({ kind: 'deadline', asked: DEADLINE });
  };
  signal.addEventListener('abort', onDeadline);
  const kept = () => ({
    exchanges: [...notebook.exchanges],
    clockings: [...notebook.clockings],
    unfinished: [...notebook.unfinished],
    transcripts: world.smtp.transcripts.map(keepTranscript),
  });
  /** Notes the end of a patience, if it comes. */
  const noted = (what: string, live: Patience): Patience => {
    const startMs = notebook.elapsed();
    live.promise.then(() => notebook.note({ kind: 'patience', asked: what }, startMs));
    return live;
  };
  let atEnd: ReturnType<typeof kept> | undefined;
  return {
    world: {
      ...world,
      dns: recordDns(world.dns, notebook, mask),
      smtp: recordSmtp(world.smtp, notebook),
      https: recordHttps(world.https, notebook),
      async verifyMessage(resolver) {
        const names: string[] = [];
        const noting: typeof resolver = {
          query(name, type) {
            names.push(name);
            return resolver.query(name, type);
          },
        };
        return notebook.observe(VERIFICATION, world.verifyMessage(noting), (result) => ({
          kind: 'verification',
          asked: VERIFICATION,
          result,
          names: [...new Set(names)],
        }));
      },
      patience: (what, milliseconds) => noted(what, world.patience(what, milliseconds)),
      nearEnd: (what) => noted(what, world.nearEnd(what)),
      stamps: {
        keep: (...stamp) => world.stamps.keep(...stamp),
        release: (...stamp) => world.stamps.release(...stamp),
        claim(receiver, ip, now) {
          const asked = stampQuestion(receiver, ip);
          return notebook.observe(asked, world.stamps.claim(receiver, ip, now), (result) => {
            return { kind: 'stamp', asked, result };
          });
        },
      },
      keys: {
        keep: (...sighting) => world.keys.keep(...sighting),
        known(name, fingerprint) {
          const asked = sightingQuestion(name, fingerprint);
          return notebook.observe(asked, world.keys.known(name, fingerprint), (result) => {
            return { kind: 'sighting', asked, result };
          });
        },
      },
      cutOff(what) {
        const live = world.cutOff(what);
        live.promise.then(() => cutOff.push(what));
        return live;
      },
      stopwatch(what) {
        const read = world.stopwatch(what);
        return () => {
          const ms = read();
          durations.push({ what, ms });
          return ms;
        };
      },
      end() {
        signal.removeEventListener('abort', onDeadline);
        world.end();
        atEnd ??= kept();
      },
    },
    recorded: () => {
      const { exchanges, clockings, unfinished, transcripts } = atEnd ?? kept();
      const { domain, ips, helo, selectors, given } = target;
      const { severity = {}, accept = [], allowInconclusive } = options.judgement ?? {};
      const run: RecordedRun = {
        target: {
          domain,
          ips,
          selectors,
          ...(helo === undefined ? {} : { helo }),
          ...(given === undefined ? {} : { given }),
        },
        ...keepSettings(options.settings),
        ruleIds: options.ruleIds ?? null,
        transcript: options.transcript ?? false,
        proposed: options.proposed ?? [],
        judgement: {
          ...(allowInconclusive === undefined || allowInconclusive.length === 0 ? {} : { allowInconclusive }),
          severity: Object.entries(severity).map(([code, configured]) => ({ code, severity: configured })),
          accept,
        },
        environment: start,
        exchanges,
        unfinished,
        transcripts,
        durations: [...durations],
        cutOff: [...cutOff],
      };
      // The clients mask their answers. This masks what the user typed too. Masking changes no types, only strings.
      return { run: maskedTexts(run, mask) as RecordedRun, clockings };
    },
  };
}

function keepTranscript({ id, cause, dials = 1, lines }: Transcript): RecordedRun['transcripts'][number] {
  return { id, ...(cause === undefined ? {} : { cause }), ...(dials === 1 ? {} : { dials }), lines: [...lines] };
}

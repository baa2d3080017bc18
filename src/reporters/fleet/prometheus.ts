/**
 * Writes the sums of a run as metrics, in the text format that node_exporter's textfile collector reads. Every label has a
 * closed set of values: verdicts, the codes and rules of mailcheck, the zones of known lists. No name, tag or text of a
 * target is among them, so that a fleet of any size has the same few series.
 */
import { knownCodes, knownRules } from '../../knowledge/guides/guide.ts';
import { knownZones } from '../../knowledge/lists/zones.ts';
import type { FleetSummary } from '../../report/fleet.ts';
import { summaryOf } from '../../report/tally.ts';
import type { FleetReporter } from '../fleet-reporter.ts';
import type { Reporter } from '../reporter.ts';

/** One value of a metric. */
interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The label of what is not in a closed set, such as a list that the user named with `--dnsbl`. */
const OTHER = 'other';

/**
 * The metrics, all of them gauges: a run does not know what earlier runs counted. A metric without a sample is left out.
 */
const METRICS: Readonly<Record<string, { readonly help: string; samples(summary: FleetSummary): readonly Sample[] }>> =
  {
    mailcheck_run_start_timestamp_seconds: {
      help: 'When the last run started, in seconds since the epoch.',
      samples: ({ startedAt }) => time(startedAt),
    },
    mailcheck_run_end_timestamp_seconds: {
      help: 'When the last run ended, in seconds since the epoch.',
      samples: ({ endedAt }) => time(endedAt),
    },
    mailcheck_run_duration_seconds: {
      help: 'How long the last run took.',
      samples: ({ startedAt, endedAt }) => {
        const value = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
        return Number.isFinite(value) ? [{ value }] : [];
      },
    },
    mailcheck_run_complete: {
      help: 'Whether the last run judged all targets: 1, or 0 where it ended before, or lines of its input are no targets.',
      samples: (summary) => [{ value: isWhole(summary) ? 1 : 0 }],
    },
    mailcheck_targets: {
      help: 'Targets that were judged, by verdict.',
      samples: ({ verdicts }) =>
        (['pass', 'warn', 'fail', 'inconclusive'] as const).map((verdict) => ({
          labels: { verdict },
          value: verdicts[verdict],
        })),
    },
    mailcheck_targets_not_judged: {
      help: 'Targets that were not judged, because the run ended before.',
      samples: ({ notJudged }) => [{ value: notJudged }],
    },
    mailcheck_input_lines_wrong: {
      help: 'Lines of the input that are no targets.',
      samples: ({ wrongLines }) => [{ value: wrongLines.count }],
    },
    mailcheck_finding_targets: {
      help: 'Targets that have a finding, by its code and the worst severity that it has.',
      samples: ({ causes }) => {
        const codes = knownCodes();
        return summed(causes, ({ code, severity }) => ({ code: codes.has(code) ? code : OTHER, severity }));
      },
    },
    mailcheck_rule_unknown_targets: {
      help: 'Targets in which a check could not see everything, by the id of the check.',
      samples: ({ unknown }) => {
        const rules = knownRules();
        return summed(pairs(unknown), ({ word }) => ({ rule: rules.has(word) ? word : OTHER }));
      },
    },
    mailcheck_list_targets: {
      help: 'Targets that a block list lists, by the zone of the list.',
      samples: ({ listings }) => {
        const zones = knownZones();
        return summed(pairs(listings), ({ word }) => ({ list: zones.has(word) ? word : OTHER }));
      },
    },
    mailcheck_expiry_seen: {
      help: 'Certificates, and zones with signatures, whose end was seen.',
      samples: ({ expiries }) => expiries.map(({ kind, seen }) => ({ labels: { kind }, value: seen })),
    },
    mailcheck_expiry_first_timestamp_seconds: {
      help: 'When the first certificate, or signature, ends, in seconds since the epoch.',
      samples: ({ expiries }) =>
        expiries.flatMap(({ kind, first }) => time(first).map(({ value }) => ({ labels: { kind }, value }))),
    },
    mailcheck_expiry_within: {
      help: 'Certificates, and zones with signatures, that end within so many days of the run; each counts in every longer time.',
      samples: ({ expiries }) =>
        expiries.flatMap(({ kind, within: { ended, days7, days14, days30 } }) => [
          { labels: { kind, days: '0' }, value: ended },
          { labels: { kind, days: '7' }, value: days7 },
          { labels: { kind, days: '14' }, value: days14 },
          { labels: { kind, days: '30' }, value: days30 },
        ]),
    },
    mailcheck_changed_targets: {
      help: 'Targets that became worse or better since the runs before, and those that are new or gone.',
      samples: ({ changes }) =>
        changes === undefined
          ? []
          : [
              { labels: { change: 'worse' }, value: changes.worse },
              { labels: { change: 'better' }, value: changes.better },
              { labels: { change: 'new' }, value: changes.new },
              { labels: { change: 'gone' }, value: changes.gone.count },
            ],
    },
  };

/** The names of all metrics. */
export const METRIC_NAMES = Object.keys(METRICS);

function isWhole({ endedBy, notJudged, wrongLines }: FleetSummary): boolean {
  return endedBy === null && notJudged === 0 && wrongLines.count === 0;
}

function time(text: string): Sample[] {
  const value = Date.parse(text) / 1000;
  return Number.isFinite(value) ? [{ value }] : [];
}

const pairs = (counts: Readonly<Record<string, number>>): { word: string; targets: number }[] =>
  Object.entries(counts).map(([word, targets]) => ({ word, targets }));

/** Adds up what has the same labels, sorted by them, so that the file of two equal runs is the same. */
function summed<T extends { readonly targets: number }>(
  counts: readonly T[],
  labelsOf: (one: T) => Readonly<Record<string, string>>,
): Sample[] {
  const sums = new Map<string, { labels: Readonly<Record<string, string>>; value: number }>();
  for (const one of counts) {
    const labels = labelsOf(one);
    const key = JSON.stringify(labels);
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + one.targets });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sample]) => sample);
}

/** @returns the metrics of a run, with `# HELP` and `# TYPE` before each. */
export function prometheusText(summary: FleetSummary): string {
  return Object.entries(METRICS)
    .map(([name, { help, samples }]) => {
      const lines = samples(summary).map((sample) => `${name}${labelText(sample.labels)} ${sample.value}\n`);
      return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
    })
    .join('');
}

function labelText(labels: Sample['labels'] = {}): string {
  const texts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Writes the metrics at the end of a fleet run. */
export const prometheusFleet: FleetReporter = { end: prometheusText };

/** @returns the metrics of the reports of one run. */
export const prometheus: Reporter = (reports, { policy }) => prometheusText(summaryOf(reports, policy));

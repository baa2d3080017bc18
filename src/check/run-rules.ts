/** Runs the rules of one target at the same time, each to its end or to the deadline, and reports progress. */

import type { DnsFailure } from '../network/dns/answer.ts';
import { serverLabel } from '../network/dns/servers.ts';
import { faultText, type OnFault } from '../network/fault.ts';
import { findingKey } from '../report/fingerprint.ts';
import { type FindingResult, type RuleResult, type Status, statusOf } from '../report/status.ts';
import type { EditsOf, Found } from './conclusion/plan/found.ts';
import { type DomainAnswers, domainAnswers, failingLookup, isNonexistent } from './facts/domain-answers.ts';
import type { FactsOfRun, Sources } from './facts/fact.ts';
import { Gaps } from './facts/gaps.ts';
import type { ResolverFault } from './facts/resolver.ts';
import { withProxied } from './facts/web-proxy.ts';
import { type Causes, FoundByRule } from './found-by-rule.ts';
import type { Preflight } from './preflight.ts';
import { NO_SMTP, whyNoSmtp } from './rules/connections.ts';
import type { Finding } from './rules/finding.ts';
import { noAddress } from './rules/inconclusive.ts';
import { checks } from './rules/index.ts';
import { type Context, identityOf, type Note, type Rule } from './rules/rule.ts';
import { unseen } from './rules/unseen.ts';
import type { Settings } from './settings.ts';
import type { Proxied } from './target.ts';
import type { World } from './world.ts';

/** An event during a run. */
export type ProgressEvent =
  | { readonly kind: 'started'; readonly rule: string }
  /** The finding as the rule gave it. Only the report has the configured severity and the provider's steps. */
  | { readonly kind: 'found'; readonly rule: string; readonly finding: FindingResult }
  | {
      readonly kind: 'finished';
      readonly rule: string;
      readonly status: Status;
      /** The ids of the rules that still run. */
      readonly waiting: readonly string[];
    };

/** The options for running the rules. */
export interface RuleOptions {
  /** The ids of the rules to run. All rules when absent. Other rules are reported as skipped. */
  readonly ruleIds?: readonly string[];
  /** Receives each progress event. If it throws, the run ends and rejects with that error. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Receives a fault in mailcheck itself. The run goes on, and the affected check counts as not made. */
  readonly onFault?: OnFault;
}

/** @returns the rules with these ids, in report order. All rules when `ids` is `undefined`. */
export function selectedRules(ids: readonly string[] | undefined): readonly Rule[] {
  return checks.filter(({ id }) => ids?.includes(id) ?? true);
}

/** @returns the rules that the report names: all but those that need a setting which the user did not make. */
export function wantedRules(settings: Settings): readonly Rule[] {
  return checks.filter(({ onlyWith }) => onlyWith === undefined || settings[onlyWith] === true);
}

/**
 * @returns the rules that run: those with these ids, or all when `ids` is `undefined`. Without SMTP it leaves out those that
 *   need it.
 */
export function rulesToRun(ids: readonly string[] | undefined, settings: Settings): readonly Rule[] {
  const wanted = new Set(wantedRules(settings));
  return selectedRules(ids).filter((rule) => wanted.has(rule) && !(rule.needsSmtp && whyNoSmtp(settings) !== null));
}

/** What the checks of a run share. */
export interface RunContext extends Omit<Context, 'leaveOut'> {
  readonly facts: FactsOfRun<keyof Sources>;
  /** Gives the questions so far that nobody can answer before proposed records are published. None when absent. */
  readonly open?: () => readonly DnsFailure[];
}

/** Why a rule ends before its time: the resolver cannot be relied on, or the domain does not exist. */
type Ending = ResolverFault | 'no-domain';

/** The clocks of the rules. */
export type RuleTiming = Pick<World, 'stopwatch' | 'cutOff'>;

/**
 * @param edges the tested addresses that turn out to be a web proxy's. They are looked up beside the preflight, and what the
 *   rules find about them is left out.
 * @returns the result of every rule, in report order, and the edits that the findings ask for. Rules that are not
 *   selected, or that need SMTP where none is made, have the status `skipped`.
 */
export async function runRules(
  context: RunContext,
  options: RuleOptions,
  timing: RuleTiming,
  preflight: Preflight = Promise.resolve(null),
  edges: Promise<readonly Proxied[]> = Promise.resolve([]),
): Promise<Found> {
  const selected = new Set(selectedRules(options.ruleIds).map(({ id }) => id));
  const waiting = new Set(rulesToRun(options.ruleIds, context.settings).map(({ id }) => id));
  const noSmtp = NO_SMTP[whyNoSmtp(context.settings) ?? 'dns-only'];
  const edits: EditsOf = new Map();
  const ofHosts = new Set<string>();
  const kept = (finding: Finding): void => {
    const key = findingKey(finding);
    if (finding.edits.length > 0) edits.set(key, [...(edits.get(key) ?? []), ...finding.edits]);
    if (finding.isOfHost) ofHosts.add(key);
  };
  const guardedAnswers = answersOfDomain(context, preflight, waiting).catch((error: unknown) => {
    options.onFault?.('the lookups of the domain', error);
    return null;
  });
  const results = await Promise.all(
    wantedRules(context.settings).map(async (rule) => {
      const { id } = rule;
      if (!selected.has(id)) return { ...skipped(rule, 'not selected'), durationMs: 0 };
      if (!waiting.has(id)) return { ...skipped(rule, noSmtp), durationMs: 0 };
      options.onProgress?.({ kind: 'started', rule: id });
      const readDuration = timing.stopwatch(id);
      const result = await runRule(rule, context, {
        ...options,
        timing,
        kept,
        preflight,
        edges,
        answers: rule.judgesResolver ? Promise.resolve(null) : guardedAnswers,
        ending: endingOf(rule, context, preflight, guardedAnswers).catch((error: unknown) => {
          options.onFault?.(`the check "${id}"`, error);
          return null;
        }),
      });
      const durationMs = readDuration();
      waiting.delete(id);
      options.onProgress?.({ kind: 'finished', rule: id, status: result.status, waiting: [...waiting] });
      return { ...result, durationMs };
    }),
  );
  return { results, edits, ofHosts };
}

/**
 * @param selected the ids of the selected rules.
 * @returns the answers about the domain under test, if a selected rule reports what is wrong with them and the resolver can
 *   be relied on. `null` otherwise.
 */
async function answersOfDomain(
  { facts }: RunContext,
  preflight: Preflight,
  selected: ReadonlySet<string>,
): Promise<DomainAnswers | null> {
  const isReported = checks.some((rule) => rule.judgesResolver && selected.has(rule.id));
  if (!isReported || (await preflight)?.endsRun) return null;
  return facts(domainAnswers);
}

/** @returns why the rule ends before its time, or `null`. */
async function endingOf(
  { isAboutDomain, judgesResolver }: Rule,
  { target }: RunContext,
  preflight: Preflight,
  ofDomain: Promise<DomainAnswers | null>,
): Promise<Ending | null> {
  if (judgesResolver) return null;
  const trouble = await preflight;
  if (trouble?.endsRun) return trouble.fault;
  // Without an address typed, the domain is all there is to test.
  if (!isAboutDomain && target.ips.length > 0) return null;
  const answers = await ofDomain;
  return answers !== null && isNonexistent(answers) ? 'no-domain' : null;
}

type Outcome = Omit<RuleResult, 'durationMs'>;

/** What one rule runs with. */
interface Running extends Pick<RuleOptions, 'onProgress' | 'onFault'> {
  readonly timing: RuleTiming;
  readonly preflight: Preflight;
  /** The tested addresses that are a web proxy's. */
  readonly edges: Promise<readonly Proxied[]>;
  /** The answers about the domain under test, if what is wrong with them may explain what the rule finds. */
  readonly answers: Promise<DomainAnswers | null>;
  /** Resolves to `null` when the rule may go on to its end. */
  readonly ending: Promise<Ending | null>;
  /** Receives each finding that goes into the report. */
  readonly kept: (finding: Finding) => void;
}

/**
 * Runs one rule to its end, to the deadline, or until the preflight ends it. At the deadline, its findings so far stay and
 * an inconclusive one is added.
 */
async function runRule(rule: Rule, shared: RunContext, running: Running): Promise<Outcome> {
  const { timing, ending, preflight, edges, answers, onFault } = running;
  const { target, dns } = shared;
  const gaps = new Gaps();
  const found = new FoundByRule(gaps, target, (finding, result) => {
    running.kept(finding);
    running.onProgress?.({ kind: 'found', rule: rule.id, finding: result });
  });
  const causes = async (): Promise<Causes> => {
    const ofDomain = await answers;
    return {
      fault: (await preflight)?.fault ?? null,
      proxied: await edges,
      failing: ofDomain === null ? null : failingLookup(ofDomain),
      servers: dns.servers.map(serverLabel),
      ofAddresses: failedAddresses(shared),
      log: () => [...dns.log, ...(shared.open?.() ?? [])],
    };
  };
  const lacksDomain = answers.then((ofDomain) => ofDomain !== null && isNonexistent(ofDomain));
  Promise.all([ending, lacksDomain, causes()]).then(([why, isLacking, known]) => {
    // What follows from a domain that does not exist is not told.
    if (why === null && !isLacking) found.release(known);
  });
  const context = contextWith(gaps, shared);
  const foundUnseen = (): void => {
    const left = unseen(gaps, found.made);
    if (left) found.add(rule.unfinished(left.evidence, target, left.rests));
  };
  const { offline = false } = shared.settings;
  const ended = (note?: Note): Outcome => {
    // Nobody was asked, so what was not seen is no gap. A check that saw a part and found nothing has not passed.
    const isUnseen = offline && found.dropGaps();
    if (isUnseen && found.results.every(({ severity }) => severity === 'info')) return skipped(rule, UNDECIDED);
    const status = statusOf(found.results);
    return {
      ...identityOf(rule),
      status,
      ...(note === undefined ? {} : { note: note.note }),
      ...(note?.isUnused && status === 'pass' ? { unused: true as const } : {}),
      findings: found.results,
    };
  };
  const cutOff = timing.cutOff(rule.id);
  const isEnded = ending.then((why) => (why === null ? new Promise<never>(() => {}) : 'ended'));
  const iterator = rule.check(context, target);
  const isWithoutAddress = rule.needsAddress && target.ips.length === 0;
  let note: Note | undefined;
  try {
    while (!isWithoutAddress) {
      const next = await Promise.race([iterator.next(), cutOff.promise, isEnded]);
      if (next === 'ended') break;
      if (next === 'cut off') {
        found.add(rule.unfinished({ reason: 'deadline' }, target));
        break;
      }
      if (!next.done) {
        found.add(next.value);
        continue;
      }
      foundUnseen();
      if (next.value && 'skip' in next.value && found.made.every(({ severity }) => severity === 'info')) {
        found.drop();
        return skipped(rule, next.value.skip, next.value.command);
      }
      if (next.value && 'note' in next.value) note = next.value;
      break;
    }
    const fault = await ending;
    if (fault === 'no-domain') {
      found.drop();
      return skipped(rule, `${target.domain} does not exist`);
    }
    if (fault !== null) {
      found.keepOfHost();
      found.add(rule.unfinished({ reason: 'resolver', ...fault }, target));
      note = undefined;
    } else {
      const left = withProxied(target, await edges);
      const isLost = target.ips.length > 0 && left.ips.length === 0 && (rule.needsAddress || rule.judgesAddress);
      if (isWithoutAddress || isLost) {
        found.add(rule.unfinished(noAddress(left), target));
        note = undefined;
      }
      if (isWithoutAddress) foundUnseen();
      // A domain that does not exist uses nothing. Without the rule that reports it, nobody would tell.
      if (note?.isUnused && (await answers) === null && isNonexistent(await shared.facts(domainAnswers))) {
        found.add(rule.unfinished({ reason: 'no-domain', domain: target.domain }, target));
        note = undefined;
      }
      if ((await lacksDomain) && found.dropOfDomain()) {
        if (found.made.every(({ severity }) => severity === 'info')) {
          found.drop();
          return skipped(rule, `${target.domain} does not exist`);
        }
        found.add(rule.unfinished({ reason: 'no-domain', domain: target.domain }, target));
        note = undefined;
      }
    }
  } catch (error) {
    onFault?.(`the check "${rule.id}"`, error);
    found.add(rule.unfinished({ reason: 'fault', fault: faultText(error) }, target));
  } finally {
    cutOff.stop();
    found.release(await causes());
  }
  return ended(note);
}

/** Why a check is not run with `--offline`. */
const UNDECIDED = 'depends on records that are not in the file (--offline)';

/** @returns the context of one check. What the check does not get to see is added to the gaps. */
function contextWith(gaps: Gaps, shared: RunContext): Context {
  const { target, dns, facts, leaveOut } = shared.facts.needs(gaps);
  return { ...shared, target, dns, facts, leaveOut };
}

/** @returns the failed lookups of the search for addresses to test. */
function failedAddresses(shared: RunContext): readonly DnsFailure[] {
  const gaps = new Gaps();
  // Reading the addresses adds the gaps of the search for them.
  const { ips } = contextWith(gaps, shared).target;
  return ips.length === 0 ? gaps.failures() : [];
}

function skipped(rule: Rule, skipReason: string, skipCommand?: string): Outcome {
  const command = skipCommand === undefined ? {} : { skipCommand };
  return { ...identityOf(rule), status: 'skipped', skipReason, ...command, findings: [] };
}

/**
 * Wraps the progress listener, so that an error it throws does not look like a fault of a rule.
 *
 * @param onFailure called when the listener throws for the first time. The listener gets no further events.
 * @returns `tell`, which never throws, and `throwIfFailed`, which throws the listener's error.
 */
export function guarded(tell: RuleOptions['onProgress'], onFailure: () => void) {
  let failed: { readonly error: unknown } | undefined;
  return {
    tell(event: ProgressEvent): void {
      try {
        if (!failed) tell?.(event);
      } catch (error) {
        failed = { error };
        onFailure();
      }
    },
    throwIfFailed(): void {
      if (failed) throw failed.error;
    },
  };
}

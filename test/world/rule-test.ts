/**
 * The table test of a rule: worlds, and the codes that must and must not appear in each. The rule runs as in the program,
 * over facts and under the run's deadline, and every run is recorded and replayed. A case without hosts reads its zone
 * in memory; one with hosts runs against servers on loopback.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { FindingCatalogue } from '../../src/check/rules/finding.ts';
import type { Consequence, Rule } from '../../src/check/rules/rule.ts';
import { parseArguments } from '../../src/check/target.ts';
import type { ProposedZone } from '../../src/network/dns/proposal.ts';
import { findingSchema } from '../../src/report/schema.ts';
import type { About, FindingResult, Report, RuleResult, Severity, Status } from '../../src/report/status.ts';
import { randomOf } from '../random.ts';
import { drawnFrom, improvementsBy } from '../recording/one-failure.ts';
import { isLong, isWhole, seed } from '../sample.ts';
import { type CheckCase, recordIn, resultOf } from './check.ts';
import { fixedClock } from './clock.ts';
import { holdsHostile } from './hostile-evidence.ts';
import type { HttpsWorld } from './https.ts';
import type { SmtpWorld } from './smtp.ts';
import type { DnsScript } from './zone.ts';
import { zoneResolver } from './zone-resolver.ts';

/** A finding that must appear. What is not given may be anything, but for the severity. */
export interface ExpectedFinding<C extends string = string> {
  readonly code: C;
  /** As the catalogue has it when absent. */
  readonly severity?: Severity;
  readonly subject?: unknown;
  readonly about?: About;
  /** Some of the evidence. */
  readonly evidence?: object;
  /** Every question it rests on, as `TXT example.com`, in any order. */
  readonly rests?: readonly string[];
  readonly causes?: readonly string[];
  /** The faults in receivers' rules that it names. */
  readonly faults?: readonly string[];
  /** The message: the whole of it, or what it must match. */
  readonly says?: string | RegExp;
  /** The remediation in one sentence: the whole of it, or what it must match. */
  readonly fix?: string | RegExp;
  /** Some of the remediation. */
  readonly remediation?: object;
  readonly details?: unknown;
}

/** What a run showed, for what a case says of it in code. */
export interface Shown {
  readonly findings: readonly FindingResult[];
  readonly result: RuleResult;
  readonly report: Report;
  /** Every question asked of the DNS, as `TXT example.com`, with the aliases that were followed. */
  readonly asked: readonly string[];
  /** The mail servers that were there, by address, with what they were told. */
  readonly hosts: ReadonlyMap<string, SmtpWorld>;
  /** The web servers that were there, by address. */
  readonly web: ReadonlyMap<string, HttpsWorld>;
  /** Every pause, in milliseconds. Pauses are noted and not made. */
  readonly pauses: readonly number[];
}

type WorldOfCase = Pick<
  CheckCase,
  | 'hosts'
  | 'web'
  | 'domain'
  | 'ips'
  | 'helo'
  | 'selectors'
  | 'settings'
  | 'timeoutMs'
  | 'smtpTimeouts'
  | 'smtpLimits'
  | 'isDirect'
  | 'deadline'
  | 'own'
  | 'stamps'
  | 'keys'
>;

export interface RuleCase<C extends string = string> extends WorldOfCase {
  /** What is special about this world, so that it can be read without the cases around it. */
  readonly when: string;
  readonly zone?: DnsScript['zone'];
  /** How the DNS behaves besides what is in the zone. */
  readonly dns?: Omit<DnsScript, 'zone'>;
  /** A message the host has sent. */
  readonly message?: string | Uint8Array;
  /** Records that are judged as if they were published. */
  readonly proposed?: readonly ProposedZone[];
  /** Other rules that run too, for what this one learns from their facts. */
  readonly beside?: readonly string[];
  /** Milliseconds since the epoch; a fixed day when absent. */
  readonly now?: number;
  /** Every finding, in the order of the report; none when absent. With `never`: findings of which each must be there. */
  readonly finds?: readonly (C | ExpectedFinding<C>)[];
  /** Codes that must not appear. All that neither `finds` nor `never` names may. */
  readonly never?: readonly C[];
  readonly status?: Status;
  /** The note beside the status, whole; nothing is said of it when absent. */
  readonly note?: string | undefined;
  /** The rule does not apply, for this reason. */
  readonly skips?: string | RegExp;
  readonly also?: (shown: Shown) => void;
}

type AnyRule<C extends FindingCatalogue> = Rule<string, C> | Consequence<string, C>;

const TYPED = { ipSource: 'argument', selectors: ['s1'] } as const;

/**
 * Runs every case, and holds that no remediation hands on what is hostile, wherever the evidence has it. At last it holds
 * that each code of the rule's catalogue appeared in one of the cases.
 */
export function ruleTest<C extends FindingCatalogue>(
  rule: AnyRule<C>,
  cases: readonly RuleCase<keyof C & string>[],
): void {
  const emitted = new Set<string>();
  const names = cases.map((given) => nameOf(rule, given));
  for (const [index, given] of cases.entries()) {
    test(names[index] ?? rule.id, async () => {
      const shown = await runCase(rule, given);
      for (const { code } of shown.findings) emitted.add(code);
      holdsCase(rule, given, shown);
      const target = { ...parseArguments(given.domain ?? 'example.com', given.ips ?? ['203.0.113.5']), ...TYPED };
      for (const { code, evidence } of shown.findings) {
        holdsHostile(rule.findings, code, evidence, target);
      }
    });
  }
  test(`${rule.id}: no two cases have one name`, () => {
    expect(names).toEqual([...new Set(names)]);
  });
  test(`${rule.id}: every code of the catalogue appears in some case`, () => {
    expect(Object.keys(rule.findings).filter((code) => !emitted.has(code))).toEqual([]);
  });
}

/** The number of failures with which each run is replayed. None of them may improve the verdict. */
const FAILURES = isLong ? 25 : isWhole ? 2 : 1;

/** @returns a number that differs from text to text. */
const hashOf = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);

/** @returns what one case shows; a consequence is shown by a run of all rules. */
export async function runCase(rule: AnyRule<FindingCatalogue>, given: RuleCase): Promise<Shown> {
  const {
    zone = {},
    dns = {},
    message,
    proposed = [],
    beside = [],
    now = fixedClock.now(),
    settings,
    ...others
  } = given;
  const pauses: number[] = [];
  const { report, hosts, web, recorded } = await recordIn(
    {
      ...others,
      dns: { ...dns, zone },
      settings: { ...settings, ...(message === undefined ? {} : { message: Buffer.from(message) }) },
      isInMemory: given.hosts === undefined && given.web === undefined,
      onPause: (milliseconds) => pauses.push(milliseconds),
      ...(rule.kind === 'check' ? { rules: [rule.id, ...beside] } : {}),
    },
    { clock: { now: () => now }, transcript: true, proposed },
  );
  const random = randomOf(seed + hashOf(given.when));
  const replacements = drawnFrom(recorded, FAILURES, random);
  expect(await improvementsBy(recorded, replacements, zoneResolver({ ...dns, zone }))).toEqual([]);
  const result = resultOf(report, rule.id);
  const asked = (report.transcript?.dns ?? []).flatMap(({ name, type, chain = [] }) =>
    [name, ...chain].map((owner) => `${type} ${owner}`),
  );
  return { findings: result.findings, result, report, asked, hosts, web, pauses };
}

/** Holds what a case expects of what it shows, and what holds for the findings of every rule. */
export function holdsCase(rule: AnyRule<FindingCatalogue>, given: RuleCase, shown: Shown): void {
  checkWhatIsExpected(rule, given, shown);
  for (const finding of shown.findings) checkWhatHoldsForAll(rule, finding, shown);
  checkThatAboutsDiffer(shown.findings);
  given.also?.(shown);
}

/** A line of CI output that stands alone: `ptr: a PTR that resolves to another address → ptr/forward-mismatch`. */
function nameOf(rule: AnyRule<FindingCatalogue>, { when, finds = [], never = [], skips }: RuleCase): string {
  const found = finds.map((expected) => {
    const { code, severity } = toExpected(expected);
    return severity === undefined || severity === rule.findings[code]?.severity ? code : `${code} (${severity})`;
  });
  const nothing = skips === undefined ? 'nothing' : 'skipped';
  const outcome = [...found, ...never.map((code) => `not ${code}`)].join(', ') || nothing;
  return `${rule.id}: ${when} → ${outcome}`;
}

function checkWhatIsExpected(rule: AnyRule<FindingCatalogue>, given: RuleCase, { findings, result }: Shown): void {
  const { never, status, skips } = given;
  const expected = (given.finds ?? []).map(toExpected);
  const shapes = expected.map((finding) => shapeOf(rule, finding));
  const shown = findings.map(({ rests, ...finding }) => ({ ...finding, rests: questions(rests) }));
  const codes = findings.map(({ code }) => code);
  if (never === undefined) {
    // The codes first: a list of them says more than a difference of whole findings.
    expect(codes).toEqual(expected.map(({ code }) => code));
    expect(shown).toMatchObject(shapes);
  } else {
    expect(codes.filter((code) => never.includes(code))).toEqual([]);
    for (const shape of shapes)
      expect(shown).toSatisfy((found: typeof shown) => found.some((one) => isLike(one, shape)));
  }
  if (skips !== undefined) expect(result).toMatchObject({ status: 'skipped', skipReason: matching(skips) });
  else expect(result.status).not.toBe('skipped');
  if (status !== undefined) expect(result.status).toBe(status);
  if ('note' in given) expect(result.note).toBe(given.note);
}

function isLike(finding: object, shape: object): boolean {
  try {
    expect(finding).toMatchObject(shape);
    return true;
  } catch {
    return false;
  }
}

function toExpected(item: string | ExpectedFinding): ExpectedFinding {
  return typeof item === 'string' ? { code: item } : item;
}

/** What `toMatchObject` is given for a finding. */
function shapeOf(rule: AnyRule<FindingCatalogue>, expected: ExpectedFinding): object {
  const {
    severity = rule.findings[expected.code]?.severity,
    about,
    rests,
    says,
    fix,
    remediation,
    ...given
  } = expected;
  return {
    ...given,
    severity,
    ...(about ? { about: exactly(about) } : {}),
    ...(rests ? { rests: [...rests].sort() } : {}),
    ...(says === undefined ? {} : { message: matching(says) }),
    remediation: { ...remediation, ...(fix === undefined ? {} : { summary: matching(fix) }) },
  };
}

/** `toMatchObject` would let an identity have more to it. */
function exactly(about: About): unknown {
  return expect.toSatisfy((found: About) => isDeepStrictEqual(found, about), JSON.stringify(about));
}

const matching = (text: string | RegExp): unknown => (typeof text === 'string' ? text : expect.stringMatching(text));

function questions(rests: FindingResult['rests']): string[] {
  return rests.map(({ name, type }) => `${type} ${name}`).sort();
}

function checkWhatHoldsForAll(rule: AnyRule<FindingCatalogue>, finding: FindingResult, { asked }: Shown): void {
  const { code, message, remediation, rests, title, explanation, obstacle } = finding;
  expect(Object.keys(rule.findings)).toContain(code);
  // Receivers do not meet what an obstacle of the check explains.
  if (obstacle !== undefined) expect(explanation).toBe('');
  for (const text of [message, remediation.summary, title, ...(obstacle === undefined ? [explanation] : [])]) {
    expect(text).toMatch(/^\S.{3,}$/s);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  }
  // A sentence, and perhaps what a server said, in parentheses behind it.
  expect(message).toMatch(/(?:[.!?]|\(not confirmed\)|[.!?] \(.+\))$/);
  // An option that is to be typed has no full stop behind it, so that it can be copied.
  expect(remediation.summary).toMatch(/(?:[.!?:]|\(not confirmed\)| --[a-z-]+ \S+)$/);
  // Nothing gets lost on the way into the JSON report.
  expect(findingSchema.parse(finding)).toEqual(finding);
  // A finding can only rest on what was asked, and names are asked for in their canonical spelling.
  expect(questions(rests).filter((question) => !asked.includes(question))).toEqual([]);
}

/** Two findings of one code about the same would be the same finding in another run. */
function checkThatAboutsDiffer(findings: readonly FindingResult[]): void {
  const identities = findings.map(({ code, about }) => [code, ...Object.entries(about).sort().flat()].join(' '));
  expect([...new Set(identities)]).toEqual(identities);
}

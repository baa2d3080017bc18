/** Brings what the receivers said when they were asked together with the findings and with the predicted answers. */

import { isCauseName } from '../../../knowledge/receivers/causes.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { quoteReply } from '../../../network/smtp/quote.ts';
import { isTaken } from '../../../report/receiver-counts.ts';
import type { FindingResult, RuleResult } from '../../../report/status.ts';
import { type Answer, askedReceivers } from '../../facts/asked-receivers.ts';
import type { Facts } from '../../facts/fact.ts';
import asked from '../../rules/asked/rule.ts';
import { isCausedBy } from './condition.ts';
import type { RealAnswer } from './predict.ts';

/**
 * @returns the results, with the findings that a receiver's answer names as its causes. What settles those settles the
 *   answer.
 */
export function withCauses(results: readonly RuleResult[]): RuleResult[] {
  const others = results.filter(({ id }) => id !== asked.id).flatMap(({ findings }) => findings);
  return results.map((result) => {
    if (result.id !== asked.id) return result;
    const findings = result.findings.map((finding) => {
      const causes = codesBehind(finding, others);
      return causes.length === 0 ? finding : { ...finding, causes };
    });
    return { ...result, findings };
  });
}

function codesBehind({ faults = [] }: FindingResult, others: readonly FindingResult[]): string[] {
  const causes = faults.filter(isCauseName);
  const found = others.filter((finding) => causes.some((name) => isCausedBy(finding, name)));
  return [...new Set(found.map(({ code }) => code))];
}

/** @returns the results without the answers of receivers that follow from other findings: those have the steps. */
export function withoutFollowing(results: readonly RuleResult[]): RuleResult[] {
  return results.map((result) =>
    result.id === asked.id
      ? { ...result, findings: result.findings.filter(({ causes = [] }) => causes.length === 0) }
      : result,
  );
}

const WEIGHT = { refuses: 2, defers: 1, accepts: 0 } as const satisfies Record<RealAnswer['outcome'], number>;

/**
 * @param results the results with the causes of the answers.
 * @returns what each receiver said that was asked, by its id. If it said different things to different addresses, it is the
 *   worst of them.
 */
export async function realAnswers(
  ips: readonly IpAddress[],
  facts: Facts,
  results: readonly RuleResult[],
): Promise<Map<string, RealAnswer>> {
  const answers = new Map<string, RealAnswer>();
  for (const ip of ips.filter((one) => facts.known(askedReceivers, one))) {
    const found = await facts(askedReceivers, ip);
    if (found.kind !== 'asked') continue;
    for (const answer of found.answers) {
      if (answer.kind !== 'answered') continue;
      const { id } = answer.receiver;
      const real = realAnswer(ip, answer, results);
      const known = answers.get(id);
      if (known === undefined || WEIGHT[real.outcome] > WEIGHT[known.outcome]) answers.set(id, real);
    }
  }
  return answers;
}

function realAnswer(
  ip: IpAddress,
  { receiver, at, said }: Extract<Answer, { kind: 'answered' }>,
  results: readonly RuleResult[],
): RealAnswer {
  const { stage, reply } = said;
  const outcome = isTaken({ stage, code: reply.code }) ? 'accepts' : reply.code < 500 ? 'defers' : 'refuses';
  const finding = results
    .flatMap(({ id, findings }) => (id === asked.id ? findings : []))
    .find(({ about }) => about.ip === ip && about.item === receiver.id);
  return {
    outcome,
    severity: outcome === 'refuses' ? 'error' : outcome === 'defers' ? 'warning' : null,
    quote: quoteReply(reply),
    asked: { ip, at: new Date(at).toISOString(), stage, code: reply.code },
    causes: finding?.causes ?? [],
  };
}

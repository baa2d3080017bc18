/** Makes the plan of a check from the DNS alone: no host is connected to, and no list is asked. */
import { type Plan, planOf } from '../check/conclusion/plan/plan.ts';
import { runOverDns } from '../check/dns-run.ts';
import type { Edit } from '../check/rules/edit.ts';
import { stampFiles } from '../check/stamp-files.ts';
import type { Target } from '../check/target.ts';
import { tokensOf } from '../check/token.ts';
import type { DnsClient } from '../network/dns/client.ts';
import { type Mailbox, mailboxText } from '../network/mailbox.ts';

/** What a plan from the DNS alone is made for. */
export interface DnsPlanRequest {
  readonly target: Target;
  /** The rules that run. Each rests on the DNS. */
  readonly ruleIds: readonly string[];
  /** Edits that no finding asks for. Each changes nothing where the record is right. */
  readonly also: readonly Edit[];
  /** The mailbox for reports. The default of the check when absent. */
  readonly reportsTo?: Mailbox;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** 32 hexadecimal digits that nobody can guess, for names that cannot exist. */
  readonly seed: string;
}

/** The patience with what nobody waits for. */
const ENDLESS = { promise: new Promise<never>(() => {}), stop() {} };

/** The key of the edits that no finding asks for. */
const ASKED_BY_THE_USER = 'user';

/** @returns the plan of these rules, proven as in a check. */
export async function planOverDns(dns: DnsClient, request: DnsPlanRequest): Promise<Plan> {
  const { target, ruleIds, also, reportsTo, now, seed } = request;
  const sources = {
    target,
    published: null,
    settings: {
      smtpPort: 25,
      allowPrivate: true,
      ...(reportsTo === undefined ? {} : { reportsTo: mailboxText(reportsTo) }),
    },
    clock: { now: () => now },
    token: tokensOf(seed),
    stamps: stampFiles(null),
    keys: null,
    stopwatch: () => () => 0,
    patience: () => ENDLESS,
    nearEnd: () => ENDLESS,
    pause: async () => {},
    own: [],
    signingKey: null,
    verifyMessage: async () => null,
    resolverFault: async () => null,
    isNeeded: () => false,
  };
  const timing = {
    stopwatch: () => () => 0,
    cutOff: () => ENDLESS,
  };
  const rerun = (client: DnsClient) => runOverDns(client, { sources, options: { ruleIds }, timing });
  const found = await rerun(dns);
  return planOf(found, found.results, {
    target,
    dns,
    heloName: () => target.helo ?? target.domain,
    rerun,
    judge: (results) => results,
    also: also.map((edit) => ({ key: ASKED_BY_THE_USER, edit })),
  });
}

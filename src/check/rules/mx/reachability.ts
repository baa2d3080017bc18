/** Finds the MX hosts that cannot be reached. It tries every address that mailcheck may connect to. */
import { type IpAddress, type IpFamily, ipFamily, specialPurpose } from '../../../network/ip.ts';
import { type SmtpEvidence, smtpEvidence } from '../../../network/smtp/types.ts';
import type { Facts } from '../../facts/fact.ts';
import { type Greeting, greeting } from '../../facts/greeting.ts';
import type { MailHost } from '../../facts/mx.ts';
import { type Port25Out, port25Out } from '../../facts/port-25-out.ts';
import { type VantageKind, vantage } from '../../facts/vantage.ts';
import type { Context } from '../rule.ts';
import type { Unreachable } from './findings.ts';
import { type Unwilling, unwillingness } from './unwilling.ts';

/** An address that was tried in vain. */
export interface Failed extends Unreachable {
  readonly ip: IpAddress;
}

/** An address that answers, but does not go on to take mail, and the reply or failure that shows it. */
export interface TurnedAway {
  readonly ip: IpAddress;
  readonly why: Unwilling;
  readonly smtp: SmtpEvidence;
}

/** What the connections to one MX host showed. */
export interface Reach {
  readonly host: MailHost;
  /** The addresses that nobody outside can reach. They were not tried. */
  readonly notPublic: readonly IpAddress[];
  readonly isAllNotPublic: boolean;
  readonly failures: readonly Failed[];
  /** The addresses that this machine cannot connect to, whatever the host does. */
  readonly noRoute: readonly Failed[];
  readonly turnedAway: readonly TurnedAway[];
  /** The addresses that greet this client and answer its EHLO. */
  readonly reached: readonly IpAddress[];
}

/**
 * @returns what the connections to the addresses of an MX host show. An address that was not tried, because it is in a
 *   planned record only, is neither reached nor failed.
 */
export async function reachOf(
  host: MailHost,
  { facts, settings }: Pick<Context, 'facts' | 'settings'>,
): Promise<Reach> {
  const tried = host.addresses.filter((ip) => settings.allowPrivate || specialPurpose(ip) === undefined);
  const results = await greetingsOf(tried, facts);
  const failed = results.flatMap(({ ip, greeted }) =>
    greeted.kind === 'failed' && greeted.failure.status !== 'unasked'
      ? [{ ip, status: greeted.failure.status, detail: greeted.failure.detail }]
      : [],
  );
  const turnedAway = results.flatMap(({ ip, greeted }): TurnedAway[] => {
    const refusal = refusalOf(greeted);
    return refusal === null ? [] : [{ ip, ...refusal }];
  });
  return {
    host,
    notPublic: host.addresses.filter((ip) => !tried.includes(ip)),
    isAllNotPublic: tried.length === 0,
    failures: failed.filter(({ status }) => status !== 'no-route'),
    noRoute: failed.filter(({ status }) => status === 'no-route'),
    turnedAway,
    reached: results
      .filter(({ ip, greeted }) => greeted.kind !== 'failed' && !turnedAway.some((other) => other.ip === ip))
      .map(({ ip }) => ip),
  };
}

/** @returns the step at which a host that answers stops before MAIL, and its reply. `null` when it goes on. */
function refusalOf(greeted: Greeting): Omit<TurnedAway, 'ip'> | null {
  if (greeted.kind === 'failed') return null;
  const { transcript } = greeted;
  if (greeted.kind === 'rejected') {
    const smtp = smtpEvidence('connect', { status: 'reply', reply: greeted.reply }, transcript);
    return { why: unwillingness(greeted.reply), smtp };
  }
  const { hello } = greeted;
  if (hello.status !== 'reply') return { why: 'dialogue-lost', smtp: smtpEvidence('EHLO', hello, transcript) };
  if (hello.reply.code === 250) return null;
  return { why: unwillingness(hello.reply), smtp: smtpEvidence('EHLO', hello, transcript) };
}

/** An address that answers on the SMTP port, and where this machine is towards it. */
export interface Answering {
  readonly ip: IpAddress;
  readonly vantage: VantageKind;
}

/**
 * @param exchanges the MX addresses that answer, even if they then turn this client away.
 * @returns these and the tested addresses that answer.
 */
export async function answeringOf(
  exchanges: readonly IpAddress[],
  { target, facts }: Pick<Context, 'facts' | 'target'>,
): Promise<Answering[]> {
  const tested = (await greetingsOf(target.ips, facts)).filter(({ greeted }) => greeted.kind !== 'failed');
  const ips = [...new Set([...exchanges, ...tested.map(({ ip }) => ip)])];
  return Promise.all(ips.map(async (ip) => ({ ip, vantage: (await facts(vantage, ip)).kind })));
}

/**
 * Tells whether this network lets the port out to the addresses that were tried in vain. A host that answers shows it,
 * but not one of this machine or of its own network, and not one of the other address family. If none answers, one
 * well-known mail server is tried.
 */
export async function wayOut(
  failures: readonly Failed[],
  answering: readonly Answering[],
  { facts }: Pick<Context, 'facts'>,
): Promise<Port25Out> {
  const families = [...new Set(failures.map(({ ip }) => ipFamily(ip)))];
  const ways = await Promise.all(families.map((family) => wayOutOver(family)));
  return ways.find(({ kind }) => kind !== 'open') ?? ways[0] ?? { kind: 'unknown' };

  async function wayOutOver(family: IpFamily): Promise<Port25Out> {
    const ofFamily = answering.filter(({ ip }) => ipFamily(ip) === family);
    const outside = ofFamily.find((one) => one.vantage === 'outside');
    if (outside !== undefined) return { kind: 'open', shownBy: outside.ip };
    const tried = await facts(port25Out, family);
    // An address that answers at an unknown place is most often outside.
    const perhaps = ofFamily.find((one) => one.vantage === 'unknown');
    return tried.kind === 'unknown' && perhaps !== undefined ? { kind: 'open', shownBy: perhaps.ip } : tried;
  }
}

async function greetingsOf(ips: readonly IpAddress[], facts: Facts): Promise<{ ip: IpAddress; greeted: Greeting }[]> {
  return Promise.all(ips.map(async (ip) => ({ ip, greeted: await facts(greeting, ip) })));
}

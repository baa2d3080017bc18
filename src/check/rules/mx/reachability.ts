/** Finds the MX hosts that cannot be reached. It tries every address that mailcheck may connect to. */
import { type Decoy, recogniseDecoy } from '../../../knowledge/mail-servers/decoys.ts';
import { serviceOf } from '../../../knowledge/mail-servers/services.ts';
import { type IpAddress, type IpFamily, ipFamily, specialPurpose } from '../../../network/ip.ts';
import {
  type HeldBackStatus,
  isHeldBack,
  type SmtpEvidence,
  type SmtpReply,
  smtpEvidence,
  type Transcript,
} from '../../../network/smtp/types.ts';
import type { Facts } from '../../facts/fact.ts';
import { type Greeting, greeting, greetingText } from '../../facts/greeting.ts';
import type { MailHost } from '../../facts/mx.ts';
import { isNoMailServer, type NoGreeting, noGreetingOf } from '../../facts/no-greeting.ts';
import { type Port25Out, port25Out } from '../../facts/port-25-out.ts';
import { type VantageKind, vantage } from '../../facts/vantage.ts';
import { type HeldBack, heldBack } from '../held-back.ts';
import type { Context } from '../rule.ts';
import { type Tells, tellsOf } from '../turned-away.ts';
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
  /** What a port does that does not greet, or that greets as another service. */
  readonly seen: NoGreeting | null;
  /** What the words of the refusal speak of. `null` when there is no reply. */
  readonly tells: Tells | null;
}

/** An address that holds this client back, and how. */
export interface HeldBackAt extends HeldBack {
  readonly ip: IpAddress;
  readonly status: HeldBackStatus;
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
  /** The addresses at which a decoy answers. */
  readonly decoys: readonly { readonly ip: IpAddress; readonly decoy: Decoy }[];
  /** The addresses that hold this client back: they limit connections, or have stopped answering. */
  readonly heldBack: readonly HeldBackAt[];
  /** The addresses that have said something, which no network that blocks the port does. */
  readonly heard: readonly IpAddress[];
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
    greeted.kind === 'failed' && greeted.failure.status !== 'unasked' && noGreetingOf(greeted.failure) === null
      ? [{ ip, status: greeted.failure.status, detail: greeted.failure.detail }]
      : [],
  );
  const held = results.flatMap(({ ip, greeted }): HeldBackAt[] => {
    const ended = greeted.kind === 'greeted' ? greeted.hello : greeted.kind === 'failed' ? greeted.failure : null;
    if (ended === null || ended.status === 'reply' || !isHeldBack(ended.status)) return [];
    return [{ ip, status: ended.status, ...heldBack(ended) }];
  });
  const decoys = results.flatMap(({ ip, greeted }) => {
    const decoy = greeted.kind === 'greeted' ? recogniseDecoy(greetingText(greeted)) : null;
    return decoy === null ? [] : [{ ip, decoy }];
  });
  const turnedAway = results.flatMap(({ ip, greeted }): TurnedAway[] => {
    const refusal = refusalOf(greeted);
    return refusal === null ? [] : [{ ip, ...refusal }];
  });
  return {
    host,
    notPublic: host.addresses.filter((ip) => !tried.includes(ip)),
    isAllNotPublic: tried.length === 0,
    decoys,
    heldBack: held,
    failures: failed.filter(({ ip, status }) => status !== 'no-route' && !held.some((one) => one.ip === ip)),
    noRoute: failed.filter(({ status }) => status === 'no-route'),
    turnedAway,
    heard: results.filter(({ greeted }) => hasSpoken(greeted)).map(({ ip }) => ip),
    reached: results
      .filter(
        ({ ip, greeted }) =>
          greeted.kind !== 'failed' && ![...turnedAway, ...held, ...decoys].some((other) => other.ip === ip),
      )
      .map(({ ip }) => ip),
  };
}

/** @returns whether the host has said something, so that this network lets the port out. */
function hasSpoken(greeted: Greeting): boolean {
  return greeted.kind !== 'failed' || greeted.failure.waitsFor !== undefined || (greeted.failure.heard ?? '') !== '';
}

/** @returns the step at which a host that answers stops before MAIL, and its reply. `null` when it goes on. */
function refusalOf(greeted: Greeting): Omit<TurnedAway, 'ip'> | null {
  if (greeted.kind === 'failed') {
    const seen = noGreetingOf(greeted.failure);
    if (seen === null) return null;
    const why = isNoMailServer(seen) ? 'no-mail-server' : 'no-greeting';
    return { why, smtp: smtpEvidence('connect', greeted.failure), seen, tells: null };
  }
  const { transcript } = greeted;
  if (greeted.kind === 'rejected') return refusal('connect', greeted.reply, transcript);
  const { hello } = greeted;
  if (hello.status !== 'reply' && isHeldBack(hello.status)) return null;
  if (hello.status !== 'reply') {
    return { why: 'dialogue-lost', smtp: smtpEvidence('EHLO', hello, transcript), seen: null, tells: null };
  }
  if (hello.reply.code === 250) return null;
  const service = serviceOf(`${greeted.reply.code} ${greeted.reply.lines.join(' ')}`);
  if (service === null) return refusal('EHLO', hello.reply, transcript);
  const seen: NoGreeting = { does: 'service', service };
  return { why: 'no-mail-server', smtp: smtpEvidence('EHLO', hello, transcript), seen, tells: null };
}

function refusal(step: 'connect' | 'EHLO', reply: SmtpReply, transcript: Transcript): Omit<TurnedAway, 'ip'> {
  const smtp = smtpEvidence(step, { status: 'reply', reply }, transcript);
  return { why: unwillingness(reply, step), smtp, seen: null, tells: tellsOf(reply) };
}

/** An address that answers on the SMTP port, and where this machine is towards it. */
export interface Answering {
  readonly ip: IpAddress;
  readonly vantage: VantageKind;
}

/**
 * @param exchanges the MX addresses that have said something, even if they then turn this client away.
 * @returns these and the tested addresses that have said something.
 */
export async function answeringOf(
  exchanges: readonly IpAddress[],
  { target, facts }: Pick<Context, 'facts' | 'target'>,
): Promise<Answering[]> {
  const tested = (await greetingsOf(target.ips, facts)).filter(({ greeted }) => hasSpoken(greeted));
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

/**
 * Tests whether this machine reaches mail servers on port 25. It connects to several mail servers at once, and to
 * services on other ports for comparison. It runs only on the mail host: from another machine, the result would
 * describe another network.
 */
import type { DnsClient } from '../../network/dns/client.ts';
import { type FoundAddresses, hostAddresses } from '../../network/dns/host-addresses.ts';
import {
  type IpAddress,
  type IpFamily,
  ipFamily,
  isLinkLocal,
  isLoopback,
  parseIp,
  specialPurpose,
} from '../../network/ip.ts';
import { hostNameIn } from '../../network/smtp/host-name.ts';
import type { ReachResult, SmtpClient } from '../../network/smtp/types.ts';
import type { Settings } from '../settings.ts';
import { ANCHORS, type Anchor, anchorOf, CONTROLS, type EgressTarget } from './egress-anchors.ts';
import { type Decision, decide } from './egress-decision.ts';
import type { AnchorOutcome, AnchorResult, ControlResult } from './egress-results.ts';
import { fact, type Needs } from './fact.ts';
import { vantage } from './vantage.ts';

/** The results over one address family. */
export interface FamilyEgress {
  readonly family: IpFamily;
  readonly decision: Decision;
  readonly anchors: readonly AnchorResult[];
  readonly controls: readonly ControlResult[];
  /** This machine's addresses as the anchors report them in their replies. */
  readonly seenAs: readonly IpAddress[];
}

/** What the outbound test showed. */
export type EgressFact =
  /** Nothing was tried: no selected rule needs it, this machine is not the host, or the host has no public address. */
  | { readonly kind: 'untested'; readonly why: 'not-wanted' | 'not-the-host' | 'not-public' }
  | {
      readonly kind: 'tested';
      /** The tested addresses that belong to this machine. */
      readonly here: readonly IpAddress[];
      readonly families: readonly FamilyEgress[];
      /** The host names of anchors of which a lookup failed or gave no address. */
      readonly unresolved: readonly string[];
    };

/**
 * @returns outbound port 25 of one tested address as the test on the host saw it, or `unknown` when the test did not run
 *   there, not over this family, or saw neither.
 */
export function port25Of(seen: EgressFact, ip: IpAddress): 'open' | 'blocked' | 'unknown' {
  if (seen.kind === 'untested' || !seen.here.includes(ip)) return 'unknown';
  const kind = seen.families.find(({ family }) => family === ipFamily(ip))?.decision.kind;
  return kind === 'open' || kind === 'blocked' ? kind : 'unknown';
}

type EgressNeeds = Needs<'dns' | 'isNeeded' | 'own' | 'settings' | 'smtp' | 'target'>;

interface Located<T> extends FoundAddresses {
  readonly target: T;
}

/** Tests outbound port 25, if this machine is the host under test. */
export const egress = fact(async (needs: EgressNeeds): Promise<EgressFact> => {
  const { target, settings, dns, facts } = needs;
  if (!needs.isNeeded('egress')) return { kind: 'untested', why: 'not-wanted' };
  const vantages = await Promise.all(target.ips.map(async (ip) => ({ ip, kind: (await facts(vantage, ip)).kind })));
  const here = vantages.filter(({ kind }) => kind === 'self').map(({ ip }) => ip);
  if (here.length === 0) return { kind: 'untested', why: 'not-the-host' };
  // A host without a public address is in a lab or an internal network. Its mail does not go to public mail servers.
  const isInner = here.every((ip) => specialPurpose(ip) !== undefined);
  if (isInner && !settings.egressTargets) return { kind: 'untested', why: 'not-public' };

  const [anchors, controls] = await Promise.all([
    Promise.all((settings.egressTargets?.map(anchorOf) ?? ANCHORS).map((anchor) => locate(anchor, dns))),
    Promise.all((settings.egressControls ?? defaultControls(settings)).map((control) => locate(control, dns))),
  ]);
  const families = familiesOf(here, needs);
  const results = await Promise.all(families.map((family) => facts(familyEgress, family, anchors, controls)));
  return {
    kind: 'tested',
    here,
    families: results.filter((result) => result !== null),
    unresolved: anchors
      .filter(({ addresses, isPartial }) => addresses.length === 0 || isPartial)
      .map(({ target: { host } }) => host),
  };
});

/**
 * Gives no default controls when the user names the targets: the network may be closed, and no connection may leave it.
 */
function defaultControls({ egressTargets }: Settings): readonly EgressTarget[] {
  return egressTargets ? [] : CONTROLS;
}

/**
 * Picks the address families to test: those of the tested addresses and those that the machine has a routable address
 * for. A mail server prefers IPv6 if the machine has it, even if no IPv6 address is under test.
 */
function familiesOf(here: readonly IpAddress[], { own, settings }: EgressNeeds): IpFamily[] {
  const routable = own.filter((ip) => !isLocal(ip) && (settings.allowPrivate || specialPurpose(ip) === undefined));
  return ([4, 6] as const).filter(
    (family) => here.some((ip) => ipFamily(ip) === family) || routable.some((ip) => ipFamily(ip) === family),
  );
}

const isLocal = (ip: IpAddress): boolean => isLoopback(ip) || isLinkLocal(ip);

async function locate<T extends EgressTarget>(target: T, dns: DnsClient): Promise<Located<T>> {
  const literal = parseIp(target.host);
  if (literal) return { target, addresses: [literal], isPartial: false };
  return { target, ...(await hostAddresses([target.host], dns)) };
}

/** Tries one address family. What the network of this machine lets out is the same for all targets. */
const familyEgress = fact(tryFamily, {
  name: 'egress',
  key: (_, family) => `${family}`,
  complete: async () => 'sure',
  at: () => null,
});

async function tryFamily(
  { smtp, settings }: Needs<'settings' | 'smtp'>,
  family: IpFamily,
  anchors: readonly Located<Anchor>[],
  controls: readonly Located<EgressTarget>[],
): Promise<FamilyEgress | null> {
  const ofFamily = ({ addresses }: Located<unknown>) => addresses.find((ip) => ipFamily(ip) === family);
  const [tried, reached] = await Promise.all([
    Promise.all(
      anchors.map(async (located): Promise<AnchorResult | null> => {
        const ip = ofFamily(located);
        return ip ? { anchor: located.target, ip, outcome: await greet(smtp, ip, located.target) } : null;
      }),
    ),
    Promise.all(
      controls.map(async (located): Promise<ControlResult | null> => {
        const ip = ofFamily(located);
        return ip ? { control: located.target, ip, result: await reach(smtp, ip, located.target) } : null;
      }),
    ),
  ]);
  const anchorResults = tried.filter((result) => result !== null);
  const controlResults = reached.filter((result) => result !== null);
  if (anchorResults.length === 0) return null;
  return {
    family,
    decision: decide(anchorResults, controlResults),
    anchors: anchorResults,
    controls: controlResults,
    seenAs: seenAs(anchorResults, family, settings.allowPrivate),
  };
}

function reach(smtp: SmtpClient, ip: IpAddress, { host, port }: EgressTarget): Promise<ReachResult> {
  return smtp.reach(ip, port, { purpose: `control ${host}` });
}

async function greet(smtp: SmtpClient, ip: IpAddress, { host, port }: EgressTarget): Promise<AnchorOutcome> {
  const connection = await smtp.connect(ip, port, { purpose: `anchor ${host}`, takesLimit: true });
  if (connection.status !== 'connected') return { kind: 'failed', failure: connection };
  const { session } = connection;
  const { greeting: reply, transcript } = session;
  const { connectMs } = session.timings;
  const hello = reply.code === 220 ? await session.hello(smtp.probeName) : null;
  await session.quit();
  // A greeting that no dialogue follows is a connection that was cut.
  if (hello !== null && hello.status !== 'reply') return { kind: 'failed', failure: { ...hello, connected: true } };
  const greetingName = hostNameIn(reply)?.toLowerCase() ?? null;
  const kind = hello !== null && hello.reply.code < 300 ? 'greeted' : 'rejected';
  return { kind, reply, hello, extensions: session.extensions, greetingName, connectMs, transcript };
}

/** Finds this machine's address in the replies: many servers name their client ("at your service, [203.0.113.5]"). */
function seenAs(anchors: readonly AnchorResult[], family: IpFamily, allowPrivate: boolean): IpAddress[] {
  const texts = anchors.flatMap(({ outcome }) => {
    if (outcome.kind === 'failed') return [];
    const hello = outcome.hello?.status === 'reply' ? outcome.hello.reply.lines.slice(0, 1) : [];
    return [...outcome.reply.lines, ...hello];
  });
  const literals = texts.flatMap((text) => [...text.matchAll(/[[(](?:IPv6:)?([0-9a-f.:]{7,39})[\])]/gi)]);
  const addresses = literals.map(([, literal = '']) => parseIp(literal)).filter((ip) => ip !== undefined);
  const theirs = new Set(anchors.map(({ ip }) => ip));
  const plausible = addresses.filter(
    (ip) => ipFamily(ip) === family && !theirs.has(ip) && (allowPrivate || specialPurpose(ip) === undefined),
  );
  return [...new Set(plausible)];
}

/**
 * Checks that mail can leave this host: port 25 is open to other mail servers, and they see the tested address (RFC
 * 5321 §2.1). Only a run on the host itself can tell. If the port is closed, a relay on another port may help.
 */
import { type IpAddress, type IpFamily, ipFamily, parseIp } from '../../../network/ip.ts';
import { type SmtpResult, smtpEvidence } from '../../../network/smtp/types.ts';
import type { About } from '../../../report/status.ts';
import { egress, type FamilyEgress } from '../../facts/egress.ts';
import { type AnchorResult, type ControlResult, editedAnchors } from '../../facts/egress-results.ts';
import type { Emit, Finding } from '../finding.ts';
import { ownCommand } from '../own-command.ts';
import { refusalMeaning } from '../refusal.ts';
import { defineRule, note, skip } from '../rule.ts';
import { type AnchorEvidence, type ControlEvidence, findings } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'egress',
  title: 'Outbound port 25',
  reference: 'RFC 5321 §2.1',
  findings,
  needs: ['egress'],
  needsSmtp: true,
  step: 'port-25',
  notRun: 'outbound port 25 was not tested (egress)',

  async *check(context, finding) {
    const { target, facts } = context;
    const fact = await facts(egress);
    if (fact.kind === 'untested') {
      if (fact.why === 'not-public') {
        return skip('the tested address is not public; name mail servers to try with --egress-target');
      }
      // The command runs on another machine, so only the options of this rule are of use there.
      const given = (target.given ?? []).filter(([flag = '']) => flag.startsWith('--egress-'));
      const [command] = ownCommand({ ...target, given }, 'check', '--on-host', '--only', 'egress');
      return skip('can only be tested on the mail server itself', command);
    }
    const { here, families, unresolved } = fact;
    const untried = here.filter((ip) => !families.some(({ family }) => family === ipFamily(ip)));
    for (const ip of untried) {
      const evidence = { reason: 'unresolved', family: ipFamily(ip), unresolved } as const;
      yield finding('egress/inconclusive', evidence, { about: { ip } });
    }
    const isOpenOverIpv4 = families.some(({ family, decision }) => family === 4 && decision.kind === 'open');
    let isClean = untried.length === 0;
    for (const found of families.flatMap((family) => [...notConnectedTo(family, finding)])) {
      isClean = false;
      yield found;
    }
    for (const found of families.flatMap((family) => [...judge(family, here, isOpenOverIpv4, finding)])) {
      if (found.severity !== 'info') isClean = false;
      yield found;
    }
    return isClean ? note(summary(families, unresolved)) : undefined;
  },
});

function* judge(
  egress: FamilyEgress,
  here: readonly IpAddress[],
  isOpenOverIpv4: boolean,
  finding: Emitter,
): Generator<Finding> {
  const { family, decision } = egress;
  const tested = here.filter((ip) => ipFamily(ip) === family);
  const seen = {
    family,
    anchors: egress.anchors.map(anchorEvidence),
    controls: egress.controls.map(controlEvidence),
  };
  // The finding is about the address family. The first tested address in sorted order represents it in every run.
  const [ip] = tested.toSorted();
  const about: About = ip === undefined ? { item: `IPv${family}` } : { ip };
  const detail = { about };
  switch (decision.kind) {
    case 'blocked': {
      const { nature } = decision;
      if (family === 6 && isOpenOverIpv4) {
        // If an IPv6 address is under test, the host is meant to send over IPv6.
        const severity = tested.length > 0 ? 'warning' : 'info';
        yield finding('egress/ipv6-blocked', { ...seen, nature }, { ...detail, severity });
      } else {
        yield finding('egress/blocked', { ...seen, nature }, detail);
      }
      return;
    }
    case 'intercepted':
      yield finding('egress/intercepted', { ...seen, by: decision.by, names: greetingNames(egress) }, detail);
      return;
    case 'open':
      break;
    default:
      // If no address of the family is under test and the family has no connectivity, the host does not use it.
      if (tested.length > 0) yield finding('egress/inconclusive', { reason: decision.kind, ...seen }, detail);
      return;
  }
  yield* tampering(egress, about, finding);
  yield* refusals(egress, finding);
  if (tested.length > 0 && egress.seenAs.length > 0 && !egress.seenAs.some((ip) => tested.includes(ip))) {
    yield finding('egress/source-mismatch', { family, seen: egress.seenAs, tested }, detail);
  }
}

/**
 * Reports servers whose address is not public, to which no connection was made. The resolver or another server must
 * have changed the address of a well-known name.
 */
function* notConnectedTo({ family, anchors, controls, decision }: FamilyEgress, finding: Emitter): Generator<Finding> {
  // The decision `aborted` has its own finding.
  if (decision.kind === 'aborted') return;
  const refused = {
    anchors: anchors.map(anchorEvidence).filter(({ outcome }) => outcome === 'forbidden'),
    controls: controls.map(controlEvidence).filter(({ outcome }) => outcome === 'forbidden'),
  };
  const [first] = [...refused.anchors, ...refused.controls];
  if (first === undefined) return;
  const detail = { about: aboutServer(first.host, family) };
  yield finding('egress/inconclusive', { reason: 'not-public', family, ...refused }, detail);
}

function greetingNames({ anchors }: FamilyEgress): string[] {
  const names = anchors.map(({ outcome }) => (outcome.kind === 'failed' ? null : outcome.greetingName));
  return [...new Set(names.filter((name) => name !== null))];
}

function* tampering({ anchors, family }: FamilyEgress, about: About, finding: Emitter): Generator<Finding> {
  const stripped = editedAnchors(anchors);
  if (stripped.length === 0) return;
  const extensions = stripped.flatMap(({ outcome }) =>
    outcome.kind === 'failed' ? [] : [...outcome.extensions.keys()],
  );
  const evidence = { family, anchors: stripped.map(anchorEvidence), extensions: [...new Set(extensions)] };
  yield finding('egress/starttls-stripped', evidence, { about });
}

function* refusals({ anchors, family }: FamilyEgress, finding: Emitter): Generator<Finding> {
  for (const { anchor, ip, outcome } of anchors) {
    if (outcome.kind !== 'rejected') continue;
    const { host, operator } = anchor;
    const said = outcome.hello?.status === 'reply' ? outcome.hello.reply : outcome.reply;
    const smtp = smtpEvidence(outcome.hello ? 'EHLO' : 'connect', { status: 'reply', reply: said }, outcome.transcript);
    const meaning = refusalMeaning(said);
    const detail = { about: aboutServer(host, family) };
    yield finding('egress/refused-by-anchor', { family, host, operator, ip, smtp, meaning }, detail);
  }
}

/**
 * @returns the object of a finding about one server. It includes the family because a server may be tried over both.
 */
function aboutServer(host: string, family: IpFamily): About {
  return { ...(parseIp(host) === undefined ? { name: host } : { ip: host }), item: `IPv${family}` };
}

function anchorEvidence({ anchor, ip, outcome }: AnchorResult): AnchorEvidence {
  const { host, port } = anchor;
  if (outcome.kind === 'failed') {
    const { status, errno = null, elapsedMs } = outcome.failure;
    return { host, ip, port, outcome: status, errno, ms: rounded(elapsedMs), greeting: null };
  }
  const said: SmtpResult = { status: 'reply', reply: outcome.reply };
  const greeting = smtpEvidence('connect', said, outcome.transcript);
  return { host, ip, port, outcome: outcome.kind, errno: null, ms: rounded(outcome.connectMs), greeting };
}

function controlEvidence({ control, ip, result }: ControlResult): ControlEvidence {
  const { host, port } = control;
  if (result.status === 'connected') {
    return { host, ip, port, outcome: 'connected', errno: null, ms: rounded(result.connectMs) };
  }
  return { host, ip, port, outcome: result.status, errno: result.errno ?? null, ms: rounded(result.elapsedMs) };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}

/** @returns the families over which port 25 is open, and the servers without all of their addresses, for the note. */
function summary(families: readonly FamilyEgress[], unresolved: readonly string[]): string {
  const open = families
    .filter(({ decision }) => decision.kind === 'open')
    .map(({ family, anchors }) => {
      const answered = anchors.filter(({ outcome }) => outcome.kind !== 'failed').length;
      return `open over IPv${family}, ${answered} of ${anchors.length} mail servers answer`;
    })
    .join('; ');
  return unresolved.length === 0 ? open : `${open}; not all addresses of ${unresolved.join(', ')} were found`;
}

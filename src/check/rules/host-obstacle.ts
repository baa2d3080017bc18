/** Says what keeps the mail server at an address from being tested, and what to do about it. */
import { quoteReply } from '../../network/smtp/quote.ts';
import { listed } from '../../report/listed.ts';
import type { HostObstacle } from '../facts/host-obstacle.ts';
import type { Target } from '../target.ts';
import { decoyFix, decoyText } from './decoy-words.ts';
import { doesText, greetingFix } from './no-greeting.ts';
import { noRoute, type Obstacle, port25Closed, TIME_LIMIT } from './obstacles.ts';
import { SEND_ONLY_HINT } from './send-only-hint.ts';
import { tellsFix, tellsOf, tellsText } from './turned-away.ts';

/** @returns what to do about a host that accepts no connection on the port. */
export function startServer(ips: readonly string[], port: number): string {
  return `Start the mail server at ${listed(ips)}, and open inbound TCP port ${port} in its firewall or security group.`;
}

/** @returns the obstacle in words for people. */
export function hostObstacleWords(seen: HostObstacle, target: Target): Obstacle {
  const { ips, port } = seen;
  const at = listed(ips);
  switch (seen.why) {
    case 'port-25':
      return port25Closed(seen.closedBy, target);
    case 'no-route':
      return noRoute(ips[0] ?? '', seen.detail);
    case 'time-limit':
      return TIME_LIMIT;
    case 'silent': {
      const open = seen.out === 'open' ? ' This network does not block the port.' : '';
      const says = `Port ${port} of ${at} accepts no connection (${seen.detail}).${open}`;
      return { kind: 'silent-host', says, fix: { summary: silentFix(seen, target) } };
    }
    case 'no-greeting':
      return {
        kind: 'no-greeting',
        says: `Port ${port} of ${at} ${doesText(seen.seen)}.`,
        fix: { summary: greetingFix(seen.seen, port) },
      };
    case 'turned-away': {
      const tells = tellsOf(seen.reply);
      const says = `The mail server at ${at} turns this machine away: ${quoteReply(seen.reply)}.${tellsText([tells])}`;
      const isPutOff = seen.reply.code < 500 && (tells === 'unknown' || tells === 'policy');
      const summary = isPutOff
        ? 'Wait some minutes, then run again. If the reply stays the same, look into the mail server’s log.'
        : tellsFix([tells]);
      return { kind: 'turned-away', says, fix: { summary } };
    }
    case 'decoy':
      return {
        kind: 'decoy',
        says: `What answers on port ${port} of ${at} is ${decoyText(seen.decoy)}.`,
        fix: decoyFix(seen.decoy, target),
      };
  }
}

/** Only an MX host must accept connections. The owner of another host says that it only sends. */
function silentFix({ ips, port, out, isExchange }: Extract<HostObstacle, { why: 'silent' }>, target: Target): string {
  const isTested = ips.some((ip) => target.ips.some((tested) => tested === ip));
  // Somebody else's mail server probably runs. This network is the likelier cause.
  if (out !== 'open' && !isTested) {
    return `Run the check from a network that allows outbound port ${port}: this network probably blocks it.`;
  }
  const here =
    out === 'open'
      ? ''
      : ` If other mail servers do not answer either, this network blocks port ${port}: run the check from a network that allows it, such as the mail server itself.`;
  const sends = isExchange ? '' : SEND_ONLY_HINT;
  return `${startServer(ips, port)}${here}${sends}`;
}

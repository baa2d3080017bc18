/** The words on a port that takes a connection and does not greet as a mail server must. */
import type { NoGreeting } from '../facts/no-greeting.ts';

/** @returns what the port does, as a predicate: `speaks TLS from the first byte (smtps)`. */
export function doesText(seen: NoGreeting): string {
  switch (seen.does) {
    case 'tls-first':
      return 'starts with TLS (smtps), but senders expect plain SMTP with STARTTLS';
    case 'proxy-first':
      return 'waits for a proxy header (PROXY protocol), which other mail servers do not send';
    case 'service':
      return `is ${seen.service}, not a mail server`;
    case 'no-smtp':
      return 'accepts the connection and sends something that is not SMTP';
    case 'silent':
      return `accepts the connection but sends no greeting within ${seconds(seen.seconds)}`;
    case 'slow':
      return `accepts the connection but does not finish its greeting within ${seconds(seen.seconds)}`;
    case 'hung-up':
      return seen.seconds < 2
        ? 'accepts the connection and closes it at once without a greeting'
        : `accepts the connection and closes it after ${seconds(seen.seconds)} without a greeting`;
    case 'unfinished':
      return 'accepts the connection but did not greet before the time limit of the run';
  }
}

/** The names of the ports in Postfix's master.cf. */
const SERVICES: ReadonlyMap<number, string> = new Map([
  [25, 'smtp'],
  [587, 'submission'],
]);

/** @returns what to do about it, in one or more sentences. */
export function greetingFix(seen: NoGreeting, port: number): string {
  switch (seen.does) {
    case 'tls-first':
      return `Make port ${port} speak plain SMTP with STARTTLS; only port 465 starts with TLS. Postfix: delete smtpd_tls_wrappermode=yes below the ${SERVICES.get(port) ?? port} line of master.cf. Exim: remove ${port} from tls_on_connect_ports.`;
    case 'proxy-first':
      return 'If mail should go through a proxy, publish the proxy’s address. If not, turn the PROXY protocol off on this port (HAProxy: accept-proxy; Postfix: smtpd_upstream_proxy_protocol, postscreen_upstream_proxy_protocol; Exim: hosts_proxy).';
    case 'service':
    case 'no-smtp':
      return `Make sure that the mail server, and nothing else, listens on port ${port}. If it runs on another host, point the DNS and any port forwarding to that host.`;
    case 'silent':
    case 'slow':
      return 'Check the mail server’s log: it may be waiting for a DNS lookup of the client, or for a filter. If it delays its greeting on purpose, shorten the delay, because many senders give up too.';
    case 'hung-up':
      return seen.seconds < 2
        ? 'Check the mail server’s log: an access list, a ban or a connection limit may close the connection. If it rejects only this machine, run the check from another network.'
        : 'Check the mail server’s log: it may have waited for a proxy header (PROXY protocol) or for TLS. If it rejects only this machine, run the check from another network.';
    case 'unfinished':
      return 'Run the check again with a longer --timeout.';
  }
}

function seconds(count: number): string {
  return `${count} ${count === 1 ? 'second' : 'seconds'}`;
}

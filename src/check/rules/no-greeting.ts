/** The words on a port that takes a connection and does not greet as a mail server must. */
import type { NoGreeting } from '../facts/no-greeting.ts';

/** @returns what the port does, as a predicate: `speaks TLS from the first byte (smtps)`. */
export function doesText(seen: NoGreeting): string {
  switch (seen.does) {
    case 'tls-first':
      return 'speaks TLS from the first byte (smtps), where senders expect plain SMTP with STARTTLS';
    case 'proxy-first':
      return 'greets only after the header of a proxy (PROXY protocol), which other mail servers do not send';
    case 'service':
      return `is ${seen.service} and no mail server`;
    case 'no-smtp':
      return 'takes the connection and sends something that is not SMTP';
    case 'silent':
      return `takes the connection and sends no greeting within ${seconds(seen.seconds)}`;
    case 'slow':
      return `takes the connection and has not finished its greeting after ${seconds(seen.seconds)}`;
    case 'hung-up':
      return seen.seconds < 2
        ? 'takes the connection and ends it at once, without a greeting'
        : `takes the connection and ends it after ${seconds(seen.seconds)}, without a greeting`;
    case 'unfinished':
      return 'takes the connection, and the time for the whole run was up before it greeted';
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
      return `Let port ${port} speak plain SMTP and offer STARTTLS; TLS from the first byte belongs on port 465. Postfix: delete smtpd_tls_wrappermode=yes below the ${SERVICES.get(port) ?? port} line of master.cf. Exim: take ${port} out of tls_on_connect_ports.`;
    case 'proxy-first':
      return 'Publish the address of the proxy, if senders are to reach the server through one. Else switch the PROXY protocol off on this port (HAProxy: accept-proxy; Postfix: smtpd_upstream_proxy_protocol, postscreen_upstream_proxy_protocol; Exim: hosts_proxy).';
    case 'service':
    case 'no-smtp':
      return `Let the mail server, and nothing else, listen on port ${port}. If it runs on another host, let the DNS and the port forwarding lead there.`;
    case 'silent':
    case 'slow':
      return 'Look into the mail server’s log for what it waits for, such as a DNS lookup of the client or a filter. If it delays its greeting on purpose, shorten the delay: many senders give up as well.';
    case 'hung-up':
      return seen.seconds < 2
        ? 'Look into the mail server’s log: an access list, a ban or a limit of connections ends connections so. If it names this client only, run again from another network.'
        : 'Look into the mail server’s log for what it waited for, such as the header of a proxy (PROXY protocol) or TLS. If it turns this client away, run again from another network.';
    case 'unfinished':
      return 'Run again with a longer --timeout.';
  }
}

function seconds(count: number): string {
  return `${count} ${count === 1 ? 'second' : 'seconds'}`;
}

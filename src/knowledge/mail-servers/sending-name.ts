/**
 * Knows where mail servers take the name from that they announce when they send (HELO), and whether their greeting shows
 * that name. `{helo}` in a line stands for the name.
 */
import { type ConfigurationLine, lines, unconfirmedLines } from './configuration-line.ts';
import type { MtaId } from './mta.ts';

/**
 * How the name in the greeting is related to the HELO name:
 * - `same`: one setting holds both, unless somebody set them apart.
 * - `apart`: each has a setting of its own, or what greets is not what sends.
 * - `unknown`: the server does not name itself, or nothing is known of it. A load balancer may greet in its place.
 */
export type GreetingName = 'same' | 'apart' | 'unknown';

interface Row {
  readonly greeting: Exclude<GreetingName, 'unknown'>;
  /** The lines that set the name that the server sends with. Empty when they are not known. */
  readonly set: readonly ConfigurationLine[];
}

const POSTFIX = lines("postconf -e 'myhostname = {helo}' && systemctl reload postfix   # Postfix");
const EXIM = lines('primary_hostname = {helo}   # Exim: in the main configuration, then: systemctl reload exim4');

const ROWS: Partial<Readonly<Record<MtaId, Row>>> = {
  postfix: {
    greeting: 'same',
    set: [...POSTFIX, ...lines('postconf -n smtp_helo_name smtpd_banner   # neither may hold another name')],
  },
  exim: { greeting: 'same', set: EXIM },
  opensmtpd: {
    greeting: 'same',
    set: lines('# smtpd.conf: action "outbound" relay helo {helo}', 'smtpd -n   # check, then restart smtpd'),
  },
  sendmail: {
    greeting: 'same',
    set: unconfirmedLines(
      "# sendmail.mc: define(`confDOMAIN_NAME', `{helo}')dnl",
      'make -C /etc/mail && systemctl restart sendmail',
    ),
  },
  // A receive connector greets with its own Fqdn (New-ReceiveConnector), and a send connector has another one.
  exchange: {
    greeting: 'apart',
    set: unconfirmedLines(
      'Get-SendConnector | Format-List Identity,Fqdn,Enabled   # Exchange Management Shell',
      'Set-SendConnector -Identity CONNECTOR -Fqdn {helo}   # the connector that sends to the internet',
    ),
  },
  'exchange-online': { greeting: 'apart', set: [] },
  barracuda: { greeting: 'apart', set: [] },
  proofpoint: { greeting: 'apart', set: [] },
  mimecast: { greeting: 'apart', set: [] },
  messagelabs: { greeting: 'apart', set: [] },
  haraka: { greeting: 'same', set: lines('# Haraka: config/me holds one line: {helo}') },
  stalwart: {
    greeting: 'same',
    set: lines(
      '# Stalwart 0.16 and later: defaultHostname in SystemSettings: {helo}',
      '# older: server.hostname: {helo}',
    ),
  },
  hmailserver: {
    greeting: 'apart',
    set: lines('# hMailServer: Settings > Protocols > SMTP > Delivery of e-mail > Local host name: {helo}'),
  },
  mox: { greeting: 'same', set: lines('# mox.conf: Hostname: {helo}') },
  mdaemon: {
    greeting: 'apart',
    set: unconfirmedLines('# MDaemon: Domain Manager > the domain > Host Name & IP > SMTP host name: {helo}'),
  },
  kerio: {
    greeting: 'same',
    set: unconfirmedLines('# Kerio Connect: Configuration > Domains > Internet hostname: {helo}'),
  },
  domino: {
    greeting: 'same',
    set: unconfirmedLines('# Domino: server document > Basics > Fully qualified Internet host name: {helo}'),
  },
  james: {
    greeting: 'apart',
    set: unconfirmedLines('# James: mailetcontainer.xml, in the mailet RemoteDelivery: <heloName>{helo}</heloName>'),
  },
};

/** @returns how the name in the greeting of a mail server is related to its HELO name. */
export function greetingNameOf(mta: MtaId | null): GreetingName {
  return (mta === null ? undefined : ROWS[mta]?.greeting) ?? 'unknown';
}

/**
 * @returns the lines that set the name that a mail server sends with. Those of Postfix and Exim, each with its name, when
 *   the server does not name itself. Empty when nothing is known of a server that does.
 */
export function sendingNameLines(mta: MtaId | null): readonly ConfigurationLine[] {
  return mta === null ? [...POSTFIX, ...EXIM] : (ROWS[mta]?.set ?? []);
}

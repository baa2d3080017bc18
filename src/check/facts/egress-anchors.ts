/**
 * The servers that the outbound test connects to. Anchors are mail servers that always run, each with the names that it
 * announces. Controls are services on other ports: they tell a blocked port 25 from a missing network. All names are
 * general knowledge: no server was asked for them.
 */

/** A host and port to connect to. */
export interface EgressTarget {
  /** A host name or an IP address. */
  readonly host: string;
  readonly port: number;
}

/** A mail server that the outbound test tries to reach. */
export interface Anchor extends EgressTarget {
  /** The company that runs the server. Two anchors of one operator count as one. */
  readonly operator: string;
  /**
   * The domains that the name in its greeting may belong to. Empty when it announces no domain, as the servers of Apple
   * do: their names are single labels. Absent when any name is accepted.
   */
  readonly greets?: readonly string[];
  /** Whether the server is known to offer STARTTLS. */
  readonly offersTls: boolean;
}

const anchor = (host: string, operator: string, ...greets: string[]): Anchor => ({
  host,
  port: 25,
  operator,
  greets,
  offersTls: true,
});

/** The well-known mail servers, used when the user names none. */
export const ANCHORS: readonly Anchor[] = [
  anchor('gmail-smtp-in.l.google.com', 'Google', 'google.com'),
  anchor('outlook-com.olc.protection.outlook.com', 'Microsoft', 'outlook.com', 'hotmail.com'),
  anchor('mta5.am0.yahoodns.net', 'Yahoo', 'yahoo.com', 'yahoodns.net'),
  anchor('mx01.mail.icloud.com', 'Apple'),
  anchor('in1-smtp.messagingengine.com', 'Fastmail', 'messagingengine.com', 'fastmail.com'),
  anchor('mx1.mail.ovh.net', 'OVH', 'ovh.net', 'ovh.com'),
  anchor('mx00.ionos.com', 'IONOS', 'ionos.com', 'kundenserver.de', '1and1.com', 'perfora.net'),
];

/** Services on ports that networks do not close against spam. */
export const CONTROLS: readonly EgressTarget[] = [
  { host: 'www.google.com', port: 443 },
  { host: 'www.icloud.com', port: 443 },
  { host: 'smtp.gmail.com', port: 587 },
];

/**
 * @returns an anchor for a mail server that the user named. Its operator is its host name, and any greeting is
 *   accepted.
 */
export function anchorOf({ host, port }: EgressTarget): Anchor {
  return { host, port, operator: host, offersTls: false };
}

/**
 * Mail servers that always run, in networks of their own, with the names that they give themselves; and services on other
 * ports, which tell a blocked port from a missing network. The names are general knowledge: no server was asked for them.
 */

/** A host and port to connect to. */
export interface EgressTarget {
  /** A host name, or an address. */
  readonly host: string;
  readonly port: number;
}

/** A mail server to try. */
export interface Anchor extends EgressTarget {
  /** The company that runs it; two anchors of one operator count as one. */
  readonly operator: string;
  /** The domains that hold the name in its greeting; any name is right when absent. */
  readonly greets?: readonly string[];
  /** Whether it is known to offer STARTTLS. */
  readonly offersTls: boolean;
}

const anchor = (host: string, operator: string, ...greets: string[]): Anchor => ({
  host,
  port: 25,
  operator,
  greets,
  offersTls: true,
});

export const ANCHORS: readonly Anchor[] = [
  anchor('gmail-smtp-in.l.google.com', 'Google', 'google.com'),
  anchor('outlook-com.olc.protection.outlook.com', 'Microsoft', 'outlook.com', 'hotmail.com'),
  anchor('mta5.am0.yahoodns.net', 'Yahoo', 'yahoo.com', 'yahoodns.net'),
  anchor('mx01.mail.icloud.com', 'Apple', 'icloud.com', 'me.com', 'apple.com'),
  anchor('in1-smtp.messagingengine.com', 'Fastmail', 'messagingengine.com', 'fastmail.com'),
  anchor('mx1.mail.ovh.net', 'OVH', 'ovh.net', 'ovh.com'),
  anchor('mx00.ionos.com', 'IONOS', 'ionos.com', 'kundenserver.de', '1and1.com', 'perfora.net'),
];

/** Services of the same operators, on ports that nobody closes against spam. */
export const CONTROLS: readonly EgressTarget[] = [
  { host: 'www.google.com', port: 443 },
  { host: 'www.icloud.com', port: 443 },
  { host: 'smtp.gmail.com', port: 587 },
];

/** @returns the anchor for a server that the user named, of which nothing is known. */
export function anchorOf({ host, port }: EgressTarget): Anchor {
  return { host, port, operator: host, offersTls: false };
}

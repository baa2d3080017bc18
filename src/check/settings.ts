/** Everything about a run that is not the target: each rule reads its own part and no other. */
export interface Settings {
  /** Port probed for SMTP on the tested addresses and the MX hosts. */
  readonly smtpPort: number;
  /** Whether private, loopback and documentation addresses may be tested and connected to. */
  readonly allowPrivate: boolean;
  /** DNSBL zones that replace the default lists. */
  readonly dnsblZones?: readonly string[];
  /** DNSBL zones that are not asked. */
  readonly dnsblExcept?: readonly string[];
  /** Environment variable → the key in it, for lists that take one in their query names; never shown. */
  readonly listKeys?: Readonly<Record<string, string>>;
  /** Whether a sample of the addresses around the tested ones is looked up too. */
  readonly neighbours?: boolean;
  /** The vantage the user vouches for; computed when absent. */
  readonly vantage?: 'self' | 'same-network' | 'outside';
  /** A name whose servers answer with the address of whoever asks; never asked when absent. */
  readonly whoamiName?: string;
  /** A mailbox the user owns at a domain the tested host does not serve: the foreign recipient of relay probes. */
  readonly relayRecipient?: string;
  /** Whether relay probes go on to DATA, with a test message to `relayRecipient`; without it they end at RCPT. */
  readonly activeData?: boolean;
  /** Whether MX hosts are asked, at RCPT, if they take mail for postmaster. */
  readonly activeRcpt?: boolean;
  /** PEM certificates trusted besides the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** Mail servers to reach from the host, instead of well-known ones. */
  readonly egressTargets?: readonly { readonly host: string; readonly port: number }[];
  /** Services on other ports that tell a blocked port from no network. */
  readonly egressControls?: readonly { readonly host: string; readonly port: number }[];
  /** The user's word that the host only sends: nothing needs to listen on it. */
  readonly sendOnly?: boolean;
  /**
   * Submission ports probed for relaying without AUTH. Default 587 and 465; none on a loopback address, and with
   * `connectTo` only those it names.
   */
  readonly submissionPorts?: readonly number[];
  /** Milliseconds between two probe connections to one host. Default 1000; none on a loopback address. */
  readonly probePauseMs?: number;
  /** Seconds until recipients that were deferred are tried once more (RFC 6647); absent, they are not. */
  readonly greylistWait?: number;
  /** The name given in EHLO; the machine's own when absent. */
  readonly probeName?: string;
  /** `ip:port` or `[v6]:port` → the address and port connected to in its place, for labs and tunnels. */
  readonly connectTo?: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** The private key the host will sign with, PEM: compared with the published one, never shown or sent. */
  readonly dkimKeyPem?: string;
  /** How much mail the receivers' answers are predicted for; `bulk` is 5000 a day to one of them. Low when absent. */
  readonly volume?: 'low' | 'bulk';
  /** Id of the provider the user named; detected when absent. */
  readonly provider?: string;
  /** Whether the network that announces an address may be looked up (Team Cymru); yes when absent. */
  readonly asnLookup?: boolean;
  /** A message the host has sent, headers and all: its signatures are verified, and tell which selectors are in use. */
  readonly message?: Uint8Array;
}

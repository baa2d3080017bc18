/**
 * Everything about a run that is not the target: each rule reads its own part and no other. Where a setting is declared
 * says whether a recording keeps it.
 */
import { z } from 'zod';

const port = z.int().min(1).max(65535);
const milliseconds = z.number().nonnegative();
const names = z.array(z.string()).readonly();
const hostPorts = z.array(z.object({ host: z.string(), port }).readonly()).readonly();

/** The settings that a recording keeps as they are; it is read with distrust, by this schema. */
export const recordedSettings = z.object({
  /** Port probed for SMTP on the tested addresses and the MX hosts. */
  smtpPort: port,
  /** Whether private, loopback and documentation addresses may be tested and connected to. */
  allowPrivate: z.boolean(),
  /** DNSBL zones that replace the default lists. */
  dnsblZones: names.exactOptional(),
  /** DNSBL zones that are not asked. */
  dnsblExcept: names.exactOptional(),
  /** Whether a sample of the addresses around the tested ones is looked up too. */
  neighbours: z.boolean().exactOptional(),
  /** The vantage the user vouches for; computed when absent. */
  vantage: z.enum(['self', 'same-network', 'outside']).exactOptional(),
  /** A name whose servers answer with the address of whoever asks; never asked when absent. */
  whoamiName: z.string().exactOptional(),
  /** A mailbox the user owns at a domain the tested host does not serve: the foreign recipient of relay probes. */
  relayRecipient: z.string().exactOptional(),
  /** Whether relay probes go on to DATA, with a test message to `relayRecipient`; without it they end at RCPT. */
  activeData: z.boolean().exactOptional(),
  /** Whether MX hosts are asked, at RCPT, if they take mail for postmaster. */
  activeRcpt: z.boolean().exactOptional(),
  /** Mail servers to reach from the host, instead of well-known ones. */
  egressTargets: hostPorts.exactOptional(),
  /** Services on other ports that tell a blocked port from no network. */
  egressControls: hostPorts.exactOptional(),
  /** The user's word that the host only sends: nothing needs to listen on it. */
  sendOnly: z.boolean().exactOptional(),
  /**
   * Submission ports probed for relaying without AUTH. Default 587 and 465; none on a loopback address, and with
   * `connectTo` only those it names.
   */
  submissionPorts: z.array(port).readonly().exactOptional(),
  /** Milliseconds between two probe connections to one host. Default 1000; none on a loopback address. */
  probePauseMs: milliseconds.exactOptional(),
  /** Milliseconds until recipients that were deferred are tried once more (RFC 6647); absent, they are not. */
  greylistWaitMs: milliseconds.exactOptional(),
  /** How much mail the receivers' answers are predicted for; `bulk` is 5000 a day to one of them. Low when absent. */
  volume: z.enum(['low', 'bulk']).exactOptional(),
  /** Id of the provider the user named; detected when absent. */
  provider: z.string().exactOptional(),
  /** Whether the network that announces an address may be looked up (Team Cymru); yes when absent. */
  asnLookup: z.boolean().exactOptional(),
});

/**
 * The settings that a recording keeps in another form, or not at all: keys are secret, a message is somebody's mail, and
 * what the certificates are trusted for is recorded with each handshake.
 */
export interface UnrecordedSettings {
  /** Environment variable → the key in it, for lists that take one in their query names; never shown. */
  readonly listKeys?: Readonly<Record<string, string>>;
  /** PEM certificates trusted besides the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** The name given in EHLO; the machine's own when absent. */
  readonly probeName?: string;
  /** `ip:port` or `[v6]:port` → the address and port connected to in its place, for labs and tunnels. */
  readonly connectTo?: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** The private key the host will sign with, PEM: compared with the published one, never shown or sent. */
  readonly dkimKeyPem?: string;
  /** A message the host has sent, headers and all: its signatures are verified, and tell which selectors are in use. */
  readonly message?: Uint8Array;
}

export type RecordedSettings = Readonly<z.infer<typeof recordedSettings>>;

export interface Settings extends RecordedSettings, UnrecordedSettings {}

/** Everything about a run that is not the target: each rule reads its own part and no other. */
export interface Settings {
  /** Port probed for SMTP on the tested addresses and the MX hosts. */
  readonly smtpPort: number;
  /** Whether private, loopback and documentation addresses may be tested and connected to. */
  readonly allowPrivate: boolean;
  /** DNSBL zones that replace the default lists. */
  readonly dnsblZones?: readonly string[];
  /** The vantage the user vouches for; computed when absent. */
  readonly vantage?: 'self' | 'same-network' | 'outside';
  /** A mailbox the user owns at a domain the tested host does not serve: the foreign recipient of relay probes. */
  readonly relayRecipient?: string;
}

/**
 * The settings of a run: everything except the target. Each rule reads only the settings that it needs. The interface
 * that declares a setting decides whether a recording keeps it.
 */
import * as z from 'zod';
import { parseServer } from '../network/dns/servers.ts';
import { parseDomain } from '../network/domain.ts';
import { parseMailbox } from '../network/mailbox.ts';
import { isCertificate } from '../standards/certificate.ts';
import { readAnchors } from '../standards/dnssec/index.ts';
import { UsageError } from '../usage-error.ts';

/** The most items of a list in a recording. */
const MAX_ITEMS = 1000;

/** The longest time, in milliseconds: one day. */
const MAX_MS = 86_400_000;

const port = z.int().min(1).max(65535);
const milliseconds = z.number().min(0).max(MAX_MS);
/** A DNS name: letters, digits, hyphens and underscores. */
const name = z.string().refine((text) => parseDomain(text) !== undefined, 'not a name');
const names = z.array(name).max(MAX_ITEMS).readonly();
/** A host name or an address. A name of one label is one of the local network. */
const host = z.string().regex(/^[A-Za-z0-9_:][A-Za-z0-9_.:-]{0,252}$/);
const hostPorts = z.array(z.object({ host, port }).readonly()).max(MAX_ITEMS).readonly();
const certificate = z.base64().max(100_000).refine(isCertificate, 'not a certificate');
const mailbox = z.string().refine((text) => parseMailbox(text) !== undefined, 'not a mailbox');

/** The most characters of a file with trust anchors. */
const MAX_ANCHORS = 1_000_000;
/** The text of a file with trust anchors. */
const trustAnchors = z
  .string()
  .max(MAX_ANCHORS)
  .refine((text) => isRead(() => readAnchors(text, 'trust anchors')), 'no trust anchors');
const dnsServer = z
  .string()
  .max(100)
  .refine((text) => isRead(() => parseServer(text)), 'not a DNS server');

function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** The settings that a recording keeps as they are. Recordings are untrusted input, so this schema validates them. */
export const recordedSettings = z.object({
  /** The SMTP port of the tested addresses and the MX hosts. */
  smtpPort: port,
  /** Whether mailcheck may test and connect to private, loopback and documentation addresses. */
  allowPrivate: z.boolean(),
  /** The DNSBL zones that replace the default lists. */
  dnsblZones: names.exactOptional(),
  /** The DNSBL zones to leave out. */
  dnsblExcept: names.exactOptional(),
  /**
   * Whether to ask every list at its own name servers, or none. When absent, those are asked whose answers do not get
   * through the resolver.
   */
  listsDirect: z.boolean().exactOptional(),
  /** The texts of the files with the trust anchors of DNSSEC. The keys of the root zone when absent. */
  trustAnchors: z.array(trustAnchors).max(MAX_ITEMS).readonly().exactOptional(),
  /** The DNS server to ask for signatures, as `address[:port]`. The servers of the run when absent. */
  dnssecResolver: dnsServer.exactOptional(),
  /**
   * Whether to ask the name servers for every RRset that the checks used. When absent, they are asked for those alone that
   * an error or a warning rests on.
   */
  authoritative: z.boolean().exactOptional(),
  /** Whether to look up a sample of the addresses around the tested ones. */
  neighbours: z.boolean().exactOptional(),
  /** The vantage as the user states it. It is detected when absent. */
  vantage: z.enum(['self', 'same-network', 'outside']).exactOptional(),
  /** A DNS name whose servers answer with the address of the client. None is asked when absent. */
  whoamiName: name.exactOptional(),
  /** The foreign recipient of relay probes: a mailbox of the user at a domain that the tested host does not serve. */
  relayRecipient: mailbox.exactOptional(),
  /** Whether relay probes send a test message to `relayRecipient`. Otherwise they end at RCPT. */
  activeData: z.boolean().exactOptional(),
  /** Whether to ask MX hosts by RCPT if they accept mail for postmaster. */
  activeRcpt: z.boolean().exactOptional(),
  /** Whether to ask the mail servers of large receivers what they say to this host. */
  askReceivers: z.boolean().exactOptional(),
  /** Whether to send a command in the packet of STARTTLS, to see whether a server executes it behind the handshake. */
  activeInjection: z.boolean().exactOptional(),
  /** The mail servers that the outbound test connects to, instead of well-known ones. */
  egressTargets: hostPorts.exactOptional(),
  /** Services on other ports, which tell a blocked port 25 from a missing network. */
  egressControls: hostPorts.exactOptional(),
  /** Whether the user says that the host only sends, so that nothing has to listen on its SMTP port. */
  sendOnly: z.boolean().exactOptional(),
  /** Whether to make no SMTP connection and no web request. The checks that need one are not run. */
  dnsOnly: z.boolean().exactOptional(),
  /**
   * What fails a run with proposed records. `change`: what they make worse than the published ones, and no mail server is
   * connected to. `all`, and when absent: whatever is wrong with them.
   */
  gate: z.enum(['change', 'all']).exactOptional(),
  /** Whether mail servers are connected to for a change of DNS too. */
  smtp: z.boolean().exactOptional(),
  /** Whether nobody is asked anything, so that only what the proposed records decide is judged. */
  offline: z.boolean().exactOptional(),
  /**
   * The submission ports to test. Default: 587 and 465. By default a loopback address has none, and with `connectTo`
   * only the ports that it names count.
   */
  submissionPorts: z.array(port).max(MAX_ITEMS).readonly().exactOptional(),
  /** Milliseconds between two connections to one host. Relay probes then make one connection at a time. Default: 0. */
  probePauseMs: milliseconds.exactOptional(),
  /**
   * Milliseconds to wait before deferred recipients are tried again (RFC 6647). They are not tried again when absent.
   */
  greylistWaitMs: milliseconds.exactOptional(),
  /** The mail volume for which receivers' answers are predicted. `bulk`: 5000 a day to one receiver. Default: `low`. */
  volume: z.enum(['low', 'bulk']).exactOptional(),
  /** The mailbox that reports go to in proposed records. */
  reportsTo: mailbox.exactOptional(),
  /** The id of the provider that the user named. It is detected when absent. */
  provider: z
    .string()
    .regex(/^[a-z0-9-]{1,100}$/)
    .exactOptional(),
  /** The id of the DNS host of the domain's zones that the user named. It is detected when absent. */
  dnsHost: z
    .string()
    .regex(/^[a-z0-9-]{1,100}$/)
    .exactOptional(),
  /** The MTA-STS policy in the baseline report, if the domain had one. */
  earlierPolicy: z
    .object({
      id: z.string().regex(/^[A-Za-z0-9]{1,32}$/),
      mode: z.enum(['enforce', 'testing', 'none']),
      mx: z
        .array(z.string().regex(/^(?:\*\.)?[a-z0-9.-]{1,253}$/))
        .max(10_000)
        .readonly(),
      maxAge: z.int().min(0).max(31_557_600),
    })
    .readonly()
    .exactOptional(),
  /** Since when all name servers had a DKIM key, by the baseline report or an earlier round of `--wait`. */
  earlierKeys: z
    .array(
      z
        .object({
          /** The name of the key record. */
          name: z.string().max(255),
          fingerprint: z.string().regex(/^sha256:[0-9a-f]{64}$/),
          since: z.iso.datetime().nullable(),
          /** From when it was safe to sign with the key. */
          safeAt: z.iso.datetime().nullable().exactOptional(),
          /** When some name server did not have the key. */
          lostAt: z.iso.datetime().exactOptional(),
        })
        .readonly(),
    )
    .max(MAX_ITEMS)
    .readonly()
    .exactOptional(),
  /**
   * Whether the run waits until it is safe to switch to the DKIM key that the user gave. What speaks against the switch is
   * then an error.
   */
  untilSafe: z.boolean().exactOptional(),
  /** Whether to look up the network that announces an address, at Team Cymru. Default: yes. */
  asnLookup: z.boolean().exactOptional(),
  /**
   * The certificate that is about to be installed, with those above it, in DER as Base64. They are public, so a recording
   * keeps them.
   */
  nextCertificate: z.array(certificate).min(1).max(10).readonly().exactOptional(),
});

/**
 * The settings that a recording keeps in another form or not at all. Keys are secret and a message is private mail.
 * Trust in certificates is recorded with each handshake.
 */
export interface UnrecordedSettings {
  /** Environment variable → its key, for block lists that take a key in their query names. The keys are never shown. */
  readonly listKeys?: Readonly<Record<string, string>>;
  /** The certificates (PEM) to trust besides the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** The name to send in EHLO. The machine's own name when absent. */
  readonly probeName?: string;
  /** `ip:port` or `[v6]:port` → the host and port to connect to instead, for labs and tunnels. */
  readonly connectTo?: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** The private DKIM key of the host (PEM). It is compared with the published key, and never shown or sent. */
  readonly dkimKeyPem?: string;
  /** A complete message that the host has sent. Its signatures are verified and show which selectors are in use. */
  readonly message?: Uint8Array;
}

/** The settings that a recording keeps as they are. */
export type RecordedSettings = Readonly<z.infer<typeof recordedSettings>>;

/** All settings of a run. */
export interface Settings extends RecordedSettings, UnrecordedSettings {}

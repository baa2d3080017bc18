/**
 * Real mail servers in a net of their own: well kept, open in several ways, and with one fault each. Names are under
 * example.com, addresses those for documentation.
 */
import { createAuthority, type Issued } from '../world/certificates.ts';
import { layersOf, type Machine, machine } from './layers.ts';
import { exim, opensmtpd, postfix, type SetUp } from './mail-software.ts';
import { createNet, type Host, listens, type Net } from './netns.ts';

const DNS_ADDRESS = '192.0.2.53';
const PROBER_ADDRESS = '198.51.100.10';
const DAY_MS = 86_400_000;

export interface MailServer {
  /** Also its domain: `<id>.example.com`, with the MX `mail.<id>.example.com`. */
  readonly id: string;
  readonly ip: string;
  readonly ip6?: string;
  readonly software: 'postfix' | 'exim' | 'opensmtpd' | 'none';
}

export const domainOf = ({ id }: MailServer): string => `${id}.example.com`;
export const nameOf = (server: MailServer): string => `mail.${domainOf(server)}`;

const authority = createAuthority('Lab Root');

export const servers = {
  closed: { id: 'closed', ip: '203.0.113.1', ip6: '2001:db8::1', software: 'postfix' },
  open: { id: 'open', ip: '203.0.113.2', software: 'exim' },
  spoof: { id: 'spoof', ip: '203.0.113.3', software: 'postfix' },
  catchall: { id: 'catchall', ip: '203.0.113.4', software: 'postfix' },
  greylist: { id: 'greylist', ip: '203.0.113.5', software: 'exim' },
  refusing: { id: 'refusing', ip: '203.0.113.6', software: 'postfix' },
  expired: { id: 'expired', ip: '203.0.113.7', software: 'postfix' },
  mismatched: { id: 'mismatched', ip: '203.0.113.8', software: 'postfix' },
  silent: { id: 'silent', ip: '203.0.113.9', software: 'none' },
  openpostfix: { id: 'openpostfix', ip: '203.0.113.10', software: 'postfix' },
  closedexim: { id: 'closedexim', ip: '203.0.113.11', software: 'exim' },
  opensmtpd: { id: 'opensmtpd', ip: '203.0.113.12', software: 'opensmtpd' },
  legacy: { id: 'legacy', ip: '203.0.113.14', software: 'postfix' },
  openopensmtpd: { id: 'openopensmtpd', ip: '203.0.113.13', software: 'opensmtpd' },
} as const satisfies Record<string, MailServer>;

export type ServerId = keyof typeof servers;

export interface MailLab {
  /** Where mailcheck runs. */
  readonly prober: Host;
  readonly net: Net;
  /** PEM: the authority that the servers' certificates are of. */
  readonly caCertificate: string;
  readonly dns: string;
  close(): Promise<void>;
}

/** Starts the servers of these ids (all when absent) and waits until they listen. */
export async function startMailServers(
  ids: readonly ServerId[] = Object.keys(servers) as ServerId[],
): Promise<MailLab> {
  const wanted: MailServer[] = ids.map((id) => servers[id]);
  const layers = await layersOf({
    postfix: 'postfix',
    exim: 'exim4-daemon-light',
    opensmtpd: 'opensmtpd',
    dns: 'bind9',
  });
  const addresses = wanted.map(({ id, ip, ip6 }) => [id, ip6 === undefined ? [ip] : [ip, ip6]] as const);
  const net = await createNet(
    { prober: [PROBER_ADDRESS, '2001:db8:1::10'], dns: [DNS_ADDRESS], ...Object.fromEntries(addresses) },
    { resolver: DNS_ADDRESS },
  );
  const machines: Machine[] = [];
  const start = (host: Host, path: string, files: Record<string, string>, command: readonly string[]) => {
    const made = machine(host, path, files);
    machines.push(made);
    made.start(command, { stdio: process.env.LAB_LOG ? 'inherit' : 'ignore' });
  };
  const close = async () => {
    await net.close();
    for (const made of machines) made.close();
  };
  try {
    start(net.host('dns'), layers.dns, bindFiles(wanted), ['named', '-g', '-c', '/etc/lab/named.conf']);
    for (const server of wanted) {
      const { software } = server;
      if (software === 'none') continue;
      const { files, command } = setUp(server);
      start(net.host(server.id), layers[software], files, command);
    }
    const prober = net.host('prober');
    await listens(prober, DNS_ADDRESS, 53);
    await Promise.all(wanted.map(({ ip, software }) => (software === 'none' ? undefined : listens(prober, ip, 25))));
    return { prober, net, caCertificate: authority.certificate, dns: DNS_ADDRESS, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function certificateOf(server: MailServer): Issued {
  const names = [nameOf(server)];
  switch (server.id) {
    case 'expired':
      return authority.issue({ names, notBefore: Date.now() - 90 * DAY_MS, notAfter: Date.now() - DAY_MS });
    case 'mismatched':
      return authority.issue({ names: ['www.example.com'] });
    case 'opensmtpd':
      return authority.issue({ names, key: 'rsa2048' });
    default:
      return authority.issue({ names });
  }
}

/** What spoils a host that is well kept otherwise. */
const POSTFIX_FAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  spoof: {
    smtpd_relay_restrictions: 'check_sender_access inline:{spoof.example.com=OK}, reject_unauth_destination',
  },
  catchall: { local_recipient_maps: '', luser_relay: 'postmaster' },
  refusing: { smtpd_delay_reject: 'no', smtpd_client_restrictions: 'reject' },
  openpostfix: { mynetworks: '0.0.0.0/0 [::]/0' },
  // What Debian 12 comes with.
  legacy: { smtpd_tls_protocols: '>=TLSv1' },
};

const EXIM_RCPT: Readonly<Record<string, string>> = {
  open: 'accept',
  greylist: 'defer message = Greylisted, please try again later',
};

function setUp(server: MailServer): SetUp {
  const plan = { name: nameOf(server), domain: domainOf(server), certificate: certificateOf(server) };
  switch (server.software) {
    case 'exim':
      return exim(plan, { rcpt: EXIM_RCPT[server.id] ?? '' });
    case 'opensmtpd':
      return opensmtpd(plan, { relay: server.id === 'openopensmtpd' });
    default:
      return postfix(plan, POSTFIX_FAULTS[server.id]);
  }
}

/** One zone, the root, holds everything; what is not in it does not exist. */
function bindFiles(wanted: readonly MailServer[]): Record<string, string> {
  const records = wanted.flatMap((server) => [
    `${domainOf(server)}. MX 10 ${nameOf(server)}.`,
    `${nameOf(server)}. A ${server.ip}`,
    ...(server.ip6 === undefined ? [] : [`${nameOf(server)}. AAAA ${server.ip6}`]),
    `${server.ip.split('.').reverse().join('.')}.in-addr.arpa. PTR ${nameOf(server)}.`,
  ]);
  const zone = [
    '$TTL 60',
    '. SOA ns.lab.example. hostmaster.lab.example. 1 600 300 86400 60',
    '. NS ns.lab.example.',
    `ns.lab.example. A ${DNS_ADDRESS}`,
    // Recipients' domains that take mail, as a mailbox of one's own would have.
    'example.org. MX 10 mx.example.org.',
    'example.net. MX 10 mx.example.net.',
    'mx.example.org. A 198.51.100.77',
    'mx.example.net. A 198.51.100.78',
    '10.100.51.198.in-addr.arpa. PTR prober.example.net.',
    `prober.example.net. A ${PROBER_ADDRESS}`,
    ...records,
  ];
  return {
    '/etc/lab/named.conf': `options { directory "/tmp"; listen-on { any; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; pid-file none; session-keyfile none; };
controls {};
zone "." { type primary; file "/etc/lab/root.zone"; };
`,
    '/etc/lab/root.zone': `${zone.join('\n')}\n`,
  };
}

/**
 * Real mail servers in a net of their own: well kept, open in several ways, and with one fault each. Names are under
 * example.com, addresses those for documentation.
 */
import type { Issued } from '../world/certificates.ts';
import { createAuthority } from '../world/certificates.ts';
import { layer, type Machine, machine } from './layers.ts';
import { createNet, type Host, type Net } from './netns.ts';

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
  const layers = {
    postfix: await layer('postfix'),
    exim: await layer('exim4-daemon-light'),
    opensmtpd: await layer('opensmtpd'),
    dns: await layer('bind9'),
  };
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
      const { files, command } = setUps[software](server);
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

/** @throws Error when nothing does within the time. */
async function listens(from: Host, ip: string, port: number): Promise<void> {
  const knock = `for i in $(seq 150); do (exec 3<>/dev/tcp/${ip}/${port}) 2>/dev/null && exit; sleep 0.2; done; exit 1`;
  const { code } = await from.run(['bash', '-c', knock]);
  if (code !== 0) throw new Error(`nothing listens on ${ip} port ${port}`);
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

interface SetUp {
  readonly files: Record<string, string>;
  readonly command: readonly string[];
}

const setUps = { postfix, exim, opensmtpd };

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

function postfix(server: MailServer): SetUp {
  const { certificate, key } = certificateOf(server);
  const main = {
    compatibility_level: '3.6',
    myhostname: nameOf(server),
    mydestination: domainOf(server),
    mynetworks: '127.0.0.0/8 [::1]/128',
    inet_interfaces: 'all',
    inet_protocols: 'all',
    local_recipient_maps: 'inline:{postmaster=x}',
    alias_maps: '',
    maillog_file: '/var/log/mail.log',
    // Else the runs before slow the next one down: their mail is accepted but never delivered.
    in_flow_delay: '0',
    smtpd_tls_security_level: 'may',
    smtpd_tls_protocols: '>=TLSv1.2',
    smtpd_tls_chain_files: '/etc/lab/mail.pem',
    smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination',
    ...POSTFIX_FAULTS[server.id],
  };
  const lines = Object.entries(main).map(([name, value]) => `${name} = ${value}\n`);
  return {
    files: { '/etc/postfix/main.cf': lines.join(''), '/etc/lab/mail.pem': `${key}${certificate}` },
    command: ['sh', '-c', 'chmod 600 /etc/lab/mail.pem; postconf -F "*/*/chroot = n"; exec postfix start-fg'],
  };
}

const EXIM_RCPT: Readonly<Record<string, string>> = {
  open: 'accept',
  greylist: 'defer message = Greylisted, please try again later',
};

function exim(server: MailServer): SetUp {
  const { certificate, key } = certificateOf(server);
  const configuration = `
primary_hostname = ${nameOf(server)}
domainlist local_domains = ${domainOf(server)}
tls_advertise_hosts = *
tls_certificate = /etc/lab/mail.pem
tls_privatekey = /etc/lab/mail.key
tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1
acl_smtp_rcpt = rcpt
acl_smtp_data = data
host_lookup =
log_file_path = /var/log/exim4/%slog

begin acl
rcpt:
  ${EXIM_RCPT[server.id] ?? ''}
  accept hosts = :
  require message = relay not permitted
          domains = +local_domains
  require message = unknown user
          local_parts = postmaster
  accept
data:
  accept

begin routers
local:
  driver = accept
  domains = +local_domains
  transport = drop
remote:
  driver = dnslookup
  transport = smtp

begin transports
drop:
  driver = appendfile
  file = /dev/null
  user = Debian-exim
smtp:
  driver = smtp
`;
  return {
    files: {
      '/etc/lab/exim.conf': configuration,
      '/etc/lab/mail.pem': certificate,
      '/etc/lab/mail.key': key,
    },
    command: [
      'sh',
      '-c',
      'chown root:Debian-exim /etc/lab/mail.key; chmod 640 /etc/lab/mail.key; exec exim4 -C /etc/lab/exim.conf -bdf',
    ],
  };
}

function opensmtpd(server: MailServer): SetUp {
  const { certificate, key } = certificateOf(server);
  const relays = server.id === 'openopensmtpd' ? ['match from any for any action "out"'] : [];
  const configuration = [
    `smtp max-message-size 10M`,
    `pki mail cert "/etc/lab/mail.pem"`,
    `pki mail key "/etc/lab/mail.key"`,
    `listen on 0.0.0.0 port 25 tls pki mail hostname ${nameOf(server)}`,
    'action "in" maildir "/tmp/maildir"',
    'action "out" relay',
    ...relays,
    `match from any for domain "${domainOf(server)}" action "in"`,
  ];
  return {
    files: {
      '/etc/smtpd.conf': `${configuration.join('\n')}\n`,
      '/etc/lab/mail.pem': certificate,
      '/etc/lab/mail.key': key,
    },
    command: ['sh', '-c', 'chmod 600 /etc/lab/mail.key; exec smtpd -d'],
  };
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

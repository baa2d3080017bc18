/** How the mail servers of the lab are set up: the files of each, and the command that starts it in the foreground. */
import type { Issued } from '../world/certificates.ts';

export interface MailHostPlan {
  /** The host's own name, which it greets with. */
  readonly name: string;
  /** The domain it takes mail for. */
  readonly domain: string;
  readonly certificate: Issued;
}

export interface SetUp {
  readonly files: Record<string, string>;
  readonly command: readonly string[];
}

/** @param settings what spoils a host that is well kept otherwise (main.cf). */
export function postfix(plan: MailHostPlan, settings: Readonly<Record<string, string>> = {}): SetUp {
  const { certificate, key } = plan.certificate;
  const main = {
    compatibility_level: '3.6',
    myhostname: plan.name,
    mydestination: plan.domain,
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
    ...settings,
  };
  const lines = Object.entries(main).map(([name, value]) => `${name} = ${value}\n`);
  return {
    files: { '/etc/postfix/main.cf': lines.join(''), '/etc/lab/mail.pem': `${key}${certificate}` },
    command: ['sh', '-c', 'chmod 600 /etc/lab/mail.pem; postconf -F "*/*/chroot = n"; exec postfix start-fg'],
  };
}

export interface EximFaults {
  /** The first statement at RCPT. */
  readonly rcpt?: string;
  /** Seconds before the greeting. */
  readonly bannerDelay?: number;
}

export function exim(plan: MailHostPlan, { rcpt = '', bannerDelay = 0 }: EximFaults = {}): SetUp {
  const { certificate, key } = plan.certificate;
  const configuration = `
primary_hostname = ${plan.name}
domainlist local_domains = ${plan.domain}
tls_advertise_hosts = *
tls_certificate = /etc/lab/mail.pem
tls_privatekey = /etc/lab/mail.key
tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1
acl_smtp_connect = connect
acl_smtp_rcpt = rcpt
acl_smtp_data = data
host_lookup =
log_file_path = /var/log/exim4/%slog

begin acl
connect:
  accept delay = ${bannerDelay}s
rcpt:
  ${rcpt}
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

export function opensmtpd(plan: MailHostPlan, { relay = false }: { relay?: boolean } = {}): SetUp {
  const { certificate, key } = plan.certificate;
  const configuration = [
    `smtp max-message-size 10M`,
    `pki mail cert "/etc/lab/mail.pem"`,
    `pki mail key "/etc/lab/mail.key"`,
    `listen on 0.0.0.0 port 25 tls pki mail hostname ${plan.name}`,
    'action "in" maildir "/tmp/maildir"',
    'action "out" relay',
    ...(relay ? ['match from any for any action "out"'] : []),
    `match from any for domain "${plan.domain}" action "in"`,
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

/**
 * The hosts of the world in `transport.ts`, and their certificates: mail servers with STARTTLS, and a web server that
 * has the MTA-STS policies.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { createAuthority, type Issued, selfSigned } from '../world/certificates.ts';
import type { SetUp } from './mail-software.ts';
import { postfix } from './mail-software.ts';

/** Mail servers, by their addresses. `both` has an RSA certificate too, and nothing listens on `dead`. */
export const mailAddresses = {
  good: '203.0.113.1',
  misnamed: '203.0.113.2',
  expired: '203.0.113.3',
  cleartext: '203.0.113.4',
  both: '203.0.113.5',
  selfsigned: '203.0.113.6',
  dead: '203.0.113.7',
} as const;

export type MailId = keyof typeof mailAddresses;

/** The web server. Connections to `refused` are refused, and `plain` answers without TLS. */
export const webAddresses = { web: '203.0.113.80', refused: '203.0.113.81', plain: '203.0.113.82' } as const;

const DAY_MS = 86_400_000;
const past = { notBefore: Date.now() - 90 * DAY_MS, notAfter: Date.now() - DAY_MS };

/** The root that mailcheck is told to trust, and what it has signed. */
export const root = createAuthority('Lab Root');
const issuer = root.intermediate('Lab Issuer');

export interface MailCertificates {
  readonly leaves: Readonly<Partial<Record<MailId, Issued>>>;
  /** The second certificate of `both`. */
  readonly rsa: Issued;
}

/** @param names the MX hosts, which the certificates are for. */
export function issueMailCertificates(names: readonly string[]): MailCertificates {
  return {
    leaves: {
      good: issuer.issue({ names }),
      misnamed: issuer.issue({ names: ['www.example.com'] }),
      expired: issuer.issue({ names, ...past }),
      both: issuer.issue({ names }),
      selfsigned: selfSigned({ names }),
    },
    rsa: issuer.issue({ names, key: 'rsa2048' }),
  };
}

/**
 * @param text a TLSA record (RFC 6698 §2) whose last word says of what: `leaf`, `rsa`, `issuer` or `root` are
 *   certificates, `other` is the digest of none, and `short` has half of the octets of a SHA-256 digest.
 * @returns the record, as in a master file.
 */
export function tlsa(text: string, id: MailId, { leaves, rsa }: MailCertificates): string {
  const [usage, selector, matching, what = ''] = text.split(' ');
  const size = matching === '2' ? 64 : 32;
  const fixed: Record<string, string> = { other: 'ab'.repeat(size), short: 'ab'.repeat(16) };
  const certificate: Record<string, Issued | undefined> = { leaf: leaves[id], rsa, issuer, root };
  const data = fixed[what] ?? associationOf(certificate[what], selector === '1', matching);
  return `TLSA ${usage} ${selector} ${matching} ${data}`;
}

function associationOf(certificate: Issued | undefined, isKey: boolean, matching: string | undefined): string {
  if (certificate === undefined) throw new RangeError('no certificate to make a TLSA record of');
  const parsed = new X509Certificate(certificate.certificate);
  const bytes = isKey ? parsed.publicKey.export({ type: 'spki', format: 'der' }) : parsed.raw;
  if (matching === '0') return bytes.toString('hex');
  return createHash(matching === '2' ? 'sha512' : 'sha256')
    .update(bytes)
    .digest('hex');
}

/** One Postfix on all the addresses: a service of its own for each, with its own certificates. */
export function mailSetUp({ leaves, rsa }: MailCertificates): SetUp {
  const chain = (one: Issued, ...more: Issued[]) =>
    [one.key, one.certificate, ...more.map(({ certificate }) => certificate)].join('');
  const { files, command } = postfix({ name: 'mail.example.com', domain: 'example.com', certificate: rsa });
  const services: string[] = [];
  for (const [id, ip] of Object.entries(mailAddresses)) {
    if (id === 'dead') continue;
    const leaf = leaves[id as MailId];
    const paths = [...(id === 'both' ? ['rsa'] : []), id].map((name) => `/etc/lab/${name}.pem`);
    const tls = leaf ? `smtpd_tls_chain_files=${paths.join(',')}` : 'smtpd_tls_security_level=none';
    services.push(`'${ip}:25/inet=${ip}:25 inet n - n - - smtpd -o ${tls}'`);
    if (leaf) files[`/etc/lab/${id}.pem`] = id === 'selfsigned' ? chain(leaf) : chain(leaf, issuer);
  }
  files['/etc/lab/rsa.pem'] = chain(rsa, issuer);
  const [shell = '', option = '', script = ''] = command;
  const arrange = `postconf -MX smtp/inet; postconf -M ${services.join(' ')}; chmod 600 /etc/lab/*.pem;`;
  return { files, command: [shell, option, `${arrange} ${script}`] };
}

/** What the web server says to a GET of one path. The body is sent as it is. */
export interface PolicyAnswer {
  /** Default: that of a policy (RFC 8461 §3.2). */
  readonly path?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly certificate?: 'untrusted' | 'expired' | 'misnamed';
}

/** @returns the arguments of `policy-server.mjs`, as JSON. */
export function webSetUp(answers: Readonly<Record<string, PolicyAnswer>>): string {
  const names = Object.keys(answers);
  const sent = ({ key, certificate }: Issued, ...more: Issued[]) => ({
    key,
    cert: [certificate, ...more.map((one) => one.certificate)].join(''),
  });
  return JSON.stringify({
    addresses: webAddresses,
    answers,
    certificates: {
      sound: sent(issuer.issue({ names }), issuer),
      untrusted: sent(selfSigned({ names })),
      expired: sent(issuer.issue({ names, ...past }), issuer),
      misnamed: sent(issuer.issue({ names: ['www.example.org'] }), issuer),
    },
  });
}

/**
 * Names the facts that stand in code, and says when each was checked. Some of them are lines to paste: those that nobody
 * has compared with a source begin with a line that says so (`unconfirmedLines`).
 */
import type { Fact } from './fact.ts';

/** A table in code, or the part of several tables that is about one product. */
export interface CodeFact extends Omit<Fact, 'kind'> {
  /** The source files, relative to `src/`. */
  readonly files: readonly string[];
}

const MTA = 'knowledge/mail-servers/mta.ts';
const TLS_LINES = 'knowledge/mail-servers/tls-lines.ts';
const SENDING_NAME = 'knowledge/mail-servers/sending-name.ts';

/** @returns the lines for a mail server, which are printed as they are. */
function checked(id: string, files: readonly string[], verifiedOn: string, ...sources: string[]): CodeFact {
  return { id, files, verifiedOn, confidence: 'high', provenance: 'vendor-source', sources, isMarked: false };
}

/** @returns a table that nobody has compared with a source. A report marks its lines, or prints nothing of it. */
function unchecked(id: string, ...files: string[]): CodeFact {
  return { id, files, verifiedOn: null, confidence: 'low', provenance: 'none', sources: [], isMarked: true };
}

/** Every fact in code. The lines for a mail server have the id of the server. */
export const CODE_FACTS: readonly CodeFact[] = [
  checked(
    'postfix',
    [MTA, TLS_LINES, SENDING_NAME],
    '2026-08-22',
    'https://github.com/vdukhovni/postfix/blob/master/postfix/man/man5/postconf.5',
  ),
  checked(
    'exim',
    [MTA, TLS_LINES, SENDING_NAME],
    '2025-12-29',
    'https://github.com/Exim/exim/blob/master/doc/doc-docbook/spec.xfpt',
  ),
  checked(
    'opensmtpd',
    [MTA, TLS_LINES, SENDING_NAME],
    '2026-03-26',
    'https://github.com/OpenSMTPD/OpenSMTPD/blob/master/usr.sbin/smtpd/smtpd.conf.5',
  ),
  checked(
    'haraka',
    [MTA, SENDING_NAME],
    '2026-03-10',
    'https://github.com/haraka/haraka-plugin-relay/blob/master/README.md',
    'https://github.com/haraka/Haraka/blob/master/docs/CoreConfig.md',
  ),
  checked(
    'stalwart',
    [MTA, SENDING_NAME],
    '2026-08-08',
    'https://github.com/stalwartlabs/website/blob/main/src/content/docs/docs/mta/inbound/rcpt.md',
  ),
  checked('mox', [SENDING_NAME], '2026-08-19', 'https://github.com/mjl-/mox/blob/main/config/config.go'),
  checked(
    'hmailserver',
    [MTA, SENDING_NAME],
    '2025-04-20',
    'https://github.com/hmailserver/hmailserver/tree/master/hmailserver/source/Tools/Administrator',
  ),
  unchecked('sendmail', MTA, SENDING_NAME),
  unchecked('exchange', MTA, SENDING_NAME),
  unchecked('mailenable', MTA),
  unchecked('mdaemon', SENDING_NAME),
  unchecked('kerio', SENDING_NAME),
  unchecked('domino', SENDING_NAME),
  unchecked('james', SENDING_NAME),
  unchecked('cisco-inspection', 'knowledge/mail-servers/smtp-inspection.ts'),
  // A server says itself what it is: these tables recognise its words, and state nothing about it.
  unchecked('greetings', MTA, 'knowledge/mail-servers/decoys.ts', 'knowledge/mail-servers/services.ts'),
  {
    id: 'line-words',
    files: ['knowledge/providers/line-words.ts'],
    verifiedOn: '2025-02-07',
    confidence: 'high',
    provenance: 'vendor-source',
    sources: [
      'https://sources.debian.org/src/spamassassin/4.0.1-1~deb12u1/rules/20_dynrdns.cf/',
      'https://github.com/rspamd/rspamd/blob/master/src/plugins/lua/hfilter.lua',
    ],
    isMarked: false,
  },
  {
    id: 'enhanced-codes',
    files: ['knowledge/receivers/enhanced-codes.ts'],
    verifiedOn: '2026-08-19',
    confidence: 'high',
    provenance: 'third-party',
    sources: [
      'https://www.iana.org/assignments/smtp-enhanced-status-codes/smtp-enhanced-status-codes.xml',
      'https://github.com/mjl-/mox/blob/1c9587665b321199312e11b6a47a0480a9e2750f/smtp/codes.go',
    ],
    isMarked: false,
  },
  {
    id: 'root-anchors',
    files: ['knowledge/root-anchors.ts'],
    verifiedOn: '2026-11-30',
    confidence: 'high',
    provenance: 'third-party',
    sources: [
      'https://data.iana.org/root-anchors/root-anchors.xml',
      'https://sources.debian.org/src/dns-root-data/',
      'https://gitlab.isc.org/isc-projects/bind9/-/blob/main/bind.keys',
    ],
    isMarked: false,
  },
  // The names decide only when two servers or more announce others.
  unchecked('egress-anchors', 'check/facts/egress-anchors.ts'),
  // A guess that fails says nothing.
  unchecked('dkim-selectors', 'standards/dkim/selectors.ts'),
];

/** The options of the check that describe the tested host and domain. */
import type { OptionRows } from './row.ts';

const VOLUMES = ['low', 'bulk'] as const;

/** The options under the heading "Target" of the help. */
export const TARGET_OPTIONS = {
  helo: {
    flags: '--helo <name>',
    help: 'the name the host announces in EHLO',
    takes: 'text',
    config: { help: 'The name the host announces in EHLO' },
    parse: (name, { parseHelo }) => parseHelo(name),
  },
  selector: {
    flags: '--selector <name>',
    help: 'DKIM selector in use (repeatable)',
    takes: 'list',
    config: { key: 'selectors', help: 'DKIM selectors in use' },
    parse: (names, { parseSelector }) => names.map(parseSelector),
  },
  dkimKey: {
    flags: '--dkim-key <file>',
    help: 'private key (PEM) the host signs with: checked against the published one',
    takes: 'file',
    config: { help: 'File with the private key (PEM) the host signs with; never the key itself', isSecret: true },
    sets: async (file, { readKey }) => ({ dkimKeyPem: (await readKey(file)).pem }),
  },
  message: {
    flags: '--message <file>',
    help: 'a message the host has sent (.eml): its DKIM signatures are verified',
    takes: 'file',
    config: { help: 'File with a message the host has sent (.eml)' },
    sets: async (file, { readMessage }) => ({ message: await readMessage(file) }),
  },
  provider: {
    flags: '--provider <id>',
    help: 'who the addresses are rented from, when it is not recognised (mailcheck providers)',
    takes: 'text',
    config: { help: 'Who the addresses are rented from (mailcheck providers)' },
    sets: async (id, { knownProvider }) => ({ provider: (await knownProvider(id)).id }),
  },
  volume: {
    flags: '--volume <class>',
    help: 'how much mail receivers will see: bulk is 5000 a day to one of them',
    takes: 'choice',
    choices: VOLUMES,
    default: 'low',
    config: { help: 'How much mail receivers will see' },
    sets: (volume, { oneOf }) => ({ volume: oneOf(volume, VOLUMES) }),
  },
  rua: {
    flags: '--rua <mailbox>',
    help: 'mailbox for DMARC reports in proposed records (default: dmarc@<domain>)',
    takes: 'text',
    config: { key: 'reportsTo', help: 'Mailbox for DMARC reports in proposed records' },
    sets: (mailbox, { mailboxText, parseMailbox }) => ({
      reportsTo: mailboxText(parseMailbox(mailbox, 'dmarc@example.com')),
    }),
  },
  sendOnly: {
    flags: '--send-only',
    help: 'the host only sends: nothing has to listen on its port 25',
    takes: 'flag',
    config: { help: 'The host only sends: nothing has to listen on its port 25' },
    sets: (sendOnly) => ({ sendOnly }),
  },
} as const satisfies OptionRows;

/** The options of the check that describe the tested host and domain. */
import type { OptionRows } from './row.ts';
import { DNS_HOST } from './shared.ts';

const VOLUMES = ['low', 'bulk'] as const;

/** The options under the heading "Target" of the help. */
export const TARGET_OPTIONS = {
  helo: {
    flags: '--helo <name>',
    help: 'HELO name that the server announces',
    takes: 'text',
    config: { help: 'HELO name that the server announces' },
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
    help: 'private DKIM key (PEM) of the server; checked against the published key',
    takes: 'file',
    config: { help: 'File with the private DKIM key (PEM) of the server; never the key itself', isSecret: true },
    sets: async (file, { readKey }) => ({ dkimKeyPem: (await readKey(file)).pem }),
  },
  message: {
    flags: '--message <file>',
    help: 'message that the server has sent (.eml); verifies its DKIM signatures',
    takes: 'file',
    config: { help: 'File with a message that the server has sent (.eml)' },
    sets: async (file, { readMessage }) => ({ message: await readMessage(file) }),
  },
  provider: {
    flags: '--provider <id>',
    help: 'hosting provider, if it is not recognised (mailcheck providers lists them)',
    takes: 'text',
    config: { help: 'Hosting provider of the addresses (mailcheck providers lists them)' },
    sets: async (id, { knownProvider }) => ({ provider: (await knownProvider(id)).id }),
  },
  dnsHost: DNS_HOST,
  volume: {
    flags: '--volume <class>',
    help: 'expected volume; bulk means 5,000+ messages a day to one provider',
    takes: 'choice',
    choices: VOLUMES,
    default: 'low',
    config: { help: 'Expected volume; bulk means 5,000+ messages a day to one provider' },
    sets: (volume, { oneOf }) => ({ volume: oneOf(volume, VOLUMES) }),
  },
  rua: {
    flags: '--rua <mailbox>',
    help: 'mailbox for DMARC reports in the proposed records (default: dmarc@<domain>)',
    takes: 'text',
    config: { key: 'reportsTo', help: 'Mailbox for DMARC reports in the proposed records' },
    sets: (mailbox, { mailboxText, parseMailbox }) => ({
      reportsTo: mailboxText(parseMailbox(mailbox, 'dmarc@example.com')),
    }),
  },
  sendOnly: {
    flags: '--send-only',
    help: 'the server only sends mail: nothing has to listen on its port 25',
    takes: 'flag',
    config: { help: 'The server only sends mail: nothing has to listen on its port 25' },
    sets: (sendOnly) => ({ sendOnly }),
  },
} as const satisfies OptionRows;

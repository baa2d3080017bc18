/**
 * The configuration file. This schema is published as `config.schema.json`, for editors. Its keys are the options of the
 * command line in camelCase, those that repeat in the plural. What a value means is judged by the option's own parser.
 */
import { z } from 'zod';
import { parseIp } from '../../network/ip.ts';
import { FAIL_ON } from '../../report/status.ts';
import { judgeable } from './codes.ts';
import { isKeyText, unknownCode } from './words.ts';

const text = (description: string) => z.string().meta({ description });
const texts = (description: string) => z.array(z.string()).meta({ description });
const flag = (description: string) => z.boolean().meta({ description });
const seconds = (description: string) => z.number().nonnegative().meta({ description });

const targetOptions = {
  helo: text('The name the host announces in EHLO'),
  selectors: texts('DKIM selectors in use'),
  dkimKey: z
    .string()
    .refine((value) => !isKeyText(value), {
      error: 'a private key does not belong into the configuration. Name the file it is in',
    })
    .meta({ description: 'File with the private key (PEM) the host signs with; never the key itself' }),
  message: text('File with a message the host has sent (.eml)'),
  provider: text('Who the addresses are rented from (mailcheck providers)'),
  volume: z.enum(['low', 'bulk']).meta({ description: 'How much mail receivers will see' }),
  sendOnly: flag('The host only sends: nothing needs to listen on it'),
  only: texts('Run these checks only'),
  skip: texts('Do not run these checks'),
  dns: texts('DNS servers to ask instead of the system’s: server[:port]'),
  zones: texts('Zone files (or JSON) to check as if they were published'),
  dnsbl: texts('Block list zones, instead of the default lists'),
  dnsblExcept: texts('Block lists not to ask'),
  neighbours: flag('Look up a sample of the /24 around each address too'),
  asnLookup: flag('Ask Team Cymru which network announces an address; true when absent'),
  smtpPort: z.number().int().min(1).max(65535).meta({ description: 'SMTP port of the tested hosts' }),
  probeName: text('The name mailcheck gives in EHLO'),
  relayRcpt: text('A mailbox of yours elsewhere, as recipient of relay probes'),
  activeData: flag('Let relay probes go on to DATA, to the relayRcpt mailbox'),
  activeRcpt: flag('Ask the MX hosts at RCPT if they take mail for postmaster'),
  greylistWait: seconds('Seconds after which deferred relay probes are tried once more'),
  probePause: seconds('Seconds between two connections of relay probes to a host'),
  caFile: text('File with certificates (PEM) of a CA of your own'),
  egressTargets: texts('Mail servers to reach from the host: host[:port]'),
  egressControls: texts('Services on other ports that show the network works: host:port'),
  onHost: flag('mailcheck runs on the mail host itself'),
  vantage: z
    .enum(['self', 'same-network', 'outside'])
    .meta({ description: 'Where mailcheck runs, seen from the mail host' }),
  whoamiName: text('DNS name that tells a machine behind NAT its public address, or none'),
  allowPrivate: flag('Test and connect to private, loopback and documentation addresses'),
  connectTo: texts('Connect elsewhere instead: ip:port:ip:port'),
  timeout: z
    .union([z.number().positive(), z.string()], { error: 'expected seconds, or a text such as 2m' })
    .meta({ description: 'Time for the whole run of one target, in seconds' }),
};

export const targetSchema = z
  .strictObject({
    domain: text('The domain that mail is sent for'),
    ips: texts('The addresses it is sent from; the MX hosts’ when absent').optional(),
    ...z.object(targetOptions).partial().shape,
  })
  .meta({ description: 'One domain and its addresses; its options take the place of those for all targets' });

export const acceptanceSchema = z
  .strictObject({
    code: z
      .enum(
        judgeable.map(({ code }) => code),
        { error: ({ input }) => (typeof input === 'string' ? unknownCode(input) : undefined) },
      )
      .meta({ description: 'The finding that is accepted' }),
    domain: text('Only of this target').optional(),
    ip: z
      .string()
      .refine((value) => parseIp(value) !== undefined, { error: 'is not an IP address' })
      .overwrite((value) => parseIp(value) ?? value)
      .optional()
      .meta({ description: 'Only about this address' }),
    subject: text('Only about this name, address or line').optional(),
    zone: text('Only a listing on this list').optional(),
    reason: z.string().trim().min(1, { error: 'expected a reason' }).meta({ description: 'Why; shown in reports' }),
    until: z.iso
      .date({ error: 'expected a day such as 2027-01-31' })
      .meta({ description: 'The last day it is accepted (UTC): after it the finding counts again' }),
  })
  .meta({ description: 'A finding that is known and accepted for a time' });

const severities = z
  .strictObject(
    Object.fromEntries(
      judgeable.map(({ code, title, severity }) => [
        code,
        z
          .enum(['error', 'warning', 'info', 'off'])
          .optional()
          .meta({ description: `${title} (${severity})` }),
      ]),
    ),
  )
  .meta({ description: 'Severities by finding code; off keeps the finding as a note' });

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    targets: z.array(targetSchema).min(1).optional().meta({ description: 'What is checked when no domain is typed' }),
    ...z.object(targetOptions).partial().shape,
    formats: texts('Reports: format, or format=file').optional(),
    failOn: z.enum(FAIL_ON).optional().meta({ description: 'The least severe finding that fails the run' }),
    allowInconclusive: z
      .union([z.boolean(), z.array(z.string())], { error: 'expected true or a list of checks' })
      .optional()
      .meta({ description: 'Checks that could not be made do not fail the run: all, or these' }),
    severity: severities.optional(),
    accept: z.array(acceptanceSchema).optional().meta({ description: 'Deviations that are accepted' }),
    baseline: text('File with an earlier report (JSON): only what is new since fails the run').optional(),
  })
  .meta({ title: 'mailcheck configuration', description: 'mailcheck.config.json, .yaml or .js' });

export type Config = z.infer<typeof configSchema>;
export type ConfiguredTarget = z.infer<typeof targetSchema>;

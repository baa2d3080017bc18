/**
 * Defines the Report, the result of a run as data. This schema is the contract for JSON output and is published as
 * `report.schema.json`.
 */
import * as z from 'zod';
import { SCHEMA_VERSION } from './schema-version.ts';

/** The severity of a finding. `inconclusive` means that something could not be checked. */
export const severitySchema = z.enum(['error', 'warning', 'info', 'inconclusive']);
/** The status of a rule. */
export const statusSchema = z.enum(['pass', 'warn', 'fail', 'inconclusive', 'skipped']);
/** The verdict on a report. */
export const verdictSchema = z.enum(['pass', 'warn', 'fail', 'inconclusive']);

const recordSchema = z.object({
  name: z.string().meta({ description: 'Owner name, without the trailing dot' }),
  type: z.string(),
  value: z.string().meta({ description: 'The data as typed into a provider’s form' }),
  line: z.string().meta({ description: 'Zone-file form (RFC 1035 §5.1), ready to paste' }),
});

const alternativeSchema = z.object({
  label: z.string().meta({ description: 'The case that the commands are for, without a colon: "On a VPS"' }),
  commands: z.array(z.string()),
});

const atDnsHostSchema = z.object({
  id: z.string().meta({ description: 'The id of the DNS host' }),
  label: z.string().meta({ description: 'Where the commands are for, without a colon, and what to put into them' }),
  commands: z.array(z.string()).meta({ description: 'Empty where records are typed in its console alone' }),
});

const remediationSchema = z.object({
  summary: z.string(),
  records: z.array(recordSchema).optional(),
  commands: z.array(z.string()).optional(),
  alternatives: z
    .array(alternativeSchema)
    .optional()
    .meta({ description: 'Commands for different cases, of which one applies' }),
  links: z.array(z.string()).optional(),
  atDnsHost: z
    .array(atDnsHostSchema)
    .optional()
    .meta({ description: 'The commands that publish the records where the zones are served' }),
  atProvider: z
    .discriminatedUnion('action', [
      z.object({ action: z.literal('set-ptr'), ip: z.string(), name: z.string() }),
      z.object({ action: z.literal('delete-ptr'), ip: z.string() }),
      z.object({
        action: z.literal('open-port-25'),
        provider: z.string().nullable().meta({ description: 'The provider that closes it; null where any may' }),
      }),
      z.object({ action: z.literal('leave-policy-list'), ip: z.string() }),
    ])
    .optional()
    .meta({ description: 'What is to be done where the address is rented' }),
});

/** The object of a finding. Two findings with the same code and the same object are the same finding. */
const aboutSchema = z.object({
  ip: z.string().optional(),
  name: z.string().optional().meta({ description: 'A domain name' }),
  network: z.string().optional(),
  port: z.number().int().optional(),
  zone: z.string().optional().meta({ description: 'The zone of a block list' }),
  selector: z.string().optional().meta({ description: 'A DKIM selector' }),
  item: z.string().optional().meta({
    description: 'What else tells it apart: a term of SPF, a tag of DMARC, a receiver, an address for reports',
  }),
});

const questionSchema = z.object({ name: z.string(), type: z.string() });

/** One finding of a rule. */
export const findingSchema = z.object({
  code: z.string().meta({ description: 'Stable: never renamed, never given another meaning' }),
  severity: severitySchema,
  title: z.string(),
  message: z.string(),
  headline: z
    .string()
    .optional()
    .meta({ description: 'What it means for the host, where the answers of receivers do not show it' }),
  details: z
    .array(z.object({ label: z.string(), text: z.string() }))
    .optional()
    .meta({ description: 'More of what was seen, line by line' }),
  explanation: z.string().meta({ description: 'Why receivers care; empty where an obstacle explains the finding' }),
  subject: z.string().meta({ description: 'The name, address or network it is about, for people' }),
  about: aboutSchema.meta({ description: 'What it is about; with the code, it tells the same finding in another run' }),
  rests: z.array(questionSchema).meta({ description: 'The DNS questions it rests on' }),
  causes: z.array(z.string()).optional().meta({ description: 'The codes of the findings that it follows from' }),
  faults: z.array(z.string()).optional().meta({
    description:
      'The faults in receivers’ rules that it is, or hides where it is inconclusive; all of its code if absent',
  }),
  evidence: z.record(z.string(), z.json()).meta({ description: 'Raw facts; strings from the network are untrusted' }),
  remediation: remediationSchema,
  obstacle: z.object({ kind: z.string(), message: z.string() }).optional().meta({
    description:
      'The one cause that explains it, at the place of the check or at the target; the remediation is then about that',
  }),
  reference: z.string(),
  proposed: z.literal(true).optional().meta({ description: 'It rests on records that are not published yet' }),
  place: z
    .object({ file: z.string(), line: z.number().int().positive().nullable() })
    .optional()
    .meta({ description: 'Where the proposed records stand that it rests on; the line is null if it is not known' }),
  change: z.enum(['worse', 'left', 'same']).optional().meta({
    description:
      'What the proposed records do: worse where it is new with them, or more severe; left where it is new in the place of a fault that is no lesser. Absent for notes, for what is accepted or allowed, and without a gate',
  }),
  defaultSeverity: severitySchema
    .optional()
    .meta({ description: 'What its severity is without the configuration, where that gave it another' }),
  deviation: z
    .object({
      reason: z.string(),
      until: z.iso.date().meta({ description: 'The last day it is accepted' }),
      state: z.enum(['accepted', 'expired']),
    })
    .optional()
    .meta({ description: 'The configuration accepts it for a time; while accepted it fails nothing' }),
  baseline: z.enum(['new', 'known']).optional().meta({ description: 'Whether the report given as baseline had it' }),
  authority: z
    .object({
      state: z.enum(['same', 'set-right', 'own-view', 'differing']).meta({
        description:
          'What the name servers of the zones show: the same; that it is set right; that the resolver has a view of its own; or different answers',
      }),
      by: z.iso
        .datetime()
        .nullable()
        .meta({ description: 'When receivers see that it is set right; null if that is not known' }),
      ttl: z.number().int().nonnegative().nullable().meta({ description: 'Seconds until then' }),
    })
    .optional()
    .meta({ description: 'Absent where the name servers were not asked, or did not all answer' }),
});

const comparedSchema = z.object({
  code: z.string(),
  severity: severitySchema,
  subject: z.string(),
  title: z.string(),
});

/** The result of one rule. */
export const ruleResultSchema = z.object({
  id: z.string(),
  kind: z
    .enum(['check', 'consequence'])
    .meta({ description: 'consequence: its findings follow from those of other rules; it looks at nothing itself' }),
  title: z.string(),
  reference: z.string(),
  security: z
    .literal(true)
    .optional()
    .meta({ description: 'It is about forged or stolen mail, or about a host that others misuse' }),
  status: statusSchema,
  /** Why the rule did not run. Present only with the status `skipped`. */
  skipReason: z.string().optional(),
  skipCommand: z
    .string()
    .optional()
    .meta({ description: 'A command that runs the rule, where it can run, for a rule that did not run' }),
  note: z.string().optional().meta({ description: 'What was seen, in a few words' }),
  unused: z
    .literal(true)
    .optional()
    .meta({ description: 'The domain does not use what the check is about, and need not' }),
  allowed: z
    .literal(true)
    .optional()
    .meta({ description: 'It could not check everything, which the user allows: the verdict leaves that out' }),
  durationMs: z.number().nonnegative(),
  findings: z.array(findingSchema),
});

const confirmedSchema = z.boolean().meta({
  description: 'Whether this was seen in a source within two years before the run, and is more than a guess',
});

const changeSchema = z.object({
  name: z.string().meta({ description: 'Owner name, without the trailing dot' }),
  type: z.string(),
  owner: z.enum(['own', 'provider', 'other']).meta({
    description: 'Whose zone it is: the domain’s own, that of the provider of the address, or somebody else’s',
  }),
  remove: z.array(recordSchema).meta({ description: 'The published records to delete' }),
  keep: z.array(recordSchema).meta({ description: 'The published records of the set that stay as they are' }),
  add: z.array(recordSchema).meta({ description: 'The records to publish' }),
  notes: z.array(z.string()).meta({ description: 'What changes, one clause each' }),
  zone: z
    .string()
    .nullable()
    .meta({ description: 'The zone that it is in; null where it is not the domain’s own, or not known' }),
  dnsHost: z.string().nullable().meta({ description: 'The id of who serves the zone; null where that is not known' }),
  commands: z
    .array(z.string())
    .meta({ description: 'The commands that make the change at the DNS host, in order; empty where none is known' }),
  replace: z
    .array(z.object({ name: z.string(), where: z.string() }))
    .meta({ description: 'The names in the commands that stand for values of the user, and where each is found' }),
  console: z
    .object({
      path: z.string().meta({ description: 'Where to click in the console of the DNS host' }),
      url: z.string().nullable(),
      records: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          value: z.string(),
          priority: z.string().nullable().meta({ description: 'Of an MX record, where it has a field of its own' }),
        }),
      ),
    })
    .nullable()
    .meta({ description: 'What to type into the console of the DNS host; null where that is not known' }),
  pitfalls: z.array(z.string()).meta({ description: 'What goes wrong with such a record at the DNS host' }),
});

const stepSchema = z.object({
  summary: z.string(),
  severity: severitySchema,
  codes: z.array(z.string()).meta({ description: 'The findings that this step fixes' }),
  subjects: z.array(z.string()),
  changes: z
    .array(changeSchema)
    .meta({ description: 'The record sets that this step changes; no other step changes them' }),
  records: z.array(recordSchema).meta({ description: 'The records to publish: all that the changes add' }),
  commands: z.array(z.string()),
  alternatives: z
    .array(alternativeSchema)
    .optional()
    .meta({ description: 'Commands for different cases, of which one applies' }),
  atDnsHost: z.array(atDnsHostSchema).optional().meta({ description: 'The commands of all changes, by DNS host' }),
  links: z.array(z.string()),
});

const planSchema = z.object({
  summary: z.string().meta({ description: 'What the changes fix, and what is left' }),
  changes: z.array(
    changeSchema.extend({
      step: z.number().int().positive().meta({ description: 'The step of the advice, counted from 1' }),
      codes: z.array(z.string()).meta({ description: 'The findings that it fixes' }),
    }),
  ),
  later: z
    .array(
      z.object({
        name: z.string(),
        type: z.string(),
        when: z.string(),
        record: recordSchema,
        codes: z.array(z.string()).meta({ description: 'The findings that it fixes' }),
      }),
    )
    .meta({ description: 'Stages of a policy that come after the steps, in order' }),
  passing: z.array(z.string()).meta({
    description: 'The rules that ran again with the changes and then pass or only warn. The summary tells them apart',
  }),
  left: z
    .array(z.object({ rule: z.string(), steps: z.array(z.number().int().positive()) }))
    .meta({ description: 'The rules that still fail or are inconclusive with the changes, and the steps for them' }),
  undecided: z
    .array(z.object({ name: z.string(), type: z.string(), codes: z.array(z.string()), decide: z.string() }))
    .meta({ description: 'The record sets for which no record is proposed, and what the owner has to decide' }),
  unproven: z
    .number()
    .int()
    .nonnegative()
    .meta({ description: 'How many changes were held back because they did not do what they claim' }),
});

const waySchema = z.object({
  way: z.enum(['own-server', 'relay', 'other-host']),
  state: z
    .enum(['ready', 'after-steps', 'closed', 'unknown', 'open'])
    .meta({ description: 'Of the own server: ready, after the steps, or closed by the provider; the others are open' }),
  text: z.string(),
  mayBeBlocked: z.literal(true).optional().meta({
    description: 'Of the own server: outbound port 25 is closed, or may be, as far as it is known',
  }),
  stillOpen: z.string().optional().meta({ description: 'What was not tested, as a clause; the text does not say it' }),
  relay: z
    .object({
      name: z.string(),
      host: z.string(),
      port: z.number().int(),
      spfInclude: z.string(),
      url: z.string(),
      dkim: z.string(),
      confirmed: confirmedSchema,
      regions: z
        .array(
          z.object({
            region: z.string(),
            host: z.string(),
            spfInclude: z.string().nullable().meta({ description: 'null where only the relay’s console shows it' }),
          }),
        )
        .optional()
        .meta({ description: 'The host and SPF include of each region, where the relay has several' }),
    })
    .optional()
    .meta({ description: 'One that listens on a port which the provider leaves open' }),
});

const providerSchema = z.object({
  addresses: z.array(
    z.object({
      ip: z.string(),
      certainty: z
        .enum(['given', 'high', 'medium', 'low'])
        .nullable()
        .meta({ description: 'How sure it is that the address is of these; null where none was recognised' }),
      candidates: z
        .array(
          z.object({
            id: z.string(),
            name: z.string(),
            status: z.string(),
            confidence: z
              .string()
              .meta({ description: 'How sure what is known of the provider is, apart from its age' }),
            confirmed: confirmedSchema,
            signals: z.array(z.object({ kind: z.string(), value: z.string() })),
            port25: z.object({
              egress: z.string(),
              unblock: z.string(),
              url: z.string().nullable(),
              portsClosed: z.array(z.number().int()).meta({ description: 'The mail ports closed for outbound mail' }),
            }),
            ptr: z.object({ control: z.string(), url: z.string().nullable() }),
          }),
        )
        .meta({ description: 'Best first; several where nothing tells them apart' }),
      network: z.object({ asns: z.array(z.number()), prefix: z.string() }).nullable(),
      port25Seen: z
        .enum(['open', 'blocked'])
        .nullable()
        .meta({ description: 'Outbound port 25 as the test on the host saw it; null where it did not' }),
    }),
  ),
});

const receiverSchema = z.object({
  id: z.string(),
  name: z.string(),
  outcome: z
    .enum(['accepts', 'degrades', 'defers', 'refuses', 'unknown'])
    .meta({ description: 'Predicted from its published rules and the findings; degrades: spam folder or rate limit' }),
  because: z.string(),
  causes: z.array(z.string()).meta({ description: 'Codes of the findings that cause it' }),
  severity: z.enum(['error', 'warning']).nullable(),
  confirmed: confirmedSchema,
  reply: z.string().nullable().meta({ description: 'Beginning of the reply, where it was seen in a source' }),
  replyConfirmed: confirmedSchema.nullable(),
  notCheckable: z.array(z.string()),
  source: z.string(),
  asked: z
    .object({
      ip: z.string(),
      at: z.string().meta({ description: 'When it was asked, as ISO 8601' }),
      stage: z.enum(['greeting', 'ehlo', 'mail-from']),
      code: z.number(),
    })
    .optional()
    .meta({
      description:
        'What it said when it was asked (--ask-receivers); the outcome is then what it said, where it accepted nothing',
    }),
});

/** The DNS and SMTP dialogues of a run. DNS times (`ms`) are in milliseconds, `ttl` is in seconds. */
export const transcriptSchema = z.object({
  dns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      server: z.string().nullable(),
      rcode: z.string(),
      ttl: z.number().nullable(),
      ms: z.number(),
      detail: z.string().optional(),
      chain: z.array(z.string()).optional(),
      data: z.array(z.string()),
    }),
  ),
  smtp: z.array(
    z.object({
      id: z.string(),
      lines: z.array(z.object({ from: z.enum(['client', 'server', 'note']), text: z.string() })),
    }),
  ),
});

const cutNote = 'cut where it is absurdly long';

/** One SPF record with the terms below it. Only this part of the Report is recursive. */
const spfRecordSchema = z
  .object({
    domain: z.string(),
    status: z
      .enum(['record', 'missing', 'multiple', 'invalid', 'failure', 'loop', 'malformed', 'not-walked'])
      .meta({ description: 'invalid: it has syntax errors; malformed: not a name that can have a record' }),
    record: z
      .string()
      .nullable()
      .meta({ description: `As published, ${cutNote}` }),
    lookups: z.number().int().nonnegative().meta({ description: 'Of this record and all below it' }),
    get terms() {
      return z.array(spfTermSchema);
    },
  })
  .meta({ id: 'SpfRecord' });

const spfTermSchema = z
  .object({
    term: z.string().meta({ description: `As published, ${cutNote}` }),
    target: z
      .string()
      .nullable()
      .meta({ description: 'The name asked for; null where there is none, or only a real message can tell' }),
    lookups: z.number().int().nonnegative().meta({ description: 'Of this term and all below it' }),
    lookupNumber: z.number().int().positive().nullable().meta({
      description: 'Lookups counted up to this term, it included, if nothing matches; null where it needs none',
    }),
    isVoid: z.boolean().meta({ description: 'Whether its name does not exist, for any client' }),
    matches: z.array(z.string()).meta({ description: 'The tested addresses that it matched' }),
    errors: z.array(z.string()).meta({ description: 'The tested addresses whose check ended at it in an error' }),
    get record() {
      return spfRecordSchema.nullable();
    },
  })
  .meta({ id: 'SpfTerm' });

const mtaStsSchema = z.object({
  id: z.string().meta({ description: 'The id in the TXT record' }),
  mode: z.enum(['enforce', 'testing', 'none']),
  mx: z.array(z.string()).meta({ description: 'The patterns for MX hosts' }),
  maxAge: z.number().int().nonnegative().meta({ description: 'Seconds for which senders keep the policy' }),
});

const dkimKeySchema = z.object({
  name: z.string().meta({ description: 'The name of the key record' }),
  selector: z.string(),
  fingerprint: z
    .string()
    .meta({ description: 'The fingerprint of the public key, as `sha256:` and hexadecimal digits' }),
  since: z.iso
    .datetime()
    .nullable()
    .meta({ description: 'Since when all name servers have the key, as far as that is known; null where they do not' }),
  safeAt: z.iso
    .datetime()
    .nullable()
    .meta({ description: 'From when it is safe to sign with the key at the latest; null where that is not known' }),
  isSafe: z.boolean().meta({ description: 'Whether it is safe to sign with the key now' }),
});

const expirySchema = z.object({
  kind: z.enum(['certificate', 'signature']),
  name: z.string().meta({ description: 'The host that shows the certificate, or the zone of the signatures' }),
  ip: z.string().optional().meta({ description: 'The address at which the certificate was seen' }),
  until: z.iso.datetime().meta({
    description: 'When the certificate ends, or the first set of records of the zone that then has no signature',
  }),
});

const spfSchema = z.object({
  domain: z.string(),
  lookups: z
    .number()
    .int()
    .nonnegative()
    .meta({ description: 'Terms that need DNS lookups, over all branches (RFC 7208 §4.6.4)' }),
  lookupLimit: z.number().int().nonnegative(),
  voidLookups: z
    .number()
    .int()
    .nonnegative()
    .meta({ description: 'Those of them whose name does not exist, for any client' }),
  voidLookupLimit: z.number().int().nonnegative(),
  isMinimum: z.boolean().meta({ description: 'Whether branches were not followed, so that the counts are minima' }),
  checks: z
    .array(
      z.object({
        ip: z.string(),
        result: z.enum(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror']),
        lookups: z.number().int().nonnegative(),
        voidLookups: z.number().int().nonnegative(),
        matched: z
          .array(z.object({ domain: z.string(), term: z.string() }))
          .meta({ description: 'The terms that decided, from the domain’s own record inwards' }),
        problem: z.string().nullable().meta({ description: 'Why it is permerror or temperror' }),
      }),
    )
    .meta({ description: 'The check of each tested address as MAIL FROM sees it' }),
  tree: spfRecordSchema.meta({
    description: 'Every branch, with the terms that need lookups and those that decided, in the order of evaluation',
  }),
  omittedTerms: z.number().int().nonnegative().meta({ description: 'Terms beyond what the tree here may hold' }),
});

const neighboursSchema = z.array(
  z.object({
    ip: z.string().meta({ description: 'The tested address' }),
    network: z.string(),
    zones: z.array(z.string()).meta({ description: 'The lists asked, as far as they answered' }),
    addresses: z.array(
      z.object({
        ip: z.string(),
        state: z
          .enum(['listed', 'clean', 'unknown'])
          .meta({ description: 'unknown: some list could not say, and none lists it' }),
        zones: z.array(z.string()).meta({ description: 'The lists it is on' }),
      }),
    ),
  }),
);

const waterfallSchema = z.object({
  steps: z
    .array(
      z.object({
        what: z.string(),
        startMs: z.number().meta({ description: 'Since the run began' }),
        durationMs: z.number().nonnegative(),
        roundTrips: z.number().int().nonnegative(),
        after: z
          .number()
          .int()
          .nonnegative()
          .nullable()
          .meta({ description: 'The step it waited for, by its place in this list; null where it waited for none' }),
      }),
    )
    .meta({ description: 'Every exchange with the outside, and every pause' }),
  chain: z
    .object({
      steps: z.array(z.number().int().nonnegative()),
      durationMs: z.number().nonnegative(),
      roundTrips: z.number().int().nonnegative(),
      pausesMs: z.number().nonnegative().meta({ description: 'Of which were pauses between connections' }),
    })
    .meta({ description: 'The longest chain of steps that waited for each other: no run can be shorter' }),
  ratio: z.number().nonnegative().meta({ description: 'The run’s own time over that of the chain' }),
});

const obstacleSchema = z.object({
  kind: z.string(),
  message: z.string(),
  rules: z.array(z.string()).meta({ description: 'The rules that it kept from seeing something' }),
  remediation: remediationSchema,
});

/** The report on one target. */
export const reportSchema = z
  .object({
    schemaVersion: z.literal(SCHEMA_VERSION),
    tool: z.object({ name: z.literal('mailcheck'), version: z.string() }),
    target: z.object({
      domain: z.string(),
      ips: z.array(z.string()),
      ipSource: z.enum(['argument', 'mx']).meta({ description: 'Typed, or the addresses of the domain’s MX hosts' }),
      helo: z
        .array(z.object({ ip: z.string(), name: z.string().nullable(), source: z.string().nullable() }))
        .meta({ description: 'The HELO name of each address, and where it was taken from' }),
      selectors: z.array(z.string()),
      resolvers: z.array(z.string()),
      obstacles: z.array(obstacleSchema).optional().meta({
        description: 'What at the target kept checks from being made, such as a silent mail server; each is told once',
      }),
      shared: z
        .array(z.object({ ip: z.string(), askedFor: z.string(), askedAt: z.iso.datetime() }))
        .optional()
        .meta({
          description:
            'The mail servers that were asked once in a run over many targets, for which of them, and when; the answers are used here too',
        }),
    }),
    proposed: z
      .object({
        files: z.array(
          z.object({
            file: z.string(),
            format: z.enum(['zone', 'json', 'octodns', 'dnscontrol', 'terraform']),
            records: z.number().int(),
            removed: z.number().int().meta({ description: 'The record sets that go without another in their place' }),
            undetermined: z.array(z.string()).meta({ description: 'What is known only when the change is applied' }),
            wholeZone: z.boolean(),
          }),
        ),
        used: z.array(z.string()).meta({ description: 'name TYPE of each question that proposed records answered' }),
        removedAsked: z
          .array(z.string())
          .optional()
          .meta({ description: 'name TYPE of each question whose records the files remove; absent if there is none' }),
        offline: z
          .literal(true)
          .optional()
          .meta({ description: 'Nobody was asked: only what the files decide is judged' }),
      })
      .optional()
      .meta({ description: 'Records judged as if they were published' }),
    vantage: z.object({
      kind: z.enum(['self', 'same-network', 'outside', 'unknown']),
      reason: z.string(),
      validates: z
        .boolean()
        .nullable()
        .meta({ description: 'Whether the resolver validates DNSSEC; null where that is not known' }),
      obstacles: z.array(obstacleSchema).meta({
        description: 'What at this place kept checks from being made; each is told once and is no fault of the host',
      }),
    }),
    gate: z
      .object({
        policy: z.literal('change').meta({ description: 'Judged is what the change makes worse' }),
        worse: z.number().int().nonnegative(),
        better: z.array(comparedSchema).meta({
          description: 'The errors and warnings with the published records that the change ends or makes milder',
        }),
        left: z
          .number()
          .int()
          .nonnegative()
          .meta({ description: 'The findings that take the place of faults that were no lesser' }),
        same: z.number().int().nonnegative(),
        notCompared: z.array(z.string()).meta({
          description: 'The rules that could not see the published records; what they find counts as worse',
        }),
      })
      .optional()
      .meta({
        description:
          'The proposed records compared with the published ones. The counts are of errors, warnings and inconclusive findings of the checks',
      }),
    verdict: verdictSchema.meta({
      description: 'On all that was checked; with a gate, on what the change makes worse',
    }),
    baseline: z
      .object({
        file: z.string(),
        startedAt: z.iso.datetime().meta({ description: 'When the report given as baseline was made' }),
        fixed: z.array(comparedSchema).meta({ description: 'Found then, and not any more' }),
        unknown: z
          .array(comparedSchema)
          .meta({ description: 'Found then; whether it still is could not be seen, or was not looked for' }),
      })
      .optional()
      .meta({ description: 'What became of the findings of an earlier report; each finding says whether it is new' }),
    rules: z.array(ruleResultSchema),
    spf: spfSchema.optional().meta({ description: 'The SPF record and all it leads to, where it was read' }),
    mtaSts: mtaStsSchema.optional().meta({ description: 'The MTA-STS policy that senders apply, where one was read' }),
    dkimKeys: z
      .array(dkimKeySchema)
      .optional()
      .meta({ description: 'The key given with --dkim-key, at each selector of the name servers where it was found' }),
    expiries: z
      .array(expirySchema)
      .optional()
      .meta({ description: 'What ends, as far as it was seen, the first to end first; absent where nothing was' }),
    neighbours: neighboursSchema
      .optional()
      .meta({ description: 'A sample of the network around each address, where that was looked up' }),
    provider: providerSchema
      .nullable()
      .meta({ description: 'Where the addresses live; null where that was not looked up' }),
    volume: z.enum(['low', 'bulk']).meta({ description: 'How much mail the receivers’ answers are predicted for' }),
    receivers: z.array(receiverSchema),
    plan: planSchema
      .nullable()
      .meta({ description: 'All changes of DNS records that the steps ask for; null where there are none' }),
    dnsHosts: z
      .array(
        z.object({
          zone: z.string(),
          id: z.string().nullable().meta({ description: 'null where the DNS host is not recognised' }),
          name: z.string().nullable(),
          source: z
            .enum(['ns', 'soa', 'option'])
            .nullable()
            .meta({ description: 'What shows it: the NS records, the SOA record, or the user' }),
          confirmed: confirmedSchema.nullable(),
          docs: z.string().nullable().meta({ description: 'The documentation of its API, or its console' }),
          maybe: z
            .array(z.object({ id: z.string(), name: z.string(), condition: z.string().nullable() }))
            .meta({ description: 'Other hosts whose name servers have the same names, and how to tell each' }),
        }),
      )
      .optional()
      .meta({ description: 'Who serves each of the domain’s own zones in which the plan changes a record' }),
    advice: z.object({
      summary: z.string().meta({ description: 'Which way to get mail out is open here and now' }),
      ways: z.array(waySchema),
      steps: z.array(stepSchema).meta({ description: 'What to do next, most important first' }),
    }),
    timing: z.object({
      startedAt: z.iso.datetime(),
      durationMs: z.number().nonnegative(),
      dnsQueries: z.number().int().nonnegative(),
      smtpConnections: z.number().int().nonnegative(),
      httpsRequests: z
        .number()
        .int()
        .positive()
        .optional()
        .meta({ description: 'The requests to web servers, where any was made' }),
      deadlineReached: z.boolean(),
      waterfall: waterfallSchema
        .nullable()
        .optional()
        .meta({ description: 'What waited for what; null where the time limit cut the run off' }),
    }),
    transcript: transcriptSchema.optional(),
  })
  .meta({ title: 'mailcheck report', description: `Report of mailcheck, schema version ${SCHEMA_VERSION}` });

/** The reports on several targets of one run. */
export const reportsSchema = z
  .object({
    schemaVersion: z.literal(SCHEMA_VERSION),
    tool: z.object({ name: z.literal('mailcheck'), version: z.string() }),
    verdict: verdictSchema.meta({ description: 'Over all reports' }),
    reports: z.array(reportSchema),
  })
  .meta({ title: 'mailcheck reports', description: 'Reports of several targets that were checked in one run' });

/**
 * The parts of a report that a later run is compared with. A report by an earlier mailcheck has them, even if it lacks a
 * field of another part that came later.
 */
export const baselineSchema = reportSchema.pick({
  target: true,
  rules: true,
  timing: true,
  mtaSts: true,
  dkimKeys: true,
});

/** The parts of several reports that a later run is compared with. */
export const baselinesSchema = z.object({ reports: z.array(baselineSchema) });

export type Report = z.infer<typeof reportSchema>;
export type BaselineReport = z.infer<typeof baselineSchema>;
export type Reports = z.infer<typeof reportsSchema>;
export type RuleResult = z.infer<typeof ruleResultSchema>;
export type FindingResult = z.infer<typeof findingSchema>;
export type Severity = z.infer<typeof severitySchema>;
export type Remediation = ReadonlyDeep<z.infer<typeof remediationSchema>>;
export type About = ReadonlyDeep<z.infer<typeof aboutSchema>>;
export type Question = ReadonlyDeep<z.infer<typeof questionSchema>>;
export type AdviceStep = z.infer<typeof stepSchema>;
export type ReportPlan = z.infer<typeof planSchema>;
export type RecordChange = z.infer<typeof changeSchema>;
export type AtDnsHost = ReadonlyDeep<z.infer<typeof atDnsHostSchema>>;
export type Alternative = ReadonlyDeep<z.infer<typeof alternativeSchema>>;
export type AdviceWay = z.infer<typeof waySchema>;
export type ProviderResult = z.infer<typeof providerSchema>;
export type ReceiverResult = z.infer<typeof receiverSchema>;
export type SpfTree = z.infer<typeof spfSchema>;
export type SpfTreeRecord = z.infer<typeof spfRecordSchema>;
export type SpfTreeTerm = z.infer<typeof spfTermSchema>;
export type Expiry = z.infer<typeof expirySchema>;
export type NeighbourSample = z.infer<typeof neighboursSchema>[number];
export type Status = z.infer<typeof statusSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type Waterfall = z.infer<typeof waterfallSchema>;
export type Transcripts = z.infer<typeof transcriptSchema>;

/** The type `T` with every member read-only, at any depth. */
export type ReadonlyDeep<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]: ReadonlyDeep<T[K]> };

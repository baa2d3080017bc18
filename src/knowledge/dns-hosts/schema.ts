/**
 * The schema of the data about DNS hosts. A DNS host is who serves a domain's zone: a service, or a name server of one's
 * own. A row says how to recognise it, and how a record is published there. There is one file per host in `data/`.
 */
import * as z from 'zod';
import { confidenceSchema, provenanceSchema, sourceSchema, verifiedOnSchema } from '../verification-schema.ts';
import { isKnownPlaceholder, PITFALL_CASES, placeholdersIn, TYPES } from './placeholders.ts';

const dnsName = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
const url = z.url({ protocol: /^https$/ });
const type = z.enum(TYPES);

/** How names and data are written at a place: in the fields of a console, or in a command. */
const formSchema = z.strictObject({
  /** Names relative to the zone, whole without a final dot, or whole with a final dot (`dotted`). */
  name: z.enum(['relative', 'whole', 'dotted']),
  /** What stands for the apex where names are relative. `whole`: the name of the zone itself. */
  apex: z.enum(['@', '', 'whole']),
  /**
   * The value of a TXT record. `text`: as it is; the host quotes and splits it. `quoted`: strings of at most 255 octets,
   * each in double quotes. `one-string`: one string in double quotes, however long it is.
   */
  txt: z.enum(['text', 'quoted', 'one-string']),
  /** Names in the data of MX, CNAME and PTR records: with a final dot, or without. */
  target: z.enum(['dotted', 'bare']),
  /** Whether the preference of an MX record stands before the host, or in a field of its own. */
  mx: z.enum(['together', 'apart']),
});

/**
 * The body of a request, as JSON with placeholders in its strings.
 *
 * - An object `{"$each": template}` as the only element of an array is repeated for each value.
 * - A string that is one placeholder for a number (`{ttl}`, `{preference}`, `{usage}`, `{selector}`, `{matching}`) becomes
 *   a JSON number. An object `{"$text": "{ttl}"}` stays a string.
 * - A string that is one open placeholder whose name ends in `Ttl` becomes its `UPPER_CASE` name without quotes, because a
 *   number has to stand there.
 */
const bodySchema = z.json();

const lineSchema = z.strictObject({
  text: z.string().min(1),
  /** Whether the line is repeated for each value. */
  each: z.boolean(),
});

const commandSchema = z
  .strictObject({
    /**
     * What the command does.
     *
     * - `set`: makes these values the only ones of the record set, whether it exists or not;
     * - `create`: makes the record set, which does not exist;
     * - `update`: makes these values the only ones of the record set, which exists;
     * - `delete`: deletes the whole record set;
     * - `add`: adds one value;
     * - `edit`: changes one value into another;
     * - `remove`: removes one value.
     */
    does: z.enum(['set', 'create', 'update', 'delete', 'add', 'edit', 'remove']),
    /** The types of records that it works for. `null` for all. */
    types: z.array(type).min(1).nullable(),
    tool: z.string().min(2),
    text: z.string().min(2),
    /** What is repeated for each value at `{each}`, joined by blanks. */
    each: z.string().nullable(),
    /** The body at `{body}`. */
    body: bodySchema,
    /** The lines at `{lines}`, each as one word of the shell. */
    lines: z.array(lineSchema).min(1).nullable(),
    form: formSchema,
    /**
     * Where the user finds each value that no report has: a clause (`the dashboard shows it`), or a command and what it
     * does. It may have placeholders.
     */
    values: z.record(z.string().regex(/^[a-z][a-zA-Z]*$/), z.string().min(2)),
  })
  .superRefine((command, context) => {
    for (const name of placeholdersIn([command.text, command.each, command.body, command.lines])) {
      if (isKnownPlaceholder(name) || Object.hasOwn(command.values, name)) continue;
      context.addIssue({ code: 'custom', message: `does not say where the value of {${name}} is found` });
    }
    for (const part of ['each', 'body', 'lines'] as const) {
      if ((command[part] === null) !== command.text.includes(`{${part}}`)) continue;
      context.addIssue({ code: 'custom', message: `has {${part}} without its template, or the other way round` });
    }
  });

const pitfallSchema = z.strictObject({
  /** One or more short sentences. */
  text: z.string().min(2),
  /** The records for which it is said beside the command. Empty for one that only the page of the host says. */
  when: z.array(z.enum(PITFALL_CASES)),
});

/** One DNS host. */
export const dnsHostSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(2),
  /** A service, or the software of a name server of one's own. Nobody can see which software that is. */
  kind: z.enum(['service', 'software']),
  detect: z.strictObject({
    /** The endings of the names in the NS records of its zones. */
    nsSuffixes: z.array(dnsName),
    /** Regular expressions that match a whole such name, in lower case and without the final dot. */
    nsPatterns: z.array(z.string().regex(/^\^.*\$$/)),
    /** The endings of the MNAME or RNAME in the SOA record, which show the host behind other names of servers. */
    soaNames: z.array(dnsName),
    /**
     * How a customer tells that a zone is at this host, as a clause: `the console lists the zone`. Needed where another
     * host has the same names.
     */
    tellApart: z.string().nullable(),
  }),
  /** The web page on which records are typed. `null` if there is none. */
  console: z
    .strictObject({
      /** Where to click, in the words of the console. */
      path: z.string().min(2),
      url: url.nullable(),
      form: formSchema,
    })
    .nullable(),
  /** The first command of a kind that works for the type is the one that is shown. */
  commands: z.array(commandSchema),
  pitfalls: z.array(pitfallSchema),
  /** The documentation of its API. */
  api: url.nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema),
  confidence: confidenceSchema,
});

export type DnsHost = z.infer<typeof dnsHostSchema>;
export type DnsHostCommand = z.infer<typeof commandSchema>;
/** How names and data are written at a place. */
export type HostForm = z.infer<typeof formSchema>;
/** The body of a request with placeholders. */
export type BodyTemplate = z.infer<typeof bodySchema>;

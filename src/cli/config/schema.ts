/**
 * The schema of the configuration file. It is published as `config.schema.json` for editors. Its keys are derived from
 * the table of options: they are the names of the options in camelCase, and plural if an option repeats.
 */
import * as z from 'zod';
import { parseIp } from '../../network/ip.ts';
import type { Kind, OptionRow } from '../options/row.ts';
import { OPTIONS, type OptionName } from '../options/table.ts';
import { judgeable } from './codes.ts';
import { type Level, type OptionsByKey, RUN_KEYS, TARGET_KEYS } from './keys.ts';
import { isKeyText, unknownCode } from './words.ts';

/** The type that an option of each kind has in the configuration file. */
interface ConfigValueOfKind {
  readonly flag: boolean;
  readonly text: string;
  readonly choice: string;
  readonly file: string;
  readonly port: number;
  readonly seconds: number;
  readonly duration: number | string;
  readonly list: string[];
  readonly repeated: string[];
  readonly files: string[];
  readonly outputs: string[];
  readonly 'all or ids': boolean | string[];
}

type ConfigValue<R extends OptionRow> = R extends { readonly takes: 'choice'; readonly choices: readonly (infer C)[] }
  ? C
  : ConfigValueOfKind[R['takes']];

/** Takes the value and not the row, because the published declarations would repeat the row for each option. */
type SchemaOf<V> = z.ZodType<V, V>;

const text = (description: string) => z.string().meta({ description });
const texts = (description: string) => z.array(z.string()).meta({ description });

/** The schema of each kind of option. It checks only the type. The parser of the option checks the text. */
const SCHEMAS: { readonly [K in Kind]: (row: OptionRow) => z.ZodType<ConfigValueOfKind[K], ConfigValueOfKind[K]> } = {
  flag: () => z.boolean(),
  text: () => z.string(),
  choice: ({ choices = [] }) => z.enum(choices),
  file: ({ config }) =>
    config?.isSecret
      ? z.string().refine((value) => !isKeyText(value), {
          error: 'do not put a private key into the configuration. Name its file instead',
        })
      : z.string(),
  port: () => z.number().int().min(1).max(65535),
  seconds: () => z.number().nonnegative(),
  duration: () => z.union([z.number().positive(), z.string()], { error: 'expected seconds, or a text such as 2m' }),
  list: () => z.array(z.string()),
  repeated: () => z.array(z.string()),
  files: () => z.array(z.string()),
  outputs: () => z.array(z.string()),
  'all or ids': () => z.union([z.boolean(), z.array(z.string())], { error: 'expected true or a list of checks' }),
};

type OptionsShape<L extends Level> = {
  readonly [K in keyof OptionsByKey<L>]: z.ZodOptional<
    SchemaOf<ConfigValue<(typeof OPTIONS)[OptionsByKey<L>[K] & OptionName]>>
  >;
};

/** @returns the schema of each key of a level, derived from the row of its option. */
function shapeOf<L extends Level>(keys: ReadonlyMap<string, OptionName>): OptionsShape<L> {
  const shape = [...keys].map(([key, name]) => {
    const row: OptionRow = OPTIONS[name];
    const described = SCHEMAS[row.takes](row).meta({ description: row.config?.help ?? '' });
    return [key, described.optional()];
  });
  // The type is derived from the same rows.
  return Object.fromEntries(shape) as OptionsShape<L>;
}

const targetOptions = shapeOf<'target'>(TARGET_KEYS);
const runOptions = shapeOf<'run'>(RUN_KEYS);

/** The schema of one entry of `targets`. */
export const targetSchema = z
  .strictObject({
    domain: text('The domain that mail is sent for'),
    ips: texts('The addresses that it is sent from; absent: those of the MX hosts').optional(),
    ...targetOptions,
  })
  .meta({ description: 'One domain and its addresses; its options override those for all targets' });

/** The schema of one entry of `accept`. */
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
      .meta({ description: 'The last day on which it is accepted (UTC); the finding counts again after it' }),
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

/** The schema of the whole configuration file. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    targets: z.array(targetSchema).min(1).optional().meta({ description: 'Targets to check if no domain is typed' }),
    ...targetOptions,
    ...runOptions,
    severity: severities.optional(),
    accept: z.array(acceptanceSchema).optional().meta({ description: 'Deviations that are accepted' }),
  })
  .meta({
    // Where npm packages can be read. The catalog of SchemaStore leads editors there.
    $id: 'https://unpkg.com/mailcheck-cli/dist/config.schema.json',
    title: 'mailcheck configuration',
    description: 'mailcheck.config.json, .yaml or .js',
  });

/** The configuration file after it is checked. */
export type Config = z.infer<typeof configSchema>;

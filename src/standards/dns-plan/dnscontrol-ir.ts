/**
 * Reads what `dnscontrol print-ir` prints: all records of all domains of a `dnsconfig.js`.
 *
 * dnscontrol makes a zone equal to its list. A zone with NO_PURGE keeps its other records, so that its list is a set of
 * changes. IGNORE keeps some of them. The JSON leaves out a number that is 0.
 */
import { globOf } from '../../network/dns/glob.ts';
import { quoteInput } from '../../usage-error.ts';
import type { Token } from '../zone-file/tokens.ts';
import { typeNamed } from '../zone-file/types.ts';
import type { PlanReader } from './codec.ts';
import { isObject, nameWord, PlannedRecords, stringsOf, ttlOf, typesMadeByHost, wordsOf } from './planned-records.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The file whose lines the records name. */
const CONFIG_FILE = 'dnsconfig.js';

export const read: PlanReader = (value, file) => {
  if (!isObject(value) || !isList(value.domains) || !('registrars' in value || 'dns_providers' in value))
    return undefined;
  const planned = new PlannedRecords(file, 'dnscontrol');
  const views = new Map<string, string>();
  for (const domain of listOf(value.domains)) {
    if (!isObject(domain)) throw planned.fault('an entry of "domains" is not an object');
    // dnscontrol changes nothing in a zone without DNS provider.
    if (Object.keys(isObject(domain.dnsProviders) ? domain.dnsProviders : {}).length === 0) continue;
    const [written = '', tag = ''] = String(domain.uniquename ?? domain.name).split('!');
    const zone = planned.zoneNamed(typeof domain.name === 'string' ? domain.name.split('!')[0] : written);
    const other = views.get(zone);
    if (other !== undefined) throw planned.fault(severalViews(zone, other, tag));
    views.set(zone, tag);
    addZone(planned, zone, domain, mayBeCloudflare(domain, listOf(value.dns_providers)));
  }
  return planned.finish();
};

/** The JSON of Go has null for a list without entries. */
function isList(value: unknown): boolean {
  return Array.isArray(value) || value === null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function severalViews(zone: string, first: string, second: string): string {
  const tags = [first, second].map((tag) => (tag === '' ? 'one without a tag' : quoteInput(tag))).join(', ');
  return `${zone} is there several times (tags: ${tags}): leave only the one that the internet sees`;
}

/** Tells whether a provider of the domain is Cloudflare, or of a type that only another file of dnscontrol has. */
function mayBeCloudflare({ dnsProviders }: Fields, providers: readonly unknown[]): boolean {
  const types = new Map(providers.flatMap((one) => (isObject(one) ? [[one.name, one.type] as const] : [])));
  const own = Object.keys(isObject(dnsProviders) ? dnsProviders : {}).map((name) => types.get(name) ?? '-');
  return own.some((type) => type === 'CLOUDFLAREAPI' || type === '-');
}

function addZone(planned: PlannedRecords, zone: string, domain: Fields, isCloudflare: boolean): void {
  // Which records external-dns has made is known only from the zone.
  const keepsOthers = domain.keepunknown === true || domain.ignore_external_dns === true;
  if (!keepsOthers) {
    planned.addWholeZone(zone);
    for (const ignored of listOf(domain.unmanaged)) if (isObject(ignored)) keepIgnored(planned, zone, ignored);
  }
  const proxy = isCloudflare ? { byDefault: isOn(metaOf(domain).cloudflare_proxy_default) } : undefined;
  for (const record of listOf(domain.records)) addRecord(planned, zone, record, proxy);
  for (const record of listOf(domain.recordsabsent)) removeRecord(planned, zone, record);
}

/** Notes the records that an IGNORE keeps: those of which name, type and target match. An empty pattern matches all. */
function keepIgnored(planned: PlannedRecords, zone: string, ignored: Fields): void {
  const words = patternOf(ignored.rType_pattern)?.split(',') ?? [];
  const types = words.flatMap((word) => typeNamed(word.trim()) ?? []);
  // All types are words of the DNS host, so that no type of the DNS is kept.
  if (words.length > 0 && types.length === 0) return;
  const label = patternOf(ignored.label_pattern)?.toLowerCase() ?? '*';
  const target = patternOf(ignored.target_pattern);
  if ([label, target ?? '*'].every((pattern) => globOf(pattern) !== undefined)) {
    planned.keep({ zone, label, types, ...(target === undefined ? {} : { target }) });
    return;
  }
  for (const type of types.length > 0 ? types : ANY_TYPE) {
    planned.leaveOpen({ name: null, type }, zone, 'an IGNORE of the zone has a pattern that mailcheck cannot read');
  }
}

/** The types of what an IGNORE for all types may keep. The alias stands for the types that are not at the apex. */
const ANY_TYPE = ['CNAME', 'A', 'AAAA', 'MX', 'TXT'] as const;

/** Returns a pattern of an IGNORE, or `undefined` for one that matches everything. */
function patternOf(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' && text !== '*' ? text : undefined;
}

const metaOf = ({ meta }: Fields): Fields => (isObject(meta) ? meta : {});

/** @param proxy what the domain says of its web proxy, if it has one. */
function addRecord(
  planned: PlannedRecords,
  zone: string,
  record: unknown,
  proxy: { readonly byDefault: boolean } | undefined,
): void {
  const { name, word, fields } = recordIn(planned, zone, record);
  const type = typeNamed(word);
  // The DNS host adds the SOA record.
  if (type === 'SOA' || NOT_IN_DNS.has(word)) return;
  if (type === undefined) {
    for (const made of typesMadeByHost([
      typeOfAlias(fields.r53_alias),
      typeOfAlias(fields.azure_alias),
      fields.luartype,
    ])) {
      const why = `the DNS host makes the ${made} records of ${name} from a record of type ${quoteInput(word)}`;
      planned.leaveOpen({ name, type: made }, zone, why);
    }
  } else if (type === 'DS' && fields.dsdigest === undefined) {
    // Newer versions have the data of a DS record in another form.
    planned.leaveOpen({ name, type }, zone, `mailcheck cannot read the DS records of ${name}`);
  } else {
    const own = metaOf(fields).cloudflare_proxy;
    if (proxy !== undefined && PROXIED_TYPES.has(type) && (own === undefined ? proxy.byDefault : isOn(own))) {
      planned.putBehindProxy(name, 'cloudflare');
    }
    planned.add({ name, type, tokens: tokensOf(type, fields), ttl: ttlOf(fields.ttl), ...placeOf(fields.filepos) });
  }
}

/** dnscontrol deletes all records of this name and type that are not in its list (ENSURE_ABSENT_REC). */
function removeRecord(planned: PlannedRecords, zone: string, record: unknown): void {
  const { name, word } = recordIn(planned, zone, record);
  const type = typeNamed(word);
  if (type !== undefined) planned.remove({ name, type });
}

interface NamedRecord {
  readonly name: string;
  /** The type as dnscontrol writes it. */
  readonly word: string;
  readonly fields: Fields;
}

function recordIn(planned: PlannedRecords, zone: string, record: unknown): NamedRecord {
  const fields = isObject(record) ? record : ({} as Fields);
  const { name, type } = fields;
  if (typeof type !== 'string') throw planned.fault(`a record of ${zone} has no type`);
  return { name: planned.ownerNamed(name === '@' ? '' : name, zone), word: type, fields };
}

/** The types of dnscontrol that are rules of a web proxy or of a resolver. */
const NOT_IN_DNS: ReadonlySet<string> = new Set([
  'ADGUARDHOME_AAAA_PASSTHROUGH',
  'ADGUARDHOME_A_PASSTHROUGH',
  'CF_REDIRECT',
  'CF_SINGLE_REDIRECT',
  'CF_TEMP_REDIRECT',
  'CF_WORKER_ROUTE',
  'CLOUDFLAREAPI_SINGLE_REDIRECT',
  'PAGE_RULE',
  'WORKER_ROUTE',
]);

const PROXIED_TYPES: ReadonlySet<string> = new Set(['A', 'AAAA', 'CNAME']);

const isOn = (proxy: unknown): boolean => typeof proxy === 'string' && /^(?:on|full)$/i.test(proxy);

const typeOfAlias = (alias: unknown): unknown => (isObject(alias) ? alias.type : undefined);

/** Reads a position such as `[line:5:3]`. */
function placeOf(position: unknown): { readonly file?: string; readonly line?: number } {
  const digits = typeof position === 'string' ? /^\[line:(\d{1,7}):\d{1,7}\]$/.exec(position)?.[1] : undefined;
  return digits === undefined || Number(digits) === 0 ? {} : { file: CONFIG_FILE, line: Number(digits) };
}

/** Returns the words of the data of a record, or `null` for a type whose data is not read. */
function tokensOf(type: string, fields: Fields): readonly Token[] | null {
  const { target } = fields;
  switch (type) {
    case 'A':
    case 'AAAA':
      return wordsOf(target);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return wordsOf(nameWord(target));
    case 'MX':
      return wordsOf(fields.mxpreference ?? 0, nameWord(target));
    case 'TLSA':
      return wordsOf(fields.tlsausage ?? 0, fields.tlsaselector ?? 0, fields.tlsamatchingtype ?? 0, target);
    case 'DS':
      return wordsOf(fields.dskeytag ?? 0, fields.dsalgorithm ?? 0, fields.dsdigesttype ?? 0, fields.dsdigest);
    case 'SPF':
    case 'TXT':
      // Versions before 4.7 have the strings of a text as well.
      return stringsOf(isTexts(fields.txtstrings) ? fields.txtstrings.join('') : target);
    default:
      return null;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string');
}

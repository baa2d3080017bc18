/** Parses the data of records that are written as octets: `\# length hexadecimal` (RFC 3597 §5). */
import type { RecordData, RecordType } from '../../network/dns/answer.ts';
import { ipFamily, ipOfBytes } from '../../network/ip.ts';
import { nameOfLabels } from './names.ts';
import type { Token } from './tokens.ts';

/** The most octets that the data of a record can have (RFC 1035 §3.2.1: RDLENGTH). */
export const MAX_DATA = 65_535;

/** @returns whether the data begins with `\#`. A `#` without the backslash or in quotes is a text. */
export function isInOctets([first]: readonly Token[]): boolean {
  return first !== undefined && !first.quoted && (first.written ?? first.text) === '\\#';
}

/** @returns the octets of the data, or `undefined` unless they are hexadecimal and as many as their length says. */
export function octetsOf([, length, ...parts]: readonly Token[]): Buffer | undefined {
  const hex = parts.map(({ text }) => text).join('');
  const size = /^\d{1,5}$/.test(length?.text ?? '') ? Number(length?.text) : undefined;
  const isPlain = [length, ...parts].every((token) => token?.quoted === false);
  if (!isPlain || size === undefined || size > MAX_DATA || hex.length !== 2 * size) return undefined;
  return /^[0-9a-f]*$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

/** Reads octets one part after the other. A part that is not there makes every further one `undefined`. */
export class OctetReader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  /** The number of octets that are left. */
  get left(): number {
    return this.#octets.length - this.#at;
  }

  /** @returns the next octets, or `undefined` when fewer are left. */
  take(size: number): Buffer | undefined {
    if (size > this.left) {
      this.#at = this.#octets.length;
      return undefined;
    }
    this.#at += size;
    return this.#octets.subarray(this.#at - size, this.#at);
  }

  /** @returns the next octets as an unsigned number. */
  number(size: 1 | 2 | 4): number | undefined {
    return this.take(size)?.readUIntBE(0, size);
  }

  /** @returns the next character string (RFC 1035 §3.3), one character per octet. */
  string(): string | undefined {
    const size = this.number(1);
    return size === undefined ? undefined : this.take(size)?.toString('latin1');
  }

  /** @returns the next name, without compression (RFC 3597 §4). */
  name(): string | undefined {
    const labels: string[] = [];
    for (;;) {
      const label = this.string();
      if (label === '') return nameOfLabels(labels);
      if (label === undefined || label.length > 63) return undefined;
      labels.push(label);
    }
  }
}

/** @returns the data of a record of this type from its octets, or `undefined` when they are not such data. */
export function dataOfOctets(type: RecordType, octets: Buffer): RecordData[RecordType] | undefined {
  const reader = new OctetReader(octets);
  const data = READERS[type](reader);
  return reader.left > 0 ? undefined : data;
}

const nameOf = (reader: OctetReader): string | undefined => reader.name();

const READERS: Readonly<Record<RecordType, (reader: OctetReader) => RecordData[RecordType] | undefined>> = {
  A: (reader) => addressOf(reader, 4),
  AAAA: (reader) => addressOf(reader, 16),
  CNAME: nameOf,
  NS: nameOf,
  PTR: nameOf,
  MX: (reader) => {
    const preference = reader.number(2);
    const exchange = reader.name();
    return preference === undefined || exchange === undefined ? undefined : { preference, exchange };
  },
  DS: (reader) => {
    const [keyTag, algorithm, digestType] = [reader.number(2), reader.number(1), reader.number(1)];
    const digest = reader.take(reader.left)?.toString('hex');
    const isWhole = keyTag !== undefined && algorithm !== undefined && digestType !== undefined;
    return isWhole && digest ? { keyTag, algorithm, digestType, digest } : undefined;
  },
  TLSA: (reader) => {
    const [usage, selector, matchingType] = [reader.number(1), reader.number(1), reader.number(1)];
    const data = reader.take(reader.left)?.toString('hex');
    const isWhole = usage !== undefined && selector !== undefined && matchingType !== undefined;
    return isWhole && data ? { usage, selector, matchingType, data } : undefined;
  },
  SPF: stringsOf,
  TXT: stringsOf,
  SOA: (reader) => {
    const [mname, rname] = [reader.name(), reader.name()];
    const serial = reader.number(4);
    reader.take(12);
    const minimum = reader.number(4);
    const isWhole = mname !== undefined && rname !== undefined && serial !== undefined && minimum !== undefined;
    return isWhole ? { mname, rname, serial, minimum } : undefined;
  },
};

function stringsOf(reader: OctetReader): string[] | undefined {
  const strings: string[] = [];
  do {
    const string = reader.string();
    if (string === undefined) return undefined;
    strings.push(string);
  } while (reader.left > 0);
  return strings;
}

function addressOf(reader: OctetReader, size: 4 | 16): string | undefined {
  const octets = reader.take(size);
  const ip = octets === undefined ? undefined : ipOfBytes(octets);
  return size === 4 && ip !== undefined && ipFamily(ip) !== 4 ? undefined : ip;
}

/** The record types of IANA's registry of DNS parameters that a zone file may contain. */

const NUMBERS: ReadonlyMap<string, number> = new Map(
  (
    'A 1 NS 2 MD 3 MF 4 CNAME 5 SOA 6 MB 7 MG 8 MR 9 NULL 10 WKS 11 PTR 12 HINFO 13 MINFO 14 MX 15 TXT 16 RP 17 AFSDB 18 ' +
    'X25 19 ISDN 20 RT 21 NSAP 22 NSAP-PTR 23 SIG 24 KEY 25 PX 26 GPOS 27 AAAA 28 LOC 29 NXT 30 EID 31 NIMLOC 32 SRV 33 ' +
    'ATMA 34 NAPTR 35 KX 36 CERT 37 A6 38 DNAME 39 SINK 40 APL 42 DS 43 SSHFP 44 IPSECKEY 45 RRSIG 46 NSEC 47 DNSKEY 48 ' +
    'DHCID 49 NSEC3 50 NSEC3PARAM 51 TLSA 52 SMIMEA 53 HIP 55 NINFO 56 RKEY 57 TALINK 58 CDS 59 CDNSKEY 60 ' +
    'OPENPGPKEY 61 CSYNC 62 ZONEMD 63 SVCB 64 HTTPS 65 DSYNC 66 SPF 99 NID 104 L32 105 L64 106 LP 107 EUI48 108 ' +
    'EUI64 109 URI 256 CAA 257 AVC 258 DOA 259 AMTRELAY 260 RESINFO 261 WALLET 262 TA 32768 DLV 32769'
  )
    .match(/\S+ \d+/g)
    ?.map((pair): [string, number] => [pair.replace(/ .*/, ''), Number(pair.replace(/.* /, ''))]) ?? [],
);

const NAMES: ReadonlyMap<number, string> = new Map([...NUMBERS].map(([name, number]) => [number, name]));

/**
 * @param word the type as a file has it.
 * @returns the name of the type in upper case, or `TYPE123` for a number without a name (RFC 3597 §5). It is `undefined`
 *   for a word that is no type, or one of the types that only messages contain (RFC 6895 §3.1).
 */
export function typeNamed(word: string): string | undefined {
  const upper = word.slice(0, 20).toUpperCase();
  if (upper.length === word.length && NUMBERS.has(upper)) return upper;
  const digits = /^TYPE(\d{1,5})$/i.exec(word)?.[1];
  const number = Number(digits);
  const isOfMessages = number === 0 || number === 41 || (number >= 128 && number <= 255);
  if (digits === undefined || number > 65_535 || isOfMessages) return undefined;
  return NAMES.get(number) ?? `TYPE${number}`;
}

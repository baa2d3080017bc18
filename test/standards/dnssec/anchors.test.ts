/** Tests the reader of trust anchors, and the anchors of the root zone. */
import { describe, expect, test } from 'vitest';
import { ROOT_ANCHORS, rootAnchorText } from '../../../src/knowledge/root-anchors.ts';
import { dsDigest } from '../../../src/standards/dnssec/algorithms.ts';
import { anchorFor, nameText, readAnchors } from '../../../src/standards/dnssec/index.ts';
import { UsageError } from '../../../src/usage-error.ts';

/** The keys of the root zone as a resolver's package has them (dns-root-data of Debian). */
const ROOT_KEYS = `
. IN DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU= ; keytag 20326
. IN DNSKEY 257 3 8 AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc= ; keytag 38696
`;

test('the anchors of the root zone are the digests of its keys', () => {
  const keys = readAnchors(ROOT_KEYS, 'root.key')[0]?.keys ?? [];
  const [anchor] = readAnchors(rootAnchorText(), 'root-anchors');
  expect(keys.map(({ keyTag }) => keyTag)).toEqual([20326, 38696]);
  expect(anchor?.ds.map(({ keyTag, algorithm, digestType }) => [keyTag, algorithm, digestType])).toEqual([
    [20326, 8, 2],
    [38696, 8, 2],
  ]);
  expect(anchor?.ds.map(({ digest }) => digest)).toEqual(keys.map(({ data }) => dsDigest([], data, 2)));
  expect(ROOT_ANCHORS.map(({ name }) => name)).toEqual(['KSK-2017', 'KSK-2024']);
});

describe('a file of trust anchors', () => {
  test('as dig prints it: comments, TTL, class, signatures, keys in several words', () => {
    const text = `; <<>> DiG 9.18 <<>> example.com DNSKEY +dnssec
;; ANSWER SECTION:
Example.COM.	3600	IN	DNSKEY	257 3 13 M5/+XtoPQoWP5VnLB02eKc7moemOb6tDBsFvxeuezlcOh5ucbrgYljxh f3VZPXKge2lLWE62uDqP0dqtMd+Q6g==
example.com. 3600 IN RRSIG DNSKEY 13 2 3600 20261214000000 20261130000000 1 example.com. AAAA
`;
    const [anchor] = readAnchors(text, 'file');
    expect([nameText(anchor?.zone ?? []), anchor?.keys[0]?.algorithm, anchor?.keys[0]?.publicKey.length]).toEqual([
      'example.com',
      13,
      64,
    ]);
  });

  test('several records of one name are one anchor, in any order of TTL and class', () => {
    const digest = 'ab'.repeat(32);
    const anchors = readAnchors(
      `corp.example DS 1 13 2 ${digest}\ncorp.example. IN 60 DS 2 13 2 (\n ${digest} )\n. 60 IN DS 3 8 2 ${digest}\n`,
      'file',
    );
    expect(anchors.map(({ zone, ds }) => [nameText(zone), ds.map(({ keyTag }) => keyTag)])).toEqual([
      ['corp.example', [1, 2]],
      ['.', [3]],
    ]);
    expect(nameText(anchorFor(anchors, ['www', 'corp', 'example'])?.zone ?? ['none'])).toBe('corp.example');
    expect(nameText(anchorFor(anchors, ['example'])?.zone ?? ['none'])).toBe('.');
  });

  test.each([
    ['', 'file: no DS and no DNSKEY record'],
    ['. IN A 192.0.2.1', 'file:1: only DS and DNSKEY records are trust anchors'],
    ['\n. IN DS 1 8 2 abcd', 'file:2: the DS record is not complete'],
    ['. IN DS 70000 8 2 abcd', 'file:1: the DS record is not complete'],
    ['. IN DNSKEY 1 3 8 AwEAAQ==', 'file:1: the DNSKEY record is not one of a zone key'],
    ['. IN DNSKEY 257 3 8 ?', 'file:1: the DNSKEY record is not one of a zone key'],
    ['trust-anchors {', 'file:1: "trust-anchors" of named.conf is not read: write DS or DNSKEY records, one a line'],
    [`..a IN DS 1 8 2 ${'ab'.repeat(32)}`, 'file:1: the line does not begin with a name'],
  ])('refuses %j', (text, message) => {
    expect(() => readAnchors(text, 'file')).toThrow(new UsageError(message));
  });
});

test('several files for one zone are one anchor, as for the old key and the next one', () => {
  const ds = (keyTag: number, zone: string): string => `${zone} DS ${keyTag} 13 2 ${'ab'.repeat(32)}\n`;
  const anchors = [ds(1, '.'), ds(2, '.'), ds(3, 'example.com.')].flatMap((text) => readAnchors(text, 'file'));
  const tagsFor = (...name: string[]) => anchorFor(anchors, name)?.ds.map(({ keyTag }) => keyTag);
  expect(tagsFor('example', 'net')).toEqual([1, 2]);
  expect(tagsFor('www', 'example', 'com')).toEqual([3]);
  expect(anchorFor([], ['example'])).toBeUndefined();
});

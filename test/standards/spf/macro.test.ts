/** Macro expansion (RFC 7208 §7.2 to §7.4). */
import { describe, expect, test } from 'vitest';
import { senderIdentity } from '../../../src/standards/spf/index.ts';
import {
  checkedDomain,
  expandFixedTarget,
  expandMacros,
  expandTarget,
  isCheckableDomain,
  isQueryableName,
  type MacroValues,
} from '../../../src/standards/spf/macro.ts';
import { parseMacroString } from '../../../src/standards/spf/macro-syntax.ts';
import { address } from './check.ts';

const VALUES: MacroValues = {
  ip: address('192.0.2.3'),
  localPart: 'strong-bad',
  senderDomain: 'email.example.com',
  domain: 'email.example.com',
  heloName: 'mx.example.org',
  receiver: 'receiver.example',
  now: 1_700_000_000_999,
  validatedName: 'mx.example.org',
};

function macro(text: string) {
  const parsed = parseMacroString(text, 'explanation');
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

describe('SPF macros, RFC 7208 §7.4: expansion', () => {
  test.each([
    ['%{s}', 'strong-bad@email.example.com'],
    ['%{o}', 'email.example.com'],
    ['%{d}', 'email.example.com'],
    ['%{d4}', 'email.example.com'],
    ['%{d2}', 'example.com'],
    ['%{d1}', 'com'],
    ['%{dr}', 'com.example.email'],
    ['%{d2r}', 'example.email'],
    ['%{d999999999999999999999}', 'email.example.com'],
    ['%{l}', 'strong-bad'],
    ['%{l-}', 'strong.bad'],
    ['%{lr}', 'strong-bad'],
    ['%{lr-}', 'bad.strong'],
    ['%{l1r-}', 'strong'],
    ['%{s2.@}', undefined],
    ['%{s-}', 'strong.bad@email.example.com'],
    ['%{i}', '192.0.2.3'],
    ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
    ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
    ['%{h}', 'mx.example.org'],
    ['%{p2}.trusted', 'example.org.trusted'],
    ['%{c}', '192.0.2.3'],
    ['%{r}', 'receiver.example'],
    ['%{t}', '1700000000'],
    ['a%%b%_c%-d', 'a%b c%20d'],
    ['%{S}', 'strong-bad%40email.example.com'],
  ])('%s → %s', (text, expected) => {
    const parsed = parseMacroString(text, 'explanation');
    expect(parsed.ok ? expandMacros(parsed.value, VALUES) : undefined).toBe(expected);
  });

  test('an IPv6 address is dotted nibbles in macro i, text in c, and ip6 in v', () => {
    const values = { ...VALUES, ip: address('2001:db8::cb01') };
    const nibbles = '2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.B.0.1';
    expect(expandMacros(macro('%{i} %{c} %{v}'), values)).toBe(`${nibbles} 2001:db8::cb01 ip6`);
    expect(expandMacros(macro('%{i2r}'), values)).toBe('0.2');
  });

  test('§7.3 an upper-case letter escapes all but unreserved characters, octet by octet', () => {
    const values = { ...VALUES, localPart: "Az09-._~ &='\u00e9\t" };
    expect(expandMacros(macro('%{L}'), values)).toBe('Az09-._~%20%26%3D%27%C3%A9%09');
  });

  test('§7.3 empty parts count when splitting', () => {
    expect(expandMacros(macro('%{l3r+}'), { ...VALUES, localPart: '+a++b' })).toBe('.a.');
  });
});

describe('SPF macros, RFC 7208 §7.3: target names', () => {
  test('lose a trailing dot', () => {
    expect(expandTarget(macro('%{d}.example.'), VALUES)).toBe('email.example.com.example');
  });

  test('of more than 253 octets lose whole labels from the left', () => {
    const values = { ...VALUES, domain: `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}` };
    const fits = `${'x'.repeat(9)}.${values.domain}`;
    expect(fits).toHaveLength(253);
    expect(expandTarget(macro('xxxxxxxxx.%{d}'), values)).toBe(fits);
    expect(expandTarget(macro('xxxxxxxxxx.%{d}'), values)).toBe(values.domain);
    expect(expandTarget(macro('ab.%{d}.%{d}'), values)).toBe(values.domain);
  });
});

describe('SPF macros, RFC 7208 §7.1: allowed characters', () => {
  test.each([
    ['domain-spec', '!~$&', true],
    ['domain-spec', ' ', false],
    ['domain-spec', '\u007f', false],
    ['domain-spec', '%{c}', false],
    ['modifier-value', '%{c}%{r}%{t}', true],
    ['modifier-value', ' ', false],
    ['explanation', 'a b %{c}~', true],
    ['explanation', '\u001f', false],
    ['explanation', '\u007f', false],
    ['explanation', '\t', false],
  ] as const)('in place %s, %j → %s', (place, text, expected) => {
    expect(parseMacroString(text, place).ok).toBe(expected);
  });

  test('a single label that is too long keeps its right part', () => {
    expect(expandTarget(macro('%{l}'), { ...VALUES, localPart: 'x'.repeat(300) })).toBe('x'.repeat(254));
  });
});

describe('SPF: isCheckableDomain, RFC 7208 §4.3', () => {
  test.each([
    ['example.com', true],
    [`${'a'.repeat(63)}.example`, true],
    [`${'a'.repeat(64)}.example`, false],
    [`${'a.'.repeat(126)}b`, true],
    [`${'a.'.repeat(126)}bc`, false],
    ['a..example', false],
    ['.example', false],
    ['localhost', false],
    ['', false],
    ['[192.0.2.1]', false],
    ['a b.example', false],
    ['a].example', false],
    ['a\u00fc.example', false],
    ['a\u007f.example', false],
    ['!~.example', true],
    ['_spf.example.com', true],
  ])('%j → %s', (domain, expected) => {
    expect(isCheckableDomain(domain)).toBe(expected);
  });
});

describe('SPF: senderIdentity, RFC 7208 §2.3, §2.4, §4.3', () => {
  test.each([
    ['user@example.com', 'user', 'example.com'],
    ['<user@example.com>', 'user', 'example.com'],
    ['"a@b"@example.com', '"a@b"', 'example.com'],
    ['@example.com', 'postmaster', 'example.com'],
    ['example.com', 'postmaster', 'example.com'],
    ['<example.com>', 'postmaster', 'example.com'],
    ['user@', 'user', ''],
    ['', 'postmaster', 'helo.example'],
    ['<>', 'postmaster', 'helo.example'],
    ['<user@example.com', '<user', 'example.com'],
    ['user@example.com>', 'user', 'example.com>'],
  ])('%j → %s at %s', (sender, localPart, domain) => {
    expect(senderIdentity(sender, 'helo.example')).toEqual({ localPart, domain });
  });
});

describe('SPF: checkedDomain, RFC 8616', () => {
  test.each([
    ['example.com', 'example.com'],
    ['Example.COM.', 'Example.COM'],
    ['example.com..', 'example.com.'],
    ['b\u00fccher.example', 'xn--bcher-kva.example'],
    ['b\u00fccher.example.', 'xn--bcher-kva.example'],
    ['\u007f.example', '\u007f.example'],
    ['\u00fc b.example', '\u00fc b.example'],
    ['', ''],
  ])('%j → %j', (domain, expected) => {
    expect(checkedDomain(domain)).toBe(expected);
  });
});

describe('SPF: expandFixedTarget', () => {
  test.each([
    ['x.example', 'x.example'],
    ['%{d}', 'r.example'],
    ['%{o}.x.%{d}.', 'example.com.x.r.example'],
    ['%{d1}.%{o1r}.%{D}', 'example.example.r.example'],
    ['%%%_%{d}', '% r.example'],
    ['%{i}.%{d}', null],
    ['%{d}.%{s}', null],
    ['%{h}', null],
    ['%{p}', null],
  ])('%s → %s', (text, expected) => {
    expect(expandFixedTarget(macro(text), 'r.example', 'example.com')).toBe(expected);
  });
});

describe('SPF: isQueryableName', () => {
  test.each([
    ['localhost', true],
    ['a b.example', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['\u00fc'.repeat(31), true],
    ['\u00fc'.repeat(32), false],
    [`${'a.'.repeat(126)}b`, true],
    [`${'a.'.repeat(126)}bc`, false],
    ['', false],
    ['a..b', false],
    ['a.', false],
    ['.a', false],
  ])('%j → %s', (name, expected) => {
    expect(isQueryableName(name)).toBe(expected);
  });
});

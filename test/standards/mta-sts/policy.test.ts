import { describe, expect, test } from 'vitest';
import { matchesPattern, patternFor } from '../../../src/standards/mta-sts/match.ts';
import { isFatal, type PolicyDefectKind, parsePolicy, usablePolicy } from '../../../src/standards/mta-sts/policy.ts';

const read = (text: string) => parsePolicy(Buffer.from(text));
const kinds = (text: string) => read(text).defects.map(({ kind }) => kind);
const GOOD = 'version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n';

describe('mta-sts: a policy that senders apply', () => {
  test.each([
    ['with LF', GOOD],
    ['with CRLF', GOOD.replaceAll('\n', '\r\n')],
    ['with both', GOOD.replace('\n', '\r\n')],
    ['without the last line end', GOOD.trimEnd()],
    ['in another order', 'max_age: 86400\nmx: mail.example.com\nmode: enforce\nversion: STSv1\n'],
    ['with white space behind values', GOOD.replaceAll('\n', ' \t\n')],
    ['without white space behind colons', GOOD.replaceAll(': ', ':')],
    ['with the host twice, in another case', `${GOOD}mx: MAIL.example.com\n`],
    ['with unknown fields', `${GOOD}x-report: a b  c\ncomment: {é}\nmore: x\n`],
  ])('%s', (_, text) => {
    const policy = read(text);
    expect(policy.defects).toEqual([]);
    expect(usablePolicy(policy)).toEqual({ mode: 'enforce', patterns: ['mail.example.com'], maxAge: 86_400 });
  });

  test('under mode none, without mx', () => {
    expect(usablePolicy(read('version: STSv1\nmode: none\nmax_age: 0'))).toEqual({
      mode: 'none',
      patterns: [],
      maxAge: 0,
    });
  });

  test.each([
    [31_557_600, []],
    [31_557_601, ['bad-max-age']],
  ] as const)('max_age %d: %j', (seconds, expected) => {
    expect(kinds(GOOD.replace('86400', `${seconds}`))).toEqual(expected);
  });
});

describe('mta-sts: a policy that senders discard', () => {
  test.each<[string, string, PolicyDefectKind[]]>([
    ['without a version', GOOD.replace('version: STSv1\n', ''), ['no-version']],
    ['of another version', GOOD.replace('STSv1', 'STSv2'), ['bad-version']],
    ['without a mode', GOOD.replace('mode: enforce\n', ''), ['no-mode']],
    ['with an unknown mode', GOOD.replace('enforce', 'Enforce'), ['bad-mode']],
    ['without max_age', GOOD.replace('max_age: 86400\n', ''), ['no-max-age']],
    ['with a negative max_age', GOOD.replace('86400', '-1'), ['bad-max-age']],
    ['with max_age of eleven digits', GOOD.replace('86400', '00000086400'), ['bad-max-age']],
    ['without mx', GOOD.replace('mx: mail.example.com\n', ''), ['no-mx']],
    ['with an empty mx', GOOD.replace('mail.example.com', ''), ['bad-mx']],
    ['with a pattern of two wildcards', GOOD.replace('mail', '*.*'), ['bad-mx']],
    ['with a wildcard inside a label', GOOD.replace('mail', 'ma*'), ['bad-mx']],
    ['with a final dot', GOOD.replace('.com', '.com.'), ['bad-mx']],
    ['with a line without a colon', `${GOOD}hello\n`, ['not-a-pair']],
    ['with a key in front of which is a blank', `${GOOD} x: y\n`, ['bad-key']],
    ['with an empty value', `${GOOD}x:\n`, ['bad-value']],
    ['with a control character', `${GOOD}x: a\0b\n`, ['bad-value']],
    ['with a key of 33 characters', `${GOOD}${'a'.repeat(33)}: x\n`, ['bad-key']],
    ['with a byte order mark', `\ufeff${GOOD}`, ['byte-order-mark']],
    ['that is a web page', '<!DOCTYPE html><html>', ['web-page']],
    ['that is empty', '', ['no-version', 'no-mode', 'no-max-age', 'no-mx']],
  ])('%s', (_, text, expected) => {
    const policy = read(text);
    expect(policy.defects.map(({ kind }) => kind)).toEqual(expected);
    expect(policy.defects.every(isFatal)).toBe(true);
    expect(usablePolicy(policy)).toBeNull();
  });

  test('that is too long', () => {
    expect(parsePolicy(Buffer.from(GOOD), true).defects.map(({ kind }) => kind)).toEqual(['too-long']);
  });

  test('with bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from(`${GOOD}x: `), Buffer.from([0xff]), Buffer.from('\n')]);
    expect(parsePolicy(bytes).defects.map(({ kind }) => kind)).toEqual(['bad-value']);
  });
});

describe('mta-sts: a defect that senders may pass over', () => {
  test.each<[string, string, PolicyDefectKind, string | undefined]>([
    ['a field twice', `${GOOD}mode: testing\n`, 'repeated', undefined],
    ['an empty line', `${GOOD}\nx: y\n`, 'empty-line', undefined],
    ['an address as mx', `${GOOD}mx: 192.0.2.1\n`, 'address-as-mx', undefined],
    ['nmx', `${GOOD}nmx: mx2.example.com\n`, 'slip', 'mx: mx2.example.com'],
    ['mx1', `${GOOD}mx1: mx2.example.com\n`, 'slip', 'mx: mx2.example.com'],
    ['MX', `${GOOD}MX: mx2.example.com\n`, 'slip', 'mx: mx2.example.com'],
    ['max-age', `${GOOD}max-age: 1209600\n`, 'slip', 'max_age: 1209600'],
    ['Mode', `${GOOD}Mode: testing\n`, 'slip', 'mode: testing'],
  ])('%s', (_, text, kind, meant) => {
    const policy = read(text);
    expect(policy.defects).toMatchObject([{ kind, ...(meant === undefined ? {} : { meant }) }]);
    expect(usablePolicy(policy)).toMatchObject({ mode: 'enforce', maxAge: 86_400 });
  });

  test.each(['more: x', 'mx-note: y', 'mode2x: enforce', 'comment: mx'])('%s is no slip', (line) => {
    expect(kinds(`${GOOD}${line}\n`)).toEqual([]);
  });
});

test.each([
  ['mx: mail.example.com.', 'mx: mail.example.com'],
  ['mx: bücher.example', 'mx: xn--bcher-kva.example'],
  ['mx: *.bücher.example', 'mx: *.xn--bcher-kva.example'],
  ['mx: a.example.com, b.example.com', undefined],
  ['mode: enforced', 'mode: enforce'],
  ['mode: always', undefined],
])('mta-sts: instead of %j, type %j', (line, meant) => {
  const key = line.split(':')[0] ?? '';
  const [defect] = read(GOOD.replace(new RegExp(`^${key}: .*$`, 'm'), line)).defects;
  expect(defect).toMatchObject({ text: line });
  expect(defect?.meant).toBe(meant);
});

test.each([
  ['mail.example.com', 'mail.example.com', true],
  ['Mail.Example.com', 'mAIL.example.COM.', true],
  ['mail.example.com', 'xmail.example.com', false],
  ['*.example.com', 'mail.example.com', true],
  ['*.example.com', 'a.mail.example.com', false],
  ['*.example.com', 'example.com', false],
  ['*.b.example.com', 'xb.example.com', false],
  ['*.example.com', '.example.com', false],
])('mta-sts: %s and %s: %s', (pattern, host, expected) => {
  expect(matchesPattern(pattern, host)).toBe(expected);
  expect(patternFor(['other.example.net', pattern], host)).toBe(expected ? pattern : null);
});

import { expect, test } from 'vitest';
import { isMisspelling } from '../../src/standards/misspelt-name.ts';

test.each<[name: string, isSlip: boolean]>([
  ['mial.example.com', true],
  ['mai.example.com', true],
  ['ail.example.com', true],
  ['maill.example.com', true],
  ['MMAIL.example.com.', true],
  ['mail.exmaple.com', true],
  ['mail.exampl.com', true],
  ['mail.example.com', false],
  ['smail.example.com', false],
  ['mail2.example.com', false],
  ['mall.example.com', false],
  ['mial.exmaple.com', false],
  ['mail.example.cm', false],
  ['mail.example.com.example.com', false],
  ['liam.example.com', false],
])('misspelt names: %s for mail.example.com: %s', (name, isSlip) => {
  expect(isMisspelling(name, 'mail.example.com')).toBe(isSlip);
});

test.each([
  ['mx2.example.com', 'mx1.example.com'],
  ['out01.example.com', 'out1.example.com'],
  ['out11.example.com', 'out1.example.com'],
  ['host21.example.com', 'host12.example.com'],
  ['m.example.com', 'mx.example.com'],
])('misspelt names: %s is another host than %s', (name, right) => {
  expect(isMisspelling(name, right)).toBe(false);
});

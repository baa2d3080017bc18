/** Whatever goes wrong with the records at a selector, the plan of the run mends it or says what to decide. */
import { describe, expect, it } from 'vitest';
import dkim from '../../../src/check/rules/dkim/rule.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import { ED25519, KEY_WITH_SIGNS, RSA_2048 } from '../../standards/dkim/keys.ts';
import { runCase, type Shown } from '../../world/rule-test.ts';
import type { ZoneScript } from '../../world/zone.ts';

const MAIL = 'mail._domainkey.example.com';
const KEY = KEY_WITH_SIGNS;
const RECORD = `v=DKIM1; k=rsa; p=${KEY}`;
const SURROUNDINGS: ZoneScript = {
  'example.com': { TXT: ['v=spf1 -all'], A: ['192.0.2.80'] },
  'k.example.net': { TXT: [RECORD] },
};

type Slip = readonly [name: string, make: (text: string) => readonly string[]];

const SLIPS: readonly Slip[] = [
  ['none', (text) => [text]],
  ['quotation marks', (text) => [`"${text}"`]],
  ['strings', (text) => [`${text.slice(0, 200)}" "${text.slice(200)}`]],
  ['a zone-file line', (text) => [`mail._domainkey IN TXT ( "${text.slice(0, 99)}" "${text.slice(99)}" ) ; key`]],
  ['a line from the parenthesis on', (text) => [`( "${text.slice(0, 99)}"\n\t"${text.slice(99)}" ) ; ----- key`]],
  ['backslashes', (text) => [text.replaceAll(';', '\\;')]],
  ['line feeds', (text) => [text.replaceAll('; ', ';\n')]],
  ['a line feed at the end', (text) => [`${text}\n`]],
  ['no semicolons', (text) => [text.replaceAll(';', '')]],
  ['commas', (text) => [text.replaceAll(';', ',')]],
  ['the version in lower case', (text) => [text.replace('DKIM1', 'dkim1')]],
  ['the key type in upper case', (text) => [text.replace('k=rsa', 'k=RSA')]],
  ['two parts', (text) => [text.slice(0, 255), text.slice(255)]],
  ['a token', (text) => [text, 'example-site-verification=0123456789']],
  ['a leftover', (text) => [text, text.slice(255)]],
  ['a damaged copy', (text) => [text, `"${text}"`]],
  ['another key', (text) => [text, `v=DKIM1; p=${RSA_2048}`]],
  ['a test', (text) => [text.replace('p=', 't=y; p=')]],
  ['an obsolete tag', (text) => [text.replace('p=', 'g=; p=')]],
  ['the wrong hash', (text) => [text.replace('p=', 'h=sha1; p=')]],
  ['the wrong service', (text) => [text.replace('p=', 's=tlsrpt; p=')]],
  ['cut off', (text) => [text.slice(0, 255)]],
  ['a CNAME as text', () => ['CNAME k.example.net.']],
  ['the key alone', () => [KEY]],
];
const NAMES = [MAIL, MAIL, MAIL, `${MAIL}.example.com`, 'mail._domain_key.example.com', 'mail.domainkey.example.com'];

/** @returns the zone with the plan published. */
function published(zone: ZoneScript, { report }: Shown): ZoneScript {
  const after: Record<string, Record<string, readonly (string | readonly string[])[]>> = {};
  for (const [name, sets] of Object.entries(zone)) after[name] = { ...(sets as object) };
  for (const { name, type, remove, add } of report.plan?.changes ?? []) {
    const sets = after[name] ?? {};
    after[name] = sets;
    const gone = remove.map(({ value }) => value);
    const kept = (sets[type] ?? []).filter(
      (value) => !gone.includes(typeof value === 'string' ? value : value.join('')),
    );
    // A CNAME record stands alone.
    if (type === 'CNAME') delete sets.TXT;
    sets[type] = [...kept, ...add.map(({ value }) => value.replace(/\.$/, ''))];
  }
  return after;
}

describe('DKIM: plans', () => {
  it('each plan is proven, keeps the key, and leaves nothing to plan', async () => {
    const state = fc.record({
      text: fc.constantFrom(RECORD, RECORD, `v=DKIM1; p=${KEY}`, `v=DKIM1; k=ed25519; p=${ED25519}`),
      slips: fc.array(fc.constantFrom(...SLIPS), { maxLength: 2 }),
      name: fc.constantFrom(...NAMES),
      selectors: fc.constantFrom([], ['mail']),
    });
    await fc.assert(
      fc.asyncProperty(state, async ({ text, slips, name, selectors }) => {
        const texts = slips.reduce((before, [, make]) => before.flatMap(make), [text]);
        const zone: ZoneScript = { ...SURROUNDINGS, [name]: { TXT: [...new Set(texts)] } };
        const shown = await runCase(dkim, { when: 'a state', zone, selectors });
        expect({ unproven: shown.report.plan?.unproven ?? 0 }).toEqual({ unproven: 0 });
        if ((shown.report.plan?.changes ?? []).length === 0) return;
        const after = published(zone, shown);
        const again = await runCase(dkim, { when: 'the plan is published', zone: after, selectors });
        expect(again.report.plan?.changes ?? []).toEqual([]);
        const codes = again.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
        expect(codes).toEqual([]);
        const given = JSON.stringify([after[MAIL], after['k.example.net']]);
        expect([KEY, ED25519].some((key) => given.includes(key))).toBe(true);
      }),
      { numRuns: runs(250) },
    );
  });
});

/** The html report: valid, self-contained, in order, and with nothing in it that came from the network but text. */

import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { adviceFor } from '../../src/knowledge/guides/guide.ts';
import { defaultLists } from '../../src/knowledge/lists/catalogue.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { Report } from '../../src/report/status.ts';
import { closingParts, wayWords } from '../../src/reporters/closing-words.ts';
import { html } from '../../src/reporters/html.ts';
import { checkIn } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';
import { defaultListZones, reversed } from '../world/world.ts';
import {
  attribute,
  type Document,
  type Element,
  faults,
  hasClass,
  readDocument,
  skeleton,
  textOf,
} from './html-document.ts';

const IP = '203.0.113.5';

/** An SPF record over the limit, with a branch of every kind, and a neighbourhood with listed and unknown addresses. */
function drawn(): Promise<Report> {
  const [list] = defaultLists().filter(({ zone }) => zone === 'zen.spamhaus.org');
  const terms = ['_spf', 'gone', 'twice', 'broken', 'loop', 'silent'].map((name) => `include:${name}.example.com`);
  const more = Array.from({ length: 5 }, (_, index) => `exists:%{i}.x${index}.example.com`);
  return checkIn({
    ips: [IP, '2001:db8::5'],
    rules: ['spf', 'rbl'],
    settings: { neighbours: true, dnsblZones: list ? [list.zone] : [] },
    dns: {
      apexes: ['example.com', '113.0.203.in-addr.arpa'],
      zone: {
        ...defaultListZones({
          'zen.spamhaus.org': {
            [reversed('203.0.113.9')]: { A: ['127.0.0.2'] },
            [reversed('203.0.113.17')]: 'servfail',
          },
        }),
        'example.com': { TXT: [[`v=spf1 ip6:2001:db8::5 ${terms.join(' ')} `, `${more.join(' ')} ip4:${IP} -all`]] },
        '_spf.example.com': { TXT: ['v=spf1 a:mail.example.com -all'] },
        'mail.example.com': { A: ['192.0.2.1'] },
        'twice.example.com': { TXT: ['v=spf1 -all', 'v=spf1 ~all'] },
        'broken.example.com': { TXT: ['v=spf1 bogus:x -all'] },
        'loop.example.com': { TXT: ['v=spf1 include:example.com -all'] },
        'silent.example.com': 'servfail',
      },
    },
  });
}

const made: Record<string, readonly Report[]> = {};
const read = new Map<string, Document>();
function documentOf(name: string): Document {
  const document = read.get(name) ?? readDocument(html(made[name] ?? []));
  read.set(name, document);
  return document;
}

beforeAll(async () => {
  const [healthy, fresh, relay] = await Promise.all([inScene('healthy'), inScene('fresh'), inScene('relay')]);
  const bare = { dns: { zone: { 'example.com': { SOA: [] } } }, ips: [], rules: ['ptr', 'mx'] };
  Object.assign(made, {
    healthy: [healthy],
    fresh: [fresh],
    relay: [relay],
    judged: [judged(fresh)],
    'no addresses': [await checkIn(bare)],
    'two targets': [healthy, fresh],
    drawn: [await drawn()],
  });
});

function inScene(name: keyof typeof scenes): Promise<Report> {
  const [domain, ip] = scenes[name].args;
  return checkIn({ ...scenes[name].world, domain, ips: [ip], selectors: ['s1'] }, { transcript: true });
}

/** As a configuration and a baseline would leave it. */
function judged(report: Report): Report {
  const standing: Readonly<Record<string, Partial<Report['rules'][number]['findings'][number]>>> = {
    'ptr/missing': { deviation: { reason: 'the provider sets it in May', until: '2099-05-31', state: 'accepted' } },
    'spf/ip-not-authorized': {
      deviation: { reason: 'until the move', until: '2020-01-31', state: 'expired' },
      baseline: 'known',
    },
    'rbl/listed-policy': { baseline: 'new', defaultSeverity: 'warning' },
  };
  const rules = report.rules.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) => ({ ...finding, ...standing[finding.code] })),
  }));
  return { ...report, rules };
}

const NAMES = ['healthy', 'fresh', 'relay', 'judged', 'no addresses', 'two targets', 'drawn'];

const of = (elements: readonly Element[], tagName: string): Element[] =>
  elements.filter((element) => element.tagName === tagName);
const withClass = (elements: readonly Element[], name: string): Element[] =>
  elements.filter((element) => hasClass(element, name));
const texts = (elements: readonly Element[]): string[] =>
  elements.map((element) => textOf(element).replace(/\s+/g, ' ').trim());
const below = (element: Element | undefined): readonly Element[] =>
  element === undefined
    ? []
    : element.childNodes.flatMap((child) => ('tagName' in child ? [child, ...below(child)] : []));

describe.each(NAMES)('%s', (name) => {
  test('is valid, and holds nothing but what a report is made of', () => {
    expect(faults(html(made[name] ?? []))).toEqual([]);
  });

  test('needs nothing else, and may load nothing', () => {
    const { elements } = documentOf(name);
    const [style, second] = of(elements, 'style');
    const css = style ? textOf(style) : '';
    expect(second).toBeUndefined();
    expect(css).not.toMatch(/url\(|@import|expression|image-set/i);
    const hash = createHash('sha256').update(css).digest('base64');
    const policy = elements.find((element) => attribute(element, 'http-equiv') === 'Content-Security-Policy');
    expect(policy && attribute(policy, 'content')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    // The hash of the policy is known by now, and may hold any characters of base64.
    const others = elements.filter((element) => element !== policy);
    const leading = others.flatMap(({ tagName, attrs }) =>
      attrs.filter(({ value }) => /\/\/|^\w+:/.test(value)).map((attr) => `${tagName} ${attr.name}`),
    );
    expect(leading.filter((place) => place !== 'a href')).toEqual([]);
  });

  test('is the same each time', () => {
    expect(html(structuredClone(made[name] ?? []))).toBe(html(made[name] ?? []));
  });

  test('tells every status by a symbol and a word', () => {
    const marks = withClass(documentOf(name).elements, 'mark');
    expect(marks.length).toBeGreaterThan(0);
    for (const text of texts(marks)) expect(text).toMatch(/^[✓!✕?–] ?[A-Za-z ]+$/);
  });
});

describe('what is where', () => {
  test('verdict, steps, checks, receivers, ways out, transcript, codes, in this order', () => {
    const { elements } = documentOf('fresh');
    const [report] = made.fresh ?? [];
    expect(texts(of(elements, 'h1'))).toEqual(['example.net 198.51.100.7']);
    const [verdict = ''] = texts(withClass(elements, 'verdict'));
    const said = report === undefined ? [''] : [...Object.values(closingParts(report)).flat(), wayWords(report)];
    expect(verdict.startsWith(`✕${said[0]}`)).toBe(true);
    for (const words of said) expect(verdict).toContain(words);
    expect(texts(of(elements, 'h2'))).toEqual([
      'What to do next',
      expect.stringMatching(/^\d+ checks: \d+ pass/),
      'What receivers would answer',
      'Provider and ways out',
      'Transcript',
      'About the codes',
    ]);
    expect(texts(of(elements, 'footer'))).toEqual([expect.stringContaining(report?.timing.startedAt ?? '?')]);
    expect(texts(of(elements, 'title'))[0]).toBe('FAIL: example.net 198.51.100.7 (mailcheck)');
  });

  test('a card for each check, failures first and passes last and folded', () => {
    const [report] = made.fresh ?? [];
    const cards = withClass(documentOf('fresh').elements, 'card').map((card) => {
      const [details] = of(below(card), 'details');
      // Those of what the domain does not use are one level deeper, in a fold.
      const [title] = texts([...of(below(card), 'h3'), ...of(below(card), 'h4')]);
      return `${attribute(card, 'id')} ${title} ${details && attribute(details, 'open') === undefined ? 'folded' : 'open'}`;
    });
    const ran = report?.rules.filter(({ id, status }) => id !== 'receiver' && status !== 'skipped') ?? [];
    expect(cards).toEqual(
      ['fail', 'warn', 'inconclusive', 'pass'].flatMap((shown) =>
        ran
          .filter(({ status }) => status === shown)
          .map(({ id, title, status }) => `${id} ${title} ${status === 'pass' ? 'folded' : 'open'}`),
      ),
    );
    const chips = withClass(documentOf('fresh').elements, 'chips').flatMap((list) => of(below(list), 'a'));
    const used = ran.filter(({ unused }) => !unused).map(({ id }) => id);
    expect(chips.map((chip) => attribute(chip, 'href')?.slice(1))).toEqual(
      cards.flatMap((card) => card.split(' ')[0] ?? []).filter((id) => used.includes(id)),
    );
  });

  test.each(['pass', 'warn', 'fail', 'inconclusive'] as const)(
    'what was seen, beside the title of a check: %s',
    (status) => {
      const [report] = made.fresh ?? [];
      const rules =
        report?.rules.map((rule) => (rule.id === 'ptr' ? { ...rule, status, note: 'a value' } : rule)) ?? [];
      const { elements } = readDocument(html(report ? [{ ...report, rules }] : []));
      const card = elements.find((element) => attribute(element, 'id') === 'ptr');
      const [summary] = of(below(card), 'summary');
      expect(texts(withClass(below(summary), 'value'))).toEqual(['a value']);
    },
  );

  test('evidence in rows: lists item by item, objects indented below their key', () => {
    const [report] = made.fresh ?? [];
    const evidence = {
      plain: 'text',
      flag: false,
      nothing: null,
      empty: [],
      list: ['one', 2],
      query: { name: 'example.com', answers: [{ data: 'first' }, { data: 'second' }] },
      many: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, index])),
    };
    const rules = report?.rules.slice(0, 1).map((rule) => ({
      ...rule,
      findings: rule.findings.slice(0, 1).map((finding) => ({ ...finding, evidence })),
    }));
    const { elements } = readDocument(html(report && rules ? [{ ...report, rules }] : []));
    const [fold] = withClass(elements, 'evidence');
    const rows = of(below(fold), 'dt').map((key, index) => {
      const value = of(below(fold), 'dd')[index];
      const indent = /in-(\d)/.exec(attribute(key, 'class') ?? '')?.[1];
      return `${indent} ${textOf(key)}: ${value ? texts(of(below(value), 'code')).join(' | ') : ''}`;
    });
    expect(rows.slice(0, 13)).toEqual([
      '0 plain: text',
      '0 flag: no',
      '0 nothing: none',
      '0 empty: none',
      '0 list: one | 2',
      '0 query: ',
      '1 name: example.com',
      '1 answers: ',
      '2 1: ',
      '3 data: first',
      '2 2: ',
      '3 data: second',
      '0 many: ',
    ]);
    expect(rows).toHaveLength(120);
    expect(fold && textOf(fold)).toContain('… and 93 more');
    expect(fold && textOf(fold)).not.toMatch(/[{}[\]"]/);
  });

  test('each code leads to its explanation on the same page', () => {
    const { elements } = documentOf('fresh');
    const [section] = withClass(elements, 'codes');
    const [report] = made.fresh ?? [];
    const checks = report?.rules.filter(({ kind }) => kind === 'check') ?? [];
    const codes = new Set(checks.flatMap(({ findings }) => findings.map(({ code }) => code)));
    const summaries = of(below(section), 'summary').map((summary) => texts(of(below(summary), 'code'))[0]);
    expect(summaries).toEqual([...codes].sort());
    const missing = below(section).find((element) => attribute(element, 'id') === 'about-ptr-missing');
    const { see, fix } = adviceFor('ptr', 'ptr/missing');
    for (const text of [...see, fix]) expect(missing && textOf(missing)).toContain(text);
    const finding = withClass(elements, 'finding').find((one) => textOf(one).includes('ptr/missing'));
    const links = of(below(finding), 'a').map((link) => attribute(link, 'href'));
    expect(links).toContain('#about-ptr-missing');
  });

  test('every record, command and link of every step, whole and selected by one click', () => {
    const { elements } = documentOf('fresh');
    const steps = made.fresh?.[0]?.advice.steps ?? [];
    const items = withClass(elements, 'step');
    expect(items).toHaveLength(steps.length);
    for (const [index, step] of steps.entries()) {
      const { summary, records, commands, alternatives = [], links } = step;
      const inside = below(items[index]);
      expect(texts(of(inside, 'p'))[0]).toBe(summary.trim());
      expect(withClass(inside, 'all').map(textOf)).toEqual(records.flatMap(({ name, value }) => [name, value]));
      const copied = withClass(inside, 'copy').map(textOf);
      const typed = [...commands, ...alternatives.flatMap((alternative) => alternative.commands)];
      expect([...copied].sort()).toEqual([...records.map(({ line }) => line), ...typed].sort());
      expect(copied.filter((line) => typed.includes(line))).toEqual(typed);
      const shown = of(inside, 'a').map((link) => attribute(link, 'href'));
      expect(shown.filter((href) => !href?.startsWith('#'))).toEqual(links);
    }
    const css = texts(of(elements, 'style')).join();
    expect(css).toMatch(/\.copy code,td code\.all\{user-select:all/);
  });

  test('every finding, with its code, evidence and the step that settles it', () => {
    const [report] = made.fresh ?? [];
    const findings = report?.rules.filter(({ id }) => id !== 'receiver').flatMap((rule) => rule.findings) ?? [];
    const shown = withClass(documentOf('fresh').elements, 'finding');
    expect(shown).toHaveLength(findings.length);
    for (const finding of findings) {
      const section = shown.find((candidate) => textOf(candidate).includes(finding.message));
      const inside = section ? textOf(section) : '';
      expect(inside).toContain(finding.code);
      for (const key of Object.keys(finding.evidence)) expect(inside).toContain(key);
      const step = report?.advice.steps.findIndex(
        ({ codes, subjects }) => codes.includes(finding.code) && subjects.includes(finding.subject),
      );
      const isLater = report?.plan?.later.some(({ codes }) => codes.includes(finding.code));
      if (isLater) expect(inside).toContain('Later');
      else if (finding.severity !== 'info') expect(inside).toContain(`step ${(step ?? -2) + 1}`);
    }
  });

  test('what the configuration accepts, what the baseline knows, and what is only proposed', () => {
    const { elements } = documentOf('judged');
    expect(texts(withClass(elements, 'flag'))).toEqual(
      expect.arrayContaining([
        'Accepted until 2099-05-31: the provider sets it in May',
        'The exception expired on 2020-01-31: until the move',
        'Already in the baseline',
        'New since the baseline',
        expect.stringContaining('(default: warning)'),
      ]),
    );
    const [report] = made.fresh ?? [];
    const proposed = report && {
      ...report,
      rules: report.rules.map((rule) => ({
        ...rule,
        findings: rule.findings.map((finding) => ({ ...finding, proposed: true as const })),
      })),
    };
    expect(html(proposed ? [proposed] : [])).toContain('Based on proposed records');
  });

  test('checks that were not made, with the reason', () => {
    const [report] = made.fresh ?? [];
    const skipped = report?.rules.find(({ status }) => status === 'skipped');
    expect(texts(withClass(documentOf('fresh').elements, 'skipped-rules'))).toEqual([
      expect.stringContaining(`${skipped?.title}${skipped?.skipReason}`),
    ]);
  });

  test('several targets begin with an overview that leads to each', () => {
    const { elements } = documentOf('two targets');
    const [overview] = withClass(elements, 'overview');
    expect(texts(of(below(overview), 'a'))).toEqual(['example.com', 'example.net']);
    const places = of(below(overview), 'a').map((link) => attribute(link, 'href')?.slice(1));
    expect(withClass(elements, 'report').map((report) => attribute(report, 'id'))).toEqual(places);
    expect(texts(of(elements, 'title'))[0]).toBe('FAIL: 2 targets (mailcheck)');
  });
});

describe('the SPF tree', () => {
  test('stands in the card of SPF, each lookup with its number and what is wrong with it', () => {
    const { elements } = documentOf('drawn');
    const card = elements.find((element) => attribute(element, 'id') === 'spf');
    const [tree] = withClass(below(card), 'tree');
    expect(tree && attribute(tree, 'role')).toBe('img');
    const rows = of(below(tree), 'g').slice(1);
    const shown = rows.map((row) => texts(of(below(row), 'text')).join(' '));
    expect(shown).toEqual([
      'example.com',
      'ip6:2001:db8::5 ✓ matches 2001:db8::5',
      '1 include:_spf.example.com',
      '2 a:mail.example.com',
      '3 include:gone.example.com ✕ no SPF record',
      '4 include:twice.example.com ✕ several SPF records',
      '5 include:broken.example.com ✕ syntax error',
      '6 include:loop.example.com',
      '7 include:example.com ✕ loop',
      '8 include:silent.example.com ✕ lookup failed',
      '9 exists:%{i}.x0.example.com depends on the message',
      '10 exists:%{i}.x1.example.com depends on the message',
      '11 exists:%{i}.x2.example.com depends on the message',
      '12 exists:%{i}.x3.example.com depends on the message',
      '13 exists:%{i}.x4.example.com depends on the message',
    ]);
    expect(withClass(below(tree), 'over').map(({ tagName }) => tagName)).toEqual([
      ...Array(3).fill('rect'),
      ...Array(3).fill(['circle', 'text']).flat(),
    ]);
    expect(texts(of(below(tree), 'desc'))).toEqual([expect.stringContaining('13 of 10 lookups')]);
  });

  test('marks where the limit is exceeded: between the tenth lookup and the eleventh', () => {
    const y = (element: Element | undefined): number => Number(element && attribute(element, 'y'));
    const { elements } = documentOf('drawn');
    const [limit] = withClass(elements, 'limit-text');
    const numbers = withClass(elements, 'number');
    const at = (number: string): number => y(numbers.find((element) => textOf(element) === number));
    expect(limit && textOf(limit)).toContain('limit of 10 lookups exceeded');
    expect(at('10')).toBeLessThan(y(limit));
    expect(y(limit)).toBeLessThan(at('11'));
  });

  test.each([
    ['pass', 'pass', '✓ matches 198.51.100.7'],
    ['softfail', 'warn', '! matches 198.51.100.7: softfail'],
    ['neutral', 'warn', '! matches 198.51.100.7: neutral'],
    ['fail', 'fail', '✕ matches 198.51.100.7: fail'],
  ] as const)('paints the term that decides as its result, %s', (result, tone, remark) => {
    const [report] = made.fresh ?? [];
    if (report?.spf === undefined) throw new Error('no SPF tree');
    const checks = report.spf.checks.map((check) => ({ ...check, result }));
    const { elements } = readDocument(html([{ ...report, spf: { ...report.spf, checks } }]));
    const card = elements.find((element) => attribute(element, 'id') === 'spf');
    const remarks = withClass(below(card), 'remark').filter((element) => textOf(element).includes('matches'));
    expect(remarks.map((element) => `${attribute(element, 'class')}: ${textOf(element)}`)).toEqual([
      `remark ${tone}: ${remark}`,
    ]);
    const [figure] = of(below(card), 'figure');
    expect(withClass(below(figure), 'mark').map((mark) => attribute(mark, 'class'))).toEqual([`mark ${tone}`]);
  });

  test('has no such mark within the limit', () => {
    const { elements } = documentOf('healthy');
    expect(withClass(elements, 'tree')).toHaveLength(1);
    expect(withClass(elements, 'limit-text')).toEqual([]);
  });

  test('counts what it leaves out', () => {
    const [report] = made.drawn ?? [];
    if (report?.spf === undefined) throw new Error('no SPF tree');
    const text = html([{ ...report, spf: { ...report.spf, omittedTerms: 250, isMinimum: true } }]);
    expect(text).toContain('… and 250 more terms');
    expect(text).toContain('at least 13 of 10 lookups');
  });
});

describe('the neighbour strip', () => {
  test('stands in the card of the block lists, a cell for each address, with its lists', () => {
    const card = documentOf('drawn').elements.find((element) => attribute(element, 'id') === 'rbl');
    const [strip, second] = withClass(below(card), 'strip');
    expect(second).toBeUndefined();
    const cells = of(below(strip), 'g').map((cell) => texts(of(below(cell), 'title'))[0]);
    expect(cells).toHaveLength(32);
    expect(cells.slice(0, 3)).toEqual([
      '203.0.113.1: not listed',
      '203.0.113.9: listed by zen.spamhaus.org',
      '203.0.113.17: not known',
    ]);
    expect(texts(of(below(strip), 'desc'))).toEqual([
      '1 of 32 sampled addresses in 203.0.113.0/24 listed, 1 not known',
    ]);
    expect(texts(withClass(below(strip), 'sign')).slice(0, 4)).toEqual(['·', '✕', '?', '·']);
  });
});

describe('hostile strings', () => {
  const HOSTILE: Readonly<Record<string, string>> = {
    'an element': '<script>alert(1)</script><svg onload=alert(1)>',
    'the end of an attribute': '"><img src=x onerror=alert(1)>',
    'the end of an attribute in other quotes': "' onmouseover='alert(1) `x`",
    'an entity': '&lt;script&gt;&#60;&quot;&Tab;',
    'the end of every raw text element': '</style></title></script></textarea></svg>--><!-- ]]>',
    'an address that runs': 'javascript:alert(1)',
    'controls, directions and half characters': 'a\u0000\u202eb\ud800\u2028c\n',
    'what an object has': '__proto__',
  };

  /** The report with another text for every string that is not the program's own. */
  function withStrings(report: Report, text: string): Report {
    const own = /^(schemaVersion|tool|codes?|id|severity|defaultSeverity|status|verdict|kind|state|baseline|outcome)$/;
    const alsoOwn = /^(ipSource|volume|way|type|from|startedAt|until|result|certainty|causes|action|owner)$/;
    const replaced = (value: unknown, key: string): unknown => {
      if (own.test(key) || alsoOwn.test(key)) return value;
      if (typeof value === 'string') return text;
      if (Array.isArray(value)) return value.map((item) => replaced(item, key));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, name)]));
    };
    return reportSchema.parse(replaced(report, ''));
  }

  test.each(Object.entries(HOSTILE))('%s is no element and no attribute', (_, text) => {
    for (const name of ['judged', 'drawn', 'two targets']) {
      const reports = made[name] ?? [];
      const written = html(reports.map((report) => withStrings(report, text)));
      expect(faults(written)).toEqual([]);
      expect(skeleton(written)).toEqual(skeleton(html(reports.map((report) => withStrings(report, 'harmless')))));
    }
  });

  test('in rule ids and codes too', () => {
    for (const text of Object.values(HOSTILE)) {
      const reports = (made.drawn ?? []).map((report) => ({
        ...report,
        rules: report.rules.map((rule) => ({
          ...rule,
          id: text,
          findings: rule.findings.map((finding) => ({ ...finding, code: text, reference: text })),
        })),
      }));
      expect(faults(html(reports))).toEqual([]);
    }
  });

  test('a megabyte does not swell the report', () => {
    const [report] = made.drawn ?? [];
    const text = html(report ? [withStrings(report, 'A'.repeat(1_000_000))] : []);
    expect(faults(text)).toEqual([]);
    expect(text.length).toBeLessThan(3_000_000);
  });
});

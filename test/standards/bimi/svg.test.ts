import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MAX_LOGO_BYTES, readLogo } from '../../../src/standards/bimi/svg.ts';
import { readXml } from '../../../src/standards/bimi/xml.ts';

const XMLNS = 'xmlns="http://www.w3.org/2000/svg"';
const ROOT = `${XMLNS} version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64"`;

/** A logo with these elements, and these attributes of the root. */
function logo(inside = '', root = ROOT): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<svg ${root}><title>Example</title>${inside}</svg>`;
}

const faultsOf = (text: string | Uint8Array) => readLogo(Buffer.from(text)).faults;

describe('readLogo: a logo of the profile', () => {
  test.each([
    [
      'shapes',
      logo('<defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><path d="M0 0" fill="url(#g)"/>'),
    ],
    [
      'use of an element of its own',
      logo('<g id="a"/><use xlink:href="#a" xmlns:xlink="http://www.w3.org/1999/xlink"/>'),
    ],
    [
      'a prefix for all elements',
      '<s:svg xmlns:s="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"><s:title>T</s:title></s:svg>',
    ],
    ['a byte order mark and comments', `\ufeff<!-- <script> -->${logo().slice(39)}<!-- end -->`],
    ['private data of a drawing program', logo('<metadata/><i:pgf xmlns:i="http://ns.example.com/"/>')],
    ['a document type without declarations', `<!DOCTYPE svg PUBLIC "-//X//DTD >" "x.dtd">${logo().slice(39)}`],
    ['compressed', gzipSync(logo())],
    ['32 KiB', logo(`<desc>${'x'.repeat(MAX_LOGO_BYTES - logo('<desc></desc>').length)}</desc>`)],
  ])('%s', (_, text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  test('its view box', () => {
    expect(readLogo(Buffer.from(logo())).look).toEqual({ viewBox: { width: 64, height: 64 } });
    expect(readLogo(Buffer.from(logo('', ROOT.replace('0 0 64 64', '0,0 64 32')))).look?.viewBox?.height).toBe(32);
    expect(readLogo(Buffer.from(logo('', ROOT.replace('0 0 64 64', 'a b')))).look).toEqual({ viewBox: null });
  });
});

describe('readLogo: what keeps a logo from being shown', () => {
  test.each([
    ['the version is missing', logo('', ROOT.replace('version="1.2"', '')), { kind: 'version', value: null }],
    ['the version of SVG 1.1', logo('', ROOT.replace('1.2', '1.1')), { kind: 'version', value: '1.1' }],
    ['another profile', logo('', ROOT.replace('tiny-ps', 'tiny')), { kind: 'profile', value: 'tiny' }],
    ['no title', logo().replace('<title>Example</title>', ''), { kind: 'title' }],
    ['an empty title', logo().replace('Example', ' '), { kind: 'title' }],
    [
      'a title that is not of the root',
      logo().replace('<title>Example</title>', '<g><title>T</title></g>'),
      { kind: 'title' },
    ],
    ['a position', logo('', `${ROOT} x="0px"`), { kind: 'position', name: 'x' }],
    ['a script', logo('<script>alert(1)</script>'), { kind: 'element', name: 'script' }],
    [
      'a script of another namespace',
      logo('<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>'),
      { kind: 'element', name: 'script' },
    ],
    ['an animation', logo('<animate/>'), { kind: 'element', name: 'animate' }],
    ['a link', logo('<a/>'), { kind: 'element', name: 'a' }],
    ['a pixel image', logo('<image/>'), { kind: 'element', name: 'image' }],
    ['a foreign object', logo('<foreignObject/>'), { kind: 'element', name: 'foreignObject' }],
    ['an element of full SVG', logo('<clipPath/>'), { kind: 'element', name: 'clipPath' }],
    ['an event handler', logo('<g onclick="x"/>'), { kind: 'handler', name: 'onclick' }],
    [
      'a reference',
      logo('<use href="https://x.example/#a"/>'),
      { kind: 'reference', name: 'href', value: 'https://x.example/#a' },
    ],
    [
      'a reference that is hidden',
      logo('<use href="&#104;ttp:x"/>'),
      { kind: 'reference', name: 'href', value: 'http:x' },
    ],
    [
      'a reference in a property',
      logo('<g fill="url( \'http://x\')"/>'),
      { kind: 'reference', name: 'fill', value: 'http://x' },
    ],
    ['CSS in an element', logo('<style>.a{}</style>'), { kind: 'style' }],
    ['CSS in an attribute', logo('<g style="fill:red"/>'), { kind: 'style' }],
    ['entities', `<!DOCTYPE svg [<!ENTITY a "]>">]>${logo().slice(39)}`, { kind: 'declarations' }],
    [
      'a style sheet',
      `<?xml-stylesheet href="x"?>${logo().slice(39)}`,
      { kind: 'reference', name: 'xml-stylesheet', value: '' },
    ],
    ['no namespace', logo('', ROOT.replace(XMLNS, '')), { kind: 'root', name: 'svg', namespace: '' }],
    ['another root', `<html ${XMLNS}/>`, { kind: 'root', name: 'html', namespace: 'http://www.w3.org/2000/svg' }],
    ['a PDF file', '%PDF-1.4', { kind: 'other-format', format: 'PDF' }],
    [
      'more than 32 KiB',
      logo(`<desc>${'x'.repeat(MAX_LOGO_BYTES)}</desc>`),
      { kind: 'size', bytes: MAX_LOGO_BYTES + logo('<desc></desc>').length },
    ],
    [
      'more than 32 KiB compressed to little',
      gzipSync(logo(`<desc>${'x'.repeat(MAX_LOGO_BYTES)}</desc>`)),
      { kind: 'size', bytes: MAX_LOGO_BYTES + logo('<desc></desc>').length },
    ],
    ['a compression that does not end', gzipSync(Buffer.alloc(2_000_000)), { kind: 'compression' }],
    ['a broken compression', Buffer.from([0x1f, 0x8b, 8, 0]), { kind: 'compression' }],
    ['octets that are no UTF-8', Buffer.from([0x3c, 0xff]), { kind: 'encoding' }],
    ['nothing', '', { kind: 'xml', reason: 'no-element', line: 1 }],
    ['a page of the web server', '<!doctype html>', { kind: 'xml', reason: 'bad-tag', line: 1 }],
    ['an end tag that is missing', logo('<g>\n'), { kind: 'xml', reason: 'mismatch', line: 3 }],
    ['nesting without end', logo('<g>'.repeat(200) + '</g>'.repeat(200)), { kind: 'xml', reason: 'too-deep', line: 2 }],
  ])('%s', (_, text, expected) => {
    expect(faultsOf(text)).toEqual([expected]);
  });

  test('a JPEG, GIF, WebP or PNG file, told by its first octets', () => {
    const formats = ['\x89PNG\r\n', '\xff\xd8\xff\xe0', 'GIF89a', 'RIFF'].map(
      (start) => faultsOf(Buffer.from(start, 'latin1'))[0],
    );
    expect(formats).toEqual(['PNG', 'JPEG', 'GIF', 'WebP'].map((format) => ({ kind: 'other-format', format })));
  });

  test('each fault once, however often it occurs', () => {
    expect(faultsOf(logo('<script/>'.repeat(50)))).toEqual([{ kind: 'element', name: 'script' }]);
  });
});

describe('readXml', () => {
  test.each([
    ['<a><b></a></b>', 'mismatch'],
    ['<a/><b/>', 'outside-root'],
    ['text<a/>', 'outside-root'],
    ['<a', 'bad-tag'],
    ['<a b="1" b="2"/>', 'bad-tag'],
    ['<a b=1/>', 'bad-tag'],
    ['<a><!-- </a>', 'unended'],
    ['<a><![CDATA[ </a>', 'unended'],
    ['<!DOCTYPE a [', 'unended'],
    ['<a/><!DOCTYPE a>', 'bad-tag'],
    ['</a>', 'mismatch'],
    ['', 'no-element'],
  ])('%s: %s', (text, reason) => {
    expect(readXml(text)).toMatchObject({ kind: 'unreadable', reason });
  });

  test('no entity is expanded but those of XML itself', () => {
    const text = '<!DOCTYPE a [<!ENTITY b "c">]><a d="&lt;&#65;&b;&#x110000;">&amp;&b;<![CDATA[&amp;]]></a>';
    const reading = readXml(text);
    expect(reading).toMatchObject({
      document: {
        hasOwnDeclarations: true,
        elements: [{ attributes: [{ name: 'd', value: '<A&b;&#x110000;' }], text: '&&b;&amp;' }],
      },
    });
  });
});

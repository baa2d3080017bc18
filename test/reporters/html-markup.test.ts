/** The template that escapes: nothing put into it becomes markup, and a careless template is refused. */
import { describe, expect, test } from 'vitest';
import { anchor, html, styleElement, webAddress, whole } from '../../src/reporters/html/markup.ts';

describe('what is put in', () => {
  const cases: [name: string, markup: { toString(): string }, text: string][] = [
    ['text', html`<p>${`<b>&"'\``}</p>`, '<p>&lt;b&gt;&amp;&quot;&#39;&#96;</p>'],
    ['an attribute', html`<p title="${'"><script>'}"></p>`, '<p title="&quot;&gt;&lt;script&gt;"></p>'],
    ['controls and directions', html`${'a\u0000\u202e\ud800\nb'}`, 'a\\x00\\u{202e}\\u{d800}\\x0ab'],
    ['markup', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
    ['a list', html`${['<', html`<br>`, 1]}`, '&lt;<br>1'],
    ['nothing', html`a${null}${undefined}${false}b${0}`, 'ab0'],
    ['what only looks like markup', html`${JSON.parse('"<i>"')}`, '&lt;i&gt;'],
  ];
  test.each(cases)('%s', (_, markup, text) => {
    expect(markup.toString()).toBe(text);
  });
});

describe('a template that could not keep its promise', () => {
  const cases: [name: string, make: () => unknown][] = [
    ['an attribute without quotes', () => html`<p title=${'x'}>`],
    ['an address that is not checked', () => html`<a href="${'https://example.com/'}">`],
    ['an address put together', () => html`<a href="https://example.com/${'x'}">`],
    ['a style', () => html`<p style="color:${'red'}">`],
    ['a handler', () => html`<p onclick="${'x'}">`],
    ['a style sheet that ends itself', () => styleElement('</style><script>')],
  ];
  test.each(cases)('%s', (_, make) => {
    expect(make).toThrow(TypeError);
  });
});

describe('addresses', () => {
  const cases: [text: string, href: string | undefined][] = [
    ['https://example.com/a?b=c&d#e', 'https://example.com/a?b=c&d#e'],
    ['HTTP://EXAMPLE.com', 'http://example.com/'],
    ['https://example.com/"><script>', 'https://example.com/%22%3E%3Cscript%3E'],
    ['javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,<script>', undefined],
    ['file:///etc/passwd', undefined],
    ['//example.com/', undefined],
    ['https://example.com@evil.example/', undefined],
    ['', undefined],
  ];
  test.each(cases)('%j', (text, href) => {
    expect(webAddress(text)?.toString()).toBe(href);
  });

  test('one of the web is escaped as text is', () => {
    expect(html`<a href="${webAddress("https://example.com/?a=1&b='")}">`.toString()).toBe(
      '<a href="https://example.com/?a=1&amp;b=%27">',
    );
  });

  test('a place in the document stays in it', () => {
    expect(anchor('a"b').toString()).toBe('#a%22b');
  });
});

describe('what is copied', () => {
  test('is whole, however long', () => {
    const key = `v=DKIM1; p=${'A'.repeat(5000)}`;
    expect(whole(key).toString()).toBe(key);
  });

  test('keeps characters beyond the first plane together', () => {
    const text = '😀'.repeat(3000);
    expect(whole(text).toString()).toBe(text);
  });

  test('is cut, and says so, where no record could be so long', () => {
    expect(whole('A'.repeat(1_000_000)).toString()).toMatch(/^A{70000}… \(1000000 characters\)$/);
  });
});

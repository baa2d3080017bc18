/** Strings from the network that want to be more than text, and what holds of an output in which they are harmless. */
import { expect } from 'vitest';

export const HOSTILE: Readonly<Record<string, string>> = {
  'clears the screen': 'x\u001b[2J\u001b[1;1Hgone',
  'ANSI in one byte': 'x\u009b2Jgone',
  'a link of the terminal': '\u001b]8;;https://evil.example/\u0007click\u001b]8;;\u0007',
  'a workflow command': '::error::x',
  'a workflow command after a blank': ' ::add-mask::x',
  'a workflow command where a line may be wrapped': `${'word '.repeat(30)}::stop-commands::x ${'word '.repeat(30)}`,
  'a workflow command with properties': '::set-output name=a::b',
  'the old workflow command': 'a ##[error]x',
  'a command of Azure': 'a ##vso[task.setvariable variable=a]b',
  'an escaped end of line': '%0A::error::x',
  'an escaped end of line, twice': '%250A::error::x%0D%0A::error::y',
  'an end of line': 'a\r\n::error::x\n::error::y\r::error::z',
  'the end of CDATA': 'a]]>b<failure/>',
  'an entity': '&lt;b&gt; &#60;script&#62; &evil;',
  'a script': '<script>alert(1)</script>',
  'the end of an attribute': '"><img src=x onerror=alert(1)>',
  'the end of an attribute in single quotes': "' onmouseover='alert(1)",
  'a comment of HTML': 'a --> <!-- b',
  'the end of a folded part': '</details></summary></table><details open>',
  'an attachment of GitLab': '[[ATTACHMENT|/etc/passwd]]',
  'a link of SARIF': '[click](0) [x](https://evil.example/) {0} {1}',
  'a link of Markdown': '[click](https://evil.example/) [a][b] [b]: https://evil.example/',
  'an image of Markdown': '![](https://evil.example/x.png)',
  'an address of the web': 'https://evil.example/ www.evil.example evil@example.com <https://evil.example/>',
  'a mention': '@everyone @org/team #1 org/repo#2 GH-3 0123456789abcdef0123456789abcdef01234567',
  'a fence': '```\n# heading\n~~~ ``` `` ` ````````',
  'code that ends early': '`` ` ``` `x` ` a',
  'blocks of Markdown': '# h\n\n- a\n\n> b\n\n1. c\n\n---\n\n***\n\n    d\n\n| a |\n| - |',
  'emphasis of Markdown': '**a** __b__ ~~c~~ \\*d\\* :tada: $x$',
  'the end of a cell': 'a | b \\| c || `|` d',
  'a footnote': '[^1] [^1]: x',
  'right to left': 'a\u202egnp.exe\u202c \u2066b\u2069 \u200fc',
  'zero width': 'ex\u200bam\u200dple\ufeff\u2060.com\u00ad',
  'lone surrogates': 'a\ud800b\udfffc',
  'NUL and other controls': 'a\u0000b\u0008c\u000bd\u007fe\u0085f',
  noncharacters: 'a\ufffeb\uffffc\u{1fffe}',
  'separators of Unicode': 'a\u2028::error::x\u2029b',
  'only blanks': '   \t  ',
  empty: '',
  'what an object has': '__proto__',
};

const UNPRINTABLE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

/** What holds in every format: nothing that a terminal, a log or an editor would act on, and no line of its own. */
export function harmless(text: string, string: string): void {
  expect([...new Set(text.match(UNPRINTABLE))]).toEqual([]);
  expect(Buffer.byteLength(text)).toBeLessThan(16_000_000);
  const forged = string.split(/[\r\n\u2028\u2029]+/).slice(1);
  const lines = new Set(text.split('\n'));
  expect(forged.filter((line) => line.trim() !== '' && lines.has(line))).toEqual([]);
}

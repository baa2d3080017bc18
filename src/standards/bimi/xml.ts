/**
 * Reads the elements of an XML document (XML 1.0, Namespaces in XML 1.0) that comes from a stranger. It expands no entity
 * but the five predefined ones and character references, fetches nothing, and takes time linear in the length of the text.
 * It does not check everything that the standard requires of a document: only what is needed to find the elements.
 */
export interface XmlAttribute {
  /** The name without its prefix. */
  readonly name: string;
  /** The prefix, such as `xlink`. Empty when there is none. */
  readonly prefix: string;
  /** The value, with character references replaced. */
  readonly value: string;
}

export interface XmlElement {
  /** The name without its prefix. */
  readonly name: string;
  /** The URI of the namespace. Empty when the element is in none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly parent: XmlElement | null;
  /** The characters directly in it, without those of its children. */
  readonly text: string;
}

export interface XmlDocument {
  /** The elements in the order of their start tags. The first one is the root. */
  readonly elements: readonly XmlElement[];
  /** Whether there is a document type declaration with declarations of its own, such as entities. */
  readonly hasOwnDeclarations: boolean;
  /** The targets of the processing instructions, without the XML declaration. */
  readonly instructions: readonly string[];
}

export type XmlReading =
  | { readonly kind: 'document'; readonly document: XmlDocument }
  /** The text is no well-formed document, or goes beyond a limit. `at` counts characters. */
  | { readonly kind: 'unreadable'; readonly reason: XmlFault; readonly at: number };

export type XmlFault =
  /** There is no element. */
  | 'no-element'
  /** A tag, comment, section or declaration does not end. */
  | 'unended'
  /** A tag cannot be read. */
  | 'bad-tag'
  /** An end tag does not fit the start tag, or is missing. */
  | 'mismatch'
  /** There is text or a second element outside the root. */
  | 'outside-root'
  /** Elements are nested more than `MAX_DEPTH` deep. */
  | 'too-deep';

/** Most elements around an element. Logos have a few. */
const MAX_DEPTH = 100;

const NAME = /[A-Za-z_:\u0080-\uffff][A-Za-z0-9_:.\u0080-\uffff-]*/y;
const ATTRIBUTE =
  /[ \t\r\n]+([A-Za-z_:\u0080-\uffff][A-Za-z0-9_:.\u0080-\uffff-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /[ \t\r\n]*(\/?)>/y;

/** The namespaces that an element declares, and those of the elements around it. */
interface Scope {
  readonly own: ReadonlyMap<string, string>;
  readonly outer: Scope | null;
}

interface OpenElement extends XmlElement {
  text: string;
}

class UnreadableError extends Error {
  readonly reason: XmlFault;
  readonly at: number;

  constructor(reason: XmlFault, at: number) {
    super(reason);
    this.reason = reason;
    this.at = at;
  }
}

/** Reads a document. Never throws. */
export function readXml(text: string): XmlReading {
  try {
    return { kind: 'document', document: new Reader(text).read() };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { kind: 'unreadable', reason: error.reason, at: error.at };
  }
}

class Reader {
  readonly #text: string;
  readonly #elements: OpenElement[] = [];
  readonly #instructions: string[] = [];
  readonly #open: { readonly element: OpenElement; readonly name: string; readonly scope: Scope }[] = [];
  #hasOwnDeclarations = false;
  #position = 0;

  constructor(text: string) {
    this.#text = text.replace(/^\ufeff/, '');
  }

  read(): XmlDocument {
    while (this.#position < this.#text.length) this.#readPiece();
    if (this.#elements.length === 0) throw new UnreadableError('no-element', 0);
    if (this.#open.length > 0) throw new UnreadableError('mismatch', this.#position);
    return {
      elements: this.#elements,
      hasOwnDeclarations: this.#hasOwnDeclarations,
      instructions: this.#instructions,
    };
  }

  #readPiece(): void {
    const text = this.#text;
    const at = this.#position;
    if (text[at] !== '<') {
      const end = text.indexOf('<', at);
      this.#position = end < 0 ? text.length : end;
      this.#addText(withoutReferences(text.slice(at, this.#position)));
    } else if (text.startsWith('<!--', at)) this.#position = this.#behind('-->', at + 4);
    else if (text.startsWith('<![CDATA[', at)) {
      this.#position = this.#behind(']]>', at + 9);
      this.#addText(text.slice(at + 9, this.#position - 3));
    } else if (text.startsWith('<?', at)) {
      this.#position = this.#behind('?>', at + 2);
      const target = this.#match(NAME, at + 2)?.[0] ?? '';
      if (target.toLowerCase() !== 'xml') this.#instructions.push(target);
    } else if (text.startsWith('<!DOCTYPE', at)) this.#readDocumentType(at);
    else if (text.startsWith('</', at)) this.#readEndTag(at);
    else this.#readStartTag(at);
  }

  #addText(text: string): void {
    const around = this.#open.at(-1);
    if (around !== undefined) around.element.text += text;
    else if (/[^ \t\r\n]/.test(text)) throw new UnreadableError('outside-root', this.#position);
  }

  /** @returns the position behind the mark. */
  #behind(mark: string, from: number): number {
    const end = this.#text.indexOf(mark, from);
    if (end < 0) throw new UnreadableError('unended', from);
    return end + mark.length;
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  /** Passes over a document type declaration. Quoted texts in it may have brackets. */
  #readDocumentType(at: number): void {
    if (this.#elements.length > 0) throw new UnreadableError('bad-tag', at);
    let depth = 0;
    let position = at + '<!DOCTYPE'.length;
    for (;;) {
      const character = this.#text[position];
      if (character === undefined) throw new UnreadableError('unended', at);
      if (character === '"' || character === "'") position = this.#behind(character, position + 1);
      else if (this.#text.startsWith('<!--', position)) position = this.#behind('-->', position + 4);
      else {
        position += 1;
        if (character === '[') {
          this.#hasOwnDeclarations = true;
          depth += 1;
        } else if (character === ']') depth -= 1;
        else if (character === '>' && depth <= 0) break;
      }
    }
    this.#position = position;
  }

  #readEndTag(at: number): void {
    const name = this.#match(NAME, at + 2)?.[0];
    const end = name === undefined ? null : this.#match(TAG_END, at + 2 + name.length);
    if (end === null || end[1] !== '') throw new UnreadableError('bad-tag', at);
    if (this.#open.pop()?.name !== name) throw new UnreadableError('mismatch', at);
    this.#position = TAG_END.lastIndex;
  }

  #readStartTag(at: number): void {
    const name = this.#match(NAME, at + 1)?.[0];
    if (name === undefined) throw new UnreadableError('bad-tag', at);
    let position = at + 1 + name.length;
    const attributes: XmlAttribute[] = [];
    const seen = new Set<string>();
    const own = new Map<string, string>();
    for (let found = this.#match(ATTRIBUTE, position); found !== null; found = this.#match(ATTRIBUTE, position)) {
      const [, whole = '', quoted, single = ''] = found;
      if (seen.has(whole)) throw new UnreadableError('bad-tag', position);
      seen.add(whole);
      const attribute = { ...splitName(whole), value: withoutReferences(quoted ?? single) };
      attributes.push(attribute);
      if (whole === 'xmlns') own.set('', attribute.value);
      else if (attribute.prefix === 'xmlns') own.set(attribute.name, attribute.value);
      position = ATTRIBUTE.lastIndex;
    }
    const end = this.#match(TAG_END, position);
    if (end === null) throw new UnreadableError('bad-tag', at);
    this.#position = TAG_END.lastIndex;
    const around = this.#open.at(-1);
    if (around === undefined && this.#elements.length > 0) throw new UnreadableError('outside-root', at);
    if (this.#open.length > MAX_DEPTH) throw new UnreadableError('too-deep', at);
    const outer = around?.scope ?? null;
    const scope = own.size === 0 && outer !== null ? outer : { own, outer };
    const { name: local, prefix } = splitName(name);
    const element = {
      name: local,
      namespace: namespaceOf(prefix, scope),
      attributes,
      parent: around?.element ?? null,
      text: '',
    };
    this.#elements.push(element);
    if (end[1] === '') this.#open.push({ element, name, scope });
  }
}

function splitName(name: string): { readonly name: string; readonly prefix: string } {
  const colon = name.indexOf(':');
  return { name: name.slice(colon + 1), prefix: colon < 0 ? '' : name.slice(0, colon) };
}

function namespaceOf(prefix: string, scope: Scope | null): string {
  for (let one = scope; one !== null; one = one.outer) {
    const found = one.own.get(prefix);
    if (found !== undefined) return found;
  }
  return '';
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** @returns the text with the characters that its references stand for. Other entities stay as they are. */
function withoutReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return PREDEFINED[name] ?? whole;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

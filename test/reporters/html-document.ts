/** An HTML document as the parser of the standard reads it, and what is asked of ours. */
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, type ParserError, parse } from 'parse5';

export type Element = DefaultTreeAdapterTypes.Element;

export interface Document {
  readonly elements: readonly Element[];
  /** What the parser had to put right, as its codes. */
  readonly errors: readonly string[];
}

export function readDocument(text: string): Document {
  const errors: string[] = [];
  const document = parse(text, { onParseError: ({ code }: ParserError) => errors.push(code) });
  return { elements: elementsIn(document), errors };
}

function elementsIn(node: DefaultTreeAdapterTypes.ParentNode): Element[] {
  return node.childNodes.flatMap((child) =>
    defaultTreeAdapter.isElementNode(child) ? [child, ...elementsIn(child)] : [],
  );
}

export function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((candidate) => candidate.name === name)?.value;
}

export function hasClass(element: Element, name: string): boolean {
  return attribute(element, 'class')?.split(' ').includes(name) ?? false;
}

/** The text of an element and all below it. */
export function textOf(node: DefaultTreeAdapterTypes.ParentNode): string {
  return node.childNodes
    .map((child) => {
      if (defaultTreeAdapter.isTextNode(child)) return child.value;
      return defaultTreeAdapter.isElementNode(child) ? textOf(child) : '';
    })
    .join('');
}

/** Everything that is structure rather than text: elements and the names of their attributes. */
export function skeleton(text: string): string[] {
  return readDocument(text).elements.map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join()}`);
}

/** What may stand in a report; whatever else is a forgery. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'rel'],
  details: ['open'],
  div: ['tabindex', 'role', 'aria-label'],
  html: ['lang'],
  meta: ['charset', 'http-equiv', 'content', 'name'],
  nav: ['aria-label'],
  span: ['aria-hidden'],
  td: ['data-label'],
  th: ['scope'],
  svg: ['role', 'aria-labelledby', 'viewBox', 'width', 'height'],
  path: ['d'],
  rect: ['x', 'y', 'width', 'height', 'rx'],
  circle: ['cx', 'cy', 'r'],
  text: ['x', 'y', 'text-anchor'],
};

const PLAIN =
  'head body title style header main footer section article h1 h2 h3 h4 h5 p br b strong ol ul li dl dt dd table thead tbody tr pre code blockquote summary figure figcaption g desc'.split(
    ' ',
  );

/** @returns everything in the document that no report of ours has, as sentences. */
export function faults(text: string): string[] {
  const { elements, errors } = readDocument(text);
  const found = errors.map((code) => `the parser had to put right: ${code}`);
  const ids = new Map<string, number>();
  for (const element of elements) {
    const { tagName, attrs } = element;
    if (!PLAIN.includes(tagName) && ATTRIBUTES[tagName] === undefined) found.push(`an element ${tagName}`);
    for (const { name, value } of attrs) {
      if (name === 'id') ids.set(value, (ids.get(value) ?? 0) + 1);
      else if (name !== 'class' && !ATTRIBUTES[tagName]?.includes(name)) found.push(`an attribute ${tagName} ${name}`);
    }
    if (tagName === 'a') found.push(...linkFaults(element));
    if (tagName === 'th' && attribute(element, 'scope') === undefined) found.push('a th without scope');
    if (tagName === 'pre' && textOf(element).trim() === '') found.push('an empty pre');
  }
  found.push(...[...ids].filter(([, times]) => times > 1).map(([id]) => `the id ${id} twice`));
  const places = elements.flatMap((element) => [
    ...(attribute(element, 'aria-labelledby')?.split(' ') ?? []),
    ...(attribute(element, 'href')?.match(/(?<=^#).*/) ?? []),
  ]);
  found.push(...places.filter((id) => !ids.has(id)).map((id) => `no place ${id}`));
  const levels = elements
    .map(({ tagName }) => Number(/^h([1-6])$/.exec(tagName)?.[1] ?? 0))
    .filter((level) => level > 0);
  for (const [index, level] of levels.entries()) {
    if (level > (levels[index - 1] ?? 0) + 1)
      found.push(`a heading of level ${level} after one of ${levels[index - 1]}`);
  }
  return found;
}

function linkFaults(element: Element): string[] {
  const href = attribute(element, 'href') ?? '';
  if (href.startsWith('#')) return [];
  if (!/^https?:\/\//.test(href)) return [`a link to ${href}`];
  return attribute(element, 'rel') === 'noreferrer noopener' ? [] : [`a link without rel to ${href}`];
}

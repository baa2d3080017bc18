/**
 * Checks that a logo is of the profile SVG Tiny Portable/Secure (draft-svg-tiny-ps-abrotman): SVG Tiny 1.2 without
 * scripts, animation, interaction, pixel images and references to other files. Providers refuse any other logo. The check
 * covers the elements and what would make a logo do something; it does not check the values of every attribute.
 */
import { expanded } from './gzip.ts';
import { readXml, type XmlDocument, type XmlElement, type XmlFault } from './xml.ts';

/** The most octets of a logo without compression: "SHOULD NOT exceed 32 kilobytes". Large providers refuse more. */
export const MAX_LOGO_BYTES = 32 * 1024;

export type SvgFault =
  /** The file is compressed and cannot be expanded, or becomes larger than is read. */
  | { readonly kind: 'compression' }
  /** The octets are no UTF-8. */
  | { readonly kind: 'encoding' }
  /** The file is an image of another format. */
  | { readonly kind: 'other-format'; readonly format: string }
  | { readonly kind: 'xml'; readonly reason: XmlFault; readonly line: number }
  /** The file is larger than `MAX_LOGO_BYTES`. */
  | { readonly kind: 'size'; readonly bytes: number }
  /** The root is no `svg` element of the namespace of SVG. */
  | { readonly kind: 'root'; readonly name: string; readonly namespace: string }
  | { readonly kind: 'version'; readonly value: string | null }
  | { readonly kind: 'profile'; readonly value: string | null }
  /** The root has no `title`, or an empty one. */
  | { readonly kind: 'title' }
  /** The root has `x` or `y`. */
  | { readonly kind: 'position'; readonly name: string }
  /** The element is not allowed. */
  | { readonly kind: 'element'; readonly name: string }
  /** The attribute runs a script. */
  | { readonly kind: 'handler'; readonly name: string }
  /** The attribute or instruction refers to another file. */
  | { readonly kind: 'reference'; readonly name: string; readonly value: string }
  /** The attribute `style` and the element `style` are not part of SVG Tiny. */
  | { readonly kind: 'style' }
  /** The document declares entities, or something else, in its document type declaration. */
  | { readonly kind: 'declarations' };

/** What does not make a logo invalid, but may make it look wrong. */
export interface SvgLook {
  /** Width and height of the view box, or `null` when there is none. Providers show a square or a circle. */
  readonly viewBox: { readonly width: number; readonly height: number } | null;
}

export interface SvgReading {
  /** The faults, each kind with each name once. */
  readonly faults: readonly SvgFault[];
  readonly look: SvgLook | null;
  /** The octets without compression. `null` when they cannot be read. */
  readonly svg: Buffer | null;
}

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** The elements of SVG Tiny 1.2 that the profile leaves. */
const ALLOWED: ReadonlySet<string> = new Set(
  (
    'circle defs desc ellipse font font-face font-face-name g glyph hkern line linearGradient metadata missing-glyph path ' +
    'polygon polyline radialGradient rect solidColor stop svg switch tbreak text textArea title tspan use'
  ).split(' '),
);

/** The elements that are dangerous in whatever namespace a program reads them. */
const ACTIVE: ReadonlySet<string> = new Set(
  (
    'a animate animateColor animateMotion animateTransform animation audio discard embed foreignObject handler iframe image ' +
    'listener object prefetch script set video'
  ).split(' '),
);

/** The first octets of other formats. */
const SIGNATURES: readonly (readonly [format: string, octets: string])[] = [
  ['PNG', '\x89PNG'],
  ['JPEG', '\xff\xd8\xff'],
  ['GIF', 'GIF8'],
  ['WebP', 'RIFF'],
  ['PDF', '%PDF'],
];

/**
 * Checks a logo as it was served: an SVG file, or an SVGZ file (RFC 6170 §5.2).
 *
 * @param served the octets of the file.
 * @returns the faults; none if the logo is of the profile. Never throws.
 */
export function readLogo(served: Uint8Array): SvgReading {
  const svg = expanded(Buffer.from(served.buffer, served.byteOffset, served.byteLength));
  if (svg === null) return unreadable({ kind: 'compression' });
  const start = svg.toString('latin1', 0, 8);
  const other = SIGNATURES.find(([, octets]) => start.startsWith(octets));
  if (other !== undefined) return { ...unreadable({ kind: 'other-format', format: other[0] }), svg };
  const text = textOf(svg);
  if (text === null) return { ...unreadable({ kind: 'encoding' }), svg };
  const size: SvgFault[] = svg.length > MAX_LOGO_BYTES ? [{ kind: 'size', bytes: svg.length }] : [];
  const reading = readXml(text);
  if (reading.kind === 'unreadable') {
    const line = text.slice(0, reading.at).split('\n').length;
    return { faults: [...size, { kind: 'xml', reason: reading.reason, line }], look: null, svg };
  }
  const { document } = reading;
  const ofRoot = rootFaults(document);
  // What a page of another kind has in it says nothing about the logo.
  if (ofRoot.some(({ kind }) => kind === 'root')) return { faults: [...size, ...ofRoot], look: null, svg };
  const faults = [...size, ...ofRoot, ...document.elements.flatMap(elementFaults)];
  if (document.hasOwnDeclarations) faults.push({ kind: 'declarations' });
  for (const name of document.instructions) {
    if (name === 'xml-stylesheet') faults.push({ kind: 'reference', name, value: '' });
  }
  return { faults: distinct(faults), look: lookOf(document), svg };
}

function unreadable(fault: SvgFault): SvgReading {
  return { faults: [fault], look: null, svg: null };
}

function textOf(octets: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return null;
  }
}

function attributeOf(element: XmlElement, name: string): string | null {
  return element.attributes.find((attribute) => attribute.prefix === '' && attribute.name === name)?.value ?? null;
}

function rootFaults({ elements }: XmlDocument): SvgFault[] {
  const [root] = elements;
  if (root === undefined) return [];
  const { name, namespace } = root;
  if (name !== 'svg' || namespace !== SVG_NAMESPACE) return [{ kind: 'root', name, namespace }];
  const faults: SvgFault[] = [];
  const version = attributeOf(root, 'version');
  if (version !== '1.2') faults.push({ kind: 'version', value: version });
  const profile = attributeOf(root, 'baseProfile');
  if (profile !== 'tiny-ps') faults.push({ kind: 'profile', value: profile });
  const title = elements.find((element) => element.parent === root && element.name === 'title');
  if (title === undefined || title.text.trim() === '') faults.push({ kind: 'title' });
  for (const axis of ['x', 'y']) {
    if (attributeOf(root, axis) !== null) faults.push({ kind: 'position', name: axis });
  }
  return faults;
}

/** Matches `url(…)` in the value of a property that is no reference to the document itself. */
const OTHER_URL = /url\(\s*["']?\s*(?!["'#\s])([^)"']{0,200})/i;

function elementFaults(element: XmlElement): SvgFault[] {
  const faults: SvgFault[] = [];
  const { name, namespace, attributes } = element;
  // Elements of other namespaces are private data of the programs that wrote the file.
  const isOfSvg = namespace === SVG_NAMESPACE || namespace === '';
  if (name === 'style' && isOfSvg) faults.push({ kind: 'style' });
  else if (ACTIVE.has(name) || (isOfSvg && !ALLOWED.has(name))) faults.push({ kind: 'element', name });
  for (const { name: attribute, prefix, value } of attributes) {
    if (prefix === 'xmlns' || (prefix === '' && attribute === 'xmlns')) continue;
    const shown = prefix === '' ? attribute : `${prefix}:${attribute}`;
    const isReference = attribute === 'href' || attribute === 'src';
    const url = OTHER_URL.exec(value)?.[1];
    if (prefix === '' && /^on[a-z]/i.test(attribute)) faults.push({ kind: 'handler', name: attribute });
    else if (isReference && !value.trim().startsWith('#')) faults.push({ kind: 'reference', name: shown, value });
    else if (url !== undefined) faults.push({ kind: 'reference', name: shown, value: url });
    if (prefix === '' && attribute === 'style' && isOfSvg) faults.push({ kind: 'style' });
  }
  return faults;
}

/** @returns the faults, each kind with each name once. */
function distinct(faults: readonly SvgFault[]): SvgFault[] {
  const byKey = new Map(faults.map((fault) => [`${fault.kind} ${'name' in fault ? fault.name : ''}`, fault]));
  return [...byKey.values()];
}

function lookOf({ elements: [root] }: XmlDocument): SvgLook {
  const viewBox = root === undefined ? null : attributeOf(root, 'viewBox');
  const numbers =
    viewBox
      ?.trim()
      .split(/[\s,]+/)
      .map(Number) ?? [];
  const [, , width = Number.NaN, height = Number.NaN] = numbers;
  const isGiven = numbers.length === 4 && Number.isFinite(width) && Number.isFinite(height);
  return { viewBox: isGiven ? { width, height } : null };
}

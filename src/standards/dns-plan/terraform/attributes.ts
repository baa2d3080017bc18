/**
 * Reads the attributes of one resource in a plan. A value that Terraform does not know yet, or that the plan marks as
 * sensitive, is never read: whoever asks for it gets `NotKnown`.
 */

/** Why an attribute cannot be read. */
const UNKNOWN = Symbol('known after apply');
const SENSITIVE = Symbol('sensitive');

/** The deepest nesting of lists and objects that is read. DNS resources nest three deep. */
const MAX_DEPTH = 6;

/** Says that a part of a resource is not known before the plan is applied. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown';
}

/** @returns whether the value is an object of JSON that is no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the value without what is not known or sensitive, for which it has a symbol. */
function masked(value: unknown, unknown: unknown, sensitive: unknown, depth = 0): unknown {
  if (unknown === true) return UNKNOWN;
  if (sensitive === true || depth > MAX_DEPTH) return SENSITIVE;
  const part = (marks: unknown, key: string | number): unknown =>
    Array.isArray(marks) ? marks[Number(key)] : isObject(marks) && Object.hasOwn(marks, key) ? marks[key] : undefined;
  if (Array.isArray(value) || (Array.isArray(unknown) && value === undefined)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    const length = Math.max(items.length, Array.isArray(unknown) ? unknown.length : 0);
    return Array.from({ length }, (_, index) =>
      masked(items[index], part(unknown, index), part(sensitive, index), depth + 1),
    );
  }
  if (isObject(value) || (isObject(unknown) && value === undefined)) {
    const fields = isObject(value) ? value : {};
    const keys = new Set([...Object.keys(fields), ...(isObject(unknown) ? Object.keys(unknown) : [])]);
    return Object.fromEntries(
      [...keys].map((key) => [key, masked(fields[key], part(unknown, key), part(sensitive, key), depth + 1)]),
    );
  }
  return value ?? null;
}

/** The attributes of one resource, before or after a change. */
export class Attributes {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #isUnknown: boolean;

  private constructor(values: unknown) {
    this.#isUnknown = !isObject(values);
    this.#values = isObject(values) ? values : {};
  }

  /**
   * @param value the attributes: `before` or `after` of a change.
   * @param unknown what of them is known after apply: `after_unknown`.
   * @param sensitive what of them is sensitive: `before_sensitive` or `after_sensitive`.
   */
  static of(value: unknown, unknown: unknown, sensitive: unknown): Attributes {
    return new Attributes(masked(value ?? undefined, unknown, sensitive));
  }

  /** @returns a value. `null` when the attribute is not set. */
  #known(name: string): unknown {
    const value = this.#isUnknown ? UNKNOWN : Object.hasOwn(this.#values, name) ? this.#values[name] : null;
    if (value === UNKNOWN) throw new NotKnown(`its ${name} is known only when the change is applied`);
    if (value === SENSITIVE) throw new NotKnown(`its ${name} is sensitive, so mailcheck does not read it`);
    return value;
  }

  /** @returns a text, also of a number. `undefined` when the attribute is not set. */
  text(name: string): string | undefined {
    const value = this.#known(name);
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? value : undefined;
  }

  /** @returns whether the attribute is `true`. */
  isTrue(name: string): boolean {
    return this.#known(name) === true;
  }

  /** @returns whether the attribute is set, even to a value that is not known yet. An empty list is not set. */
  isSet(name: string): boolean {
    const value = this.#isUnknown ? UNKNOWN : Object.hasOwn(this.#values, name) ? this.#values[name] : null;
    return value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  }

  /** @returns the texts of a list or set. */
  texts(name: string): string[] {
    return this.#list(name).flatMap((value) =>
      typeof value === 'string' ? [value] : typeof value === 'number' ? [String(value)] : [],
    );
  }

  /** @returns the objects of a list of blocks, or the one object. */
  blocks(name: string): Attributes[] {
    const value = this.#known(name);
    const all = isObject(value) ? [value] : this.#list(name);
    return all.filter(isObject).map((one) => new Attributes(one));
  }

  #list(name: string): readonly unknown[] {
    const value = this.#known(name);
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    if (items.includes(UNKNOWN)) throw new NotKnown(`one of its ${name} is known only when the change is applied`);
    if (items.includes(SENSITIVE)) throw new NotKnown(`one of its ${name} is sensitive, so mailcheck does not read it`);
    return items;
  }
}

/** @returns the objects of a list of JSON. Anything else has none. */
export function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The keys that lead to a part of a configuration, from the outside in. */
export type Path = readonly PropertyKey[];

/** @returns the path as text, such as `targets[0].helo`. */
export function keyPath(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

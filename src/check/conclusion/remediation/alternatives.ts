/** Joins the alternatives of several fixes, so that each case is shown once. */

/** @returns one alternative for each label, with the distinct commands of all that have it, in their order. */
export function joinedAlternatives<Line extends string>(
  alternatives: readonly { readonly label: string; readonly commands: readonly Line[] }[],
): { label: string; commands: Line[] }[] {
  const labels = [...new Set(alternatives.map(({ label }) => label))];
  return labels.map((label) => ({
    label,
    commands: [...new Set(alternatives.filter((one) => one.label === label).flatMap(({ commands }) => commands))],
  }));
}

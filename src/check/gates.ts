/** What fails a run with proposed records: what they make worse than the published ones, or whatever is wrong with them. */
export const GATES = ['change', 'all'] as const;

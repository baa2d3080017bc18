export function publishTypes(folder: string, entry: string, root: string): void;

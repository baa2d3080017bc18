export function publishTypes(entry: string, target: string): Promise<void>;

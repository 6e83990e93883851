export function described(): Promise<string>;

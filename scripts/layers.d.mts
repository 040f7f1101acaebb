export const layers: Readonly<Record<string, readonly string[]>>;
export const packageHomes: Readonly<Record<string, readonly string[]>>;

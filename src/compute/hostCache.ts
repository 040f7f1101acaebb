/** A few short texts that outlive the program: a file in Node, a database in the browser. */
export interface HostCache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

/** A cache that forgets with the program. */
export function createMemoryCache(): HostCache {
  const values = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(values.get(key) ?? null),
    set: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
  };
}

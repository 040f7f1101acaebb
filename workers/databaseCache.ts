import type { HostCache } from "#src/compute/hostCache.ts";

const STORE = "texts";

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("cryoloupe-host", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database did not answer"));
  });
}

/** Short texts in the browser's database; what cannot be kept is forgotten. */
export function createDatabaseCache(): HostCache {
  const database = openDatabase();
  database.catch(() => undefined);
  return {
    get: async (key) => {
      try {
        const store = (await database).transaction(STORE).objectStore(STORE);
        const value: unknown = await settled(store.get(key) as IDBRequest<unknown>);
        return typeof value === "string" ? value : null;
      } catch {
        return null;
      }
    },
    set: async (key, value) => {
      try {
        const store = (await database).transaction(STORE, "readwrite").objectStore(STORE);
        await settled(store.put(value, key));
      } catch {
        // Private windows may have no database: the choice is made anew next time.
      }
    },
  };
}

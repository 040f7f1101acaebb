import { openDB } from "idb";
import type { HostCache } from "#src/compute/hostCache.ts";

const STORE = "texts";

/** Short texts in the browser's database; what cannot be kept is forgotten. */
export function createDatabaseCache(): HostCache {
  const database = openDB("cryoloupe-host", 1, {
    upgrade: (db) => void db.createObjectStore(STORE),
  });
  database.catch(() => undefined);
  return {
    get: async (key) => {
      try {
        const value: unknown = await (await database).get(STORE, key);
        return typeof value === "string" ? value : null;
      } catch {
        return null;
      }
    },
    set: async (key, value) => {
      try {
        await (await database).put(STORE, value, key);
      } catch {
        // Private windows may have no database: the choice is made anew next time.
      }
    },
  };
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ListedMovie } from "./movieFolder.ts";
import type { SessionJournal } from "./sessionJournal.ts";

/** An input of a session as its provenance tells it. */
export interface HashedInput {
  readonly path: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly modified: string;
  /** Hexadecimal; null = not taken. */
  readonly sha256: string | null;
}

/** SHA-256 of the inputs, each read once: those of movies are in the journal. */
export interface InputHashes {
  /** Hashes a movie unless that is done, now or by an earlier run. A file that cannot be read has none. */
  readonly add: (movie: ListedMovie) => Promise<void>;
  readonly of: (movie: ListedMovie) => string | null;
  /** References, lists and tables, which may have changed since they were looked at last. */
  readonly others: (paths: readonly string[]) => Promise<readonly HashedInput[]>;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 }))
    hash.update(piece as Uint8Array);
  return hash.digest("hex");
}

export function createInputHashes(journal: SessionJournal, wanted: boolean): InputHashes {
  const movies = new Map<string, string>();
  for (const line of journal.all()) if (line.step === "input") movies.set(line.movie, line.sha256);
  const others = new Map<string, string>();
  return {
    of: ({ id }) => movies.get(id) ?? null,
    add: async ({ id, path }) => {
      if (!wanted || movies.has(id)) return;
      const hash = await sha256(path).catch(() => null);
      if (hash === null) return;
      movies.set(id, hash);
      await journal.add({ step: "input", movie: id, at: Date.now(), sha256: hash });
    },
    others: async (paths) => {
      const found: HashedInput[] = [];
      for (const path of paths) {
        const facts = await stat(path).catch(() => null);
        if (facts === null) continue;
        const stamp = `${path}/${facts.size}/${facts.mtimeMs}`;
        const hash = wanted ? (others.get(stamp) ?? (await sha256(path).catch(() => null))) : null;
        if (hash !== null) others.set(stamp, hash);
        found.push({
          path,
          bytes: facts.size,
          modified: new Date(facts.mtimeMs).toISOString(),
          sha256: hash,
        });
      }
      return found;
    },
  };
}

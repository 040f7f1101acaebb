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
  /** What is read once, at the beginning: its provenance stays that of what was read. */
  readonly hold: (paths: readonly string[]) => Promise<void>;
  /** Files that were held as they were then; tables as they are now. */
  readonly others: (paths: readonly string[]) => Promise<readonly HashedInput[]>;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 }))
    hash.update(piece as Uint8Array);
  return hash.digest("hex");
}

export function createInputHashes(
  journal: SessionJournal,
  wanted: boolean,
  say: (line: string) => void = () => undefined,
): InputHashes {
  const movies = new Map<string, string>();
  for (const line of journal.all()) if (line.step === "input") movies.set(line.movie, line.sha256);
  const others = new Map<string, string>();
  const held = new Map<string, { readonly input: HashedInput; readonly stamp: string }>();
  const changed = new Set<string>();

  const look = async (
    path: string,
  ): Promise<{ readonly input: HashedInput; readonly stamp: string } | null> => {
    const facts = await stat(path).catch(() => null);
    if (facts === null) return null;
    const stamp = `${path}/${facts.size}/${facts.mtimeMs}`;
    const hash = wanted ? (others.get(stamp) ?? (await sha256(path).catch(() => null))) : null;
    if (hash !== null) others.set(stamp, hash);
    const modified = new Date(facts.mtimeMs).toISOString();
    return { input: { path, bytes: facts.size, modified, sha256: hash }, stamp };
  };

  /** Says once that a held file is another now. */
  const tellChange = async (path: string, stamp: string): Promise<void> => {
    const facts = await stat(path).catch(() => null);
    if (facts === null || `${path}/${facts.size}/${facts.mtimeMs}` === stamp) return;
    if (!changed.has(path))
      say(
        `${path} has changed since the session began, which goes on with what it has read. Run it again to use the file as it is now.`,
      );
    changed.add(path);
  };

  return {
    of: ({ id }) => movies.get(id) ?? null,
    add: async ({ id, path }) => {
      if (!wanted || movies.has(id)) return;
      const hash = await sha256(path).catch(() => null);
      if (hash === null) return;
      movies.set(id, hash);
      await journal.add({ step: "input", movie: id, at: Date.now(), sha256: hash });
    },
    hold: async (paths) => {
      for (const path of paths) {
        const found = await look(path);
        if (found !== null) held.set(path, found);
      }
    },
    others: async (paths) => {
      const found: HashedInput[] = [];
      for (const path of paths) {
        const kept = held.get(path);
        if (kept !== undefined) await tellChange(path, kept.stamp);
        const input = kept?.input ?? (await look(path))?.input;
        if (input !== undefined) found.push(input);
      }
      return found;
    },
  };
}

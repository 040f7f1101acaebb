import { basename } from "node:path";
import { resultBase } from "#src/domain/records/resultLayout.ts";
import type { SessionJournal } from "./sessionJournal.ts";

/** Bases of result names: those of earlier runs stay, the second movie of a name becomes name_2. */
export interface BaseNames {
  /** Base of a movie by its id. */
  readonly of: (id: string) => string;
  /** What another program has named so keeps its name, unless that is taken. */
  readonly adopt: (id: string, base: string) => void;
}

export function createBaseNames(journal: SessionJournal, say: (line: string) => void): BaseNames {
  const bases = new Map<string, string>();
  /** By base: the path of the movie that has it. */
  const taken = new Map<string, string>();
  const give = (id: string, base: string): void => {
    bases.set(id, base);
    taken.set(base, pathOfId(id));
  };
  for (const line of journal.all()) if (line.step === "motion") give(line.movie, line.base);
  return {
    of: (id) => {
      const known = bases.get(id);
      if (known !== undefined) return known;
      const path = pathOfId(id);
      const plain = resultBase(basename(path));
      // A file that was written anew takes the place of its older self.
      const isFree = (base: string): boolean => (taken.get(base) ?? path) === path;
      let base = plain;
      for (let n = 2; !isFree(base); n++) base = `${plain}_${n}`;
      give(id, base);
      if (base !== plain)
        say(
          `${path}: another movie, ${taken.get(plain) ?? ""}, has the same name; results are named ${base}.`,
        );
      return base;
    },
    adopt: (id, base) => {
      if (!bases.has(id) && !taken.has(base)) give(id, base);
    },
  };
}

/** `folder/name/size/time` without size and time. */
function pathOfId(id: string): string {
  return id.split("/").slice(0, -2).join("/");
}

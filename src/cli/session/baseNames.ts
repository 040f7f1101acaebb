import { basename, extname } from "node:path";
import type { SessionJournal } from "./sessionJournal.ts";

/** Bases of result names: those of earlier runs stay, the second movie of a name becomes name_2. */
export function createBaseNames(journal: SessionJournal): (id: string, path: string) => string {
  const bases = new Map<string, string>();
  const taken = new Map<string, string>();
  const give = (id: string, path: string, base: string): void => {
    bases.set(id, base);
    taken.set(base, path);
  };
  for (const line of journal.all())
    if (line.step === "motion") give(line.movie, pathOfId(line.movie), line.base);
  return (id, path) => {
    const known = bases.get(id);
    if (known !== undefined) return known;
    const plain = basename(path, extname(path));
    // A file that was written anew takes the place of its older self.
    const own = (base: string): boolean => {
      const holder = taken.get(base);
      return holder === undefined || path.endsWith(holder);
    };
    let base = plain;
    for (let n = 2; !own(base); n++) base = `${plain}_${n}`;
    give(id, pathOfId(id), base);
    return base;
  };
}

/** `folder/name/size/time` without size and time. */
function pathOfId(id: string): string {
  return id.split("/").slice(0, -2).join("/");
}

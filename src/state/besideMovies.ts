import type { Outcome } from "#src/domain/session.ts";
import { isTextName } from "#src/platform/fileAccess.ts";
import type { ActionContext } from "./context.ts";

/** Texts that lie beside the movies of a folder and are of no use to the session: acquisition data, logs. */
export interface BesideMovies {
  /** A file that came with a folder: nobody has chosen it by itself. */
  readonly note: (id: string, name: string) => void;
  /** Whether an answer says that the file is such a text: neither a table nor a list of bad pixels. */
  readonly has: (id: string, outcome: Outcome<unknown> | null) => boolean;
  /** Says so, once in a visit. */
  readonly tell: (id: string) => void;
}

export function createBesideMovies({
  store,
  log,
}: Pick<ActionContext, "store" | "log">): BesideMovies {
  const texts = new Set<string>();
  let told = false;
  return {
    note: (id, name) => {
      if (isTextName(name)) texts.add(id);
    },
    has: (id, outcome) =>
      texts.has(id) && outcome?.ok === false && outcome.failure.code === "unsupported-format",
    tell: (id) => {
      const file = store.getState().session.files.find((one) => one.id === id);
      if (!told && file !== undefined)
        log(
          `${file.path} and what else is text beside the movies, neither table nor list of bad pixels, is passed over.`,
          { level: "info" },
        );
      told = true;
    },
  };
}

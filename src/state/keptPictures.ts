import type { Outcome } from "#src/domain/session.ts";
import type { ActionContext } from "./context.ts";
import { micrographOf } from "./micrographSlice.ts";
import { placeOfPicture, writtenMotionFile } from "./readBack.ts";
import type { KeptResults } from "./readBack.ts";

/** Pictures of results between visits: kept where no folder takes them, and brought back when they are needed. */
export interface KeptPictures {
  /** Keeps pictures of a movie's result, its correction or the gain under these names, in the browser's own storage. Never fails; the first refusal is told. */
  readonly keep: (id: string, gain: string | null) => Promise<void>;
  /** A file of a movie's motion in the results folder, by the name in its report; null = it is not there. */
  readonly motionFile: (id: string, name: string) => Promise<File | null>;
  /** Gives up what is kept of a session. */
  readonly forget: (session: string) => Promise<void>;
  /** Brings the micrograph of a movie back into memory; the failure says why that cannot be. */
  readonly bringMicrograph: (id: string) => Promise<Outcome<null>>;
}

export function createKeptPictures(
  { store, client, log }: Pick<ActionContext, "store" | "client" | "log">,
  kept: KeptResults & {
    /** Puts a movie's full reports back into the state. */
    readonly recall: (id: string) => Promise<void>;
  },
): KeptPictures {
  client.answer((picture) => placeOfPicture(store.getState(), kept, picture));
  let told = false;
  return {
    keep: async (id, gain) => {
      const session = store.getState().project.id;
      if (session === null) return;
      const outcome = await client.call((api) => api.pictures.keep(session, id, gain));
      if (told || (outcome.ok && !outcome.value.refused)) return;
      told = true;
      log(
        "The browser takes no more micrographs into its own storage: those that leave memory are made again when they are needed. Choose a results folder to keep all.",
        { level: "warning" },
      );
    },
    motionFile: (id, name) => writtenMotionFile(store.getState(), kept, id, name),
    forget: async (session) => {
      await client.call((api) => api.pictures.forget(session));
    },
    bringMicrograph: async (id) => {
      const file = (): ReturnType<typeof micrographOf> => {
        const state = store.getState();
        const found = state.session.files.find((f) => f.id === id);
        return found === undefined ? null : micrographOf(state, found);
      };
      if (file() === null) await kept.recall(id);
      const found = file();
      if (found === null)
        return {
          ok: false,
          failure: {
            code: "internal",
            message: "What was made of this movie is not known any more.",
          },
        };
      return await client.call((api) => api.pictures.bring(found.source));
    },
  };
}

import { toFailure } from "#src/domain/errors.ts";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import { askToUse, fileOf, mayUse } from "#src/platform/folderAccess.ts";
import type { StoredFile } from "#src/platform/sessionDb.ts";
import type { ActionContext } from "./context.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import { identityOf } from "./sessionSlice.ts";

/** Files that were opened one by one, kept with the session so that another visit finds them. */
export interface LooseFiles {
  /** The browser has given handles of these; others are for this visit only. */
  readonly onFiles: (files: readonly PickedFile[]) => void;
  /** Of this visit, for a session that begins. */
  readonly known: () => readonly StoredFile[];
  /**
   * Opens the stored session's files again. `ask`: a button was pressed, so that the browser may ask; one
   * refusal ends the asking, and what the browser does not let be read waits (`project.waitingFiles`). Files that are gone get their line in the log, their results stay.
   */
  readonly reopen: (ask: boolean) => Promise<void>;
}

export function createLooseFiles(
  { store, update, log }: Pick<ActionContext, "store" | "update" | "log">,
  keeper: Pick<SessionKeeper, "row" | "setRow">,
  act: {
    readonly open: (files: readonly PickedFile[], name: string) => Promise<unknown>;
    /** Takes a movie out whose file is another now. */
    readonly outdate: (id: string, path: string) => void;
  },
): LooseFiles {
  let ofVisit: readonly StoredFile[] = [];

  const idOf = (path: string, { size, lastModified }: File): string =>
    identityOf({ path, size, lastModified });

  const joined = (
    older: readonly StoredFile[],
    newer: readonly StoredFile[],
  ): readonly StoredFile[] => [
    ...new Map([...older, ...newer].map((stored) => [stored.id, stored])).values(),
  ];

  return {
    onFiles: (files) => {
      const fresh = files.flatMap(({ path, file, handle }) =>
        handle == null ? [] : [{ id: idOf(path, file), path, handle }],
      );
      if (fresh.length === 0) return;
      ofVisit = joined(ofVisit, fresh);
      const row = keeper.row();
      if (row !== null) keeper.setRow({ files: joined(row.files ?? [], fresh) });
    },
    known: () => ofVisit,
    reopen: async (ask) => {
      const stored = keeper.row()?.files ?? [];
      const here = new Set(store.getState().session.files.map(({ id }) => id));
      const now = new Map(stored.map((one) => [one.id, one]));
      const found: PickedFile[] = [];
      let refused = 0;
      for (const { id, path, handle } of stored) {
        if (here.has(id)) continue;
        const allowed =
          ask && refused === 0 ? await askToUse(handle, "read") : await mayUse(handle, "read");
        if (!allowed) {
          refused++;
          continue;
        }
        try {
          const file = await fileOf(handle);
          found.push({ path, file, handle });
          if (idOf(path, file) === id) continue;
          now.delete(id);
          now.set(idOf(path, file), { id: idOf(path, file), path, handle });
          act.outdate(id, path);
        } catch (error) {
          log(`${path} cannot be opened again: ${toFailure(error).message} Its results are kept.`, {
            level: "warning",
            file: path,
          });
        }
      }
      if (found.length > 0) await act.open(found, store.getState().project.name);
      if (stored.some(({ id }) => !now.has(id))) keeper.setRow({ files: [...now.values()] });
      update("project", () => ({ waitingFiles: refused }));
    },
  };
}

import type { ActionContext } from "./context.ts";

/** How movies leave a session whose files are no longer what they were. */
export interface MoviesLeave {
  readonly outdate: (id: string, path: string) => void;
  readonly forget: (paths: readonly string[]) => void;
}

export function createMoviesLeave(
  { store, update, log }: Pick<ActionContext, "store" | "update" | "log">,
  removeFile: (id: string) => void,
): MoviesLeave {
  /** A file was written anew: its older self leaves, with what was made of it. */
  const outdate = (id: string, path: string): void => {
    log(`${path} has changed; it is read anew.`, { level: "warning", file: path });
    dropMovies([id]);
    if (store.getState().session.files.some((file) => file.id === id)) removeFile(id);
  };

  const dropMovies = (ids: readonly string[]): void =>
    update("project", ({ records, order }) => ({
      records: Object.fromEntries(Object.entries(records).filter(([id]) => !ids.includes(id))),
      order: order.filter((id) => !ids.includes(id)),
    }));

  /** Files that were taken away: results stay, what was not done cannot be done. */
  const forget = (paths: readonly string[]): void => {
    const gone = store.getState().session.files.filter((file) => paths.includes(file.path));
    for (const file of gone) {
      const record = store.getState().project.records[file.id];
      const kept = record !== undefined && Object.keys(record.steps).length > 0;
      log(`${file.path} was removed from the folder${kept ? "; its results are kept" : ""}.`, {
        level: "warning",
        file: file.name,
      });
      if (!kept) dropMovies([file.id]);
      removeFile(file.id);
    }
  };

  return { outdate, forget };
}

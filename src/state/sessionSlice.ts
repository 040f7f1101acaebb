import type { SessionFile } from "#src/domain/session.ts";
import { pickFiles, pickFolder } from "#src/platform/fileAccess.ts";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import type { Dropped } from "#src/platform/dropTarget.ts";
import { toFailure } from "#src/domain/errors.ts";
import type { FileSource } from "#workers/contracts.ts";
import type { ActionContext } from "./context.ts";

export interface SessionState {
  /** Name of the folder, or of what was opened. */
  readonly name: string;
  /** In order of acquisition: by name as people count. */
  readonly files: readonly SessionFile[];
  /** The row that viewer and panel follow. */
  readonly selected: string | null;
  /** File that serves as the gain reference. */
  readonly reference: string | null;
  /** Sentence about the last thing that was opened and could not be used, or null. */
  readonly notice: string | null;
  readonly opening: number;
}

export const initialSession: SessionState = {
  name: "",
  files: [],
  selected: null,
  reference: null,
  notice: null,
  opening: 0,
};

export interface SessionActions {
  readonly openFiles: () => Promise<void>;
  readonly openFolder: () => Promise<void>;
  readonly openDropped: (dropped: Dropped) => Promise<void>;
  readonly openDemo: () => Promise<void>;
  readonly select: (id: string) => void;
  /** −1 = the row above, 1 = the row below. */
  readonly selectNext: (step: number) => void;
  readonly useAsReference: (id: string | null) => void;
  readonly retryOpening: (id: string) => Promise<void>;
  readonly removeFile: (id: string) => void;
  readonly dismissNotice: () => void;
  /** The file itself, to be copied; null for what the simulator made. */
  readonly fileOf: (id: string) => File | null;
  readonly report: (error: unknown) => void;
}

const byPath = (a: SessionFile, b: SessionFile): number =>
  a.path.localeCompare(b.path, "en", { numeric: true });

/** The movies of the session, in order. */
export function moviesOf(session: SessionState): readonly SessionFile[] {
  return session.files.filter((file) => file.kind === "movie");
}

export function selectedFile(session: SessionState): SessionFile | null {
  return session.files.find((file) => file.id === session.selected) ?? null;
}

/** Rows of the table: everything but tables and defect lists, which join other places. */
export function rowsOf(session: SessionState): readonly SessionFile[] {
  return session.files.filter((file) => file.kind !== "table" && file.kind !== "defects");
}

/** Callbacks of workspaces that want to know of new files: "movies join the session". */
export type FileListener = (file: SessionFile) => void;

export function createSessionActions(
  { store, client, update, log }: ActionContext,
  listeners: readonly FileListener[],
): SessionActions {
  let nextId = 1;
  const sources = new Map<string, FileSource>();
  const known = new Set<string>();

  const change = (id: string, patch: Partial<SessionFile>): void =>
    update("session", ({ files }) => ({
      files: files.map((file) => (file.id === id ? { ...file, ...patch } : file)),
    }));

  const readHeader = async (id: string): Promise<void> => {
    const source = sources.get(id);
    if (source === undefined) return;
    client.remember(id, source);
    const outcome = await client.call((api) => api.files.open(id, source));
    if (outcome.ok) change(id, { ...outcome.value, failure: null });
    else {
      change(id, { failure: outcome.failure });
      const file = store.getState().session.files.find((f) => f.id === id);
      log(outcome.failure.message, { level: "error", file: file?.name ?? "" });
    }
    const file = store.getState().session.files.find((f) => f.id === id);
    if (file === undefined) return;
    for (const warning of file.header?.warnings ?? [])
      log(warning, { level: "warning", file: file.name });
    if (store.getState().session.selected === null && file.kind === "movie")
      update("session", () => ({ selected: id }));
    if (outcome.ok) for (const listener of listeners) listener(file);
  };

  const add = async (
    entries: readonly { path: string; name: string; size: number; source: FileSource }[],
    name: string,
  ): Promise<void> => {
    const fresh: SessionFile[] = [];
    for (const { path, name: fileName, size, source } of entries) {
      const lastModified = source.kind === "file" ? source.file.lastModified : null;
      const identity = `${path}/${size}/${lastModified ?? ""}`;
      if (known.has(identity)) continue;
      known.add(identity);
      const id = `file-${nextId++}`;
      sources.set(id, source);
      fresh.push({
        id,
        name: fileName,
        path,
        size,
        lastModified,
        kind: null,
        header: null,
        failure: null,
        simulated: source.kind === "demo",
      });
    }
    update("session", (session) => ({
      name: session.name === "" ? name : session.name,
      files: [...session.files, ...fresh].sort(byPath),
      opening: session.opening + fresh.length,
      notice: fresh.length === 0 && entries.length > 0 ? "These files are open already." : null,
    }));
    for (const { id } of [...fresh].sort(byPath)) {
      await readHeader(id);
      update("session", ({ opening }) => ({ opening: opening - 1 }));
    }
    if (store.getState().session.selected === null)
      update("session", (session) => ({ selected: rowsOf(session)[0]?.id ?? null }));
  };

  const picked = (files: readonly PickedFile[]) =>
    files.map(({ path, file }) => ({
      path,
      name: file.name,
      size: file.size,
      source: { kind: "file" as const, file },
    }));

  const report = (error: unknown): void => {
    const failure = toFailure(error);
    log(failure.message, { level: "error" });
    update("session", () => ({ notice: failure.message }));
  };

  const sessionName = (files: readonly PickedFile[]): string =>
    files.length === 1 ? files[0].file.name : `${files.length} files`;

  return {
    openFiles: async () => {
      const files = await pickFiles();
      if (files.length > 0) await add(picked(files), sessionName(files));
    },
    openFolder: async () => {
      try {
        const folder = await pickFolder();
        if (folder === null) return;
        if (folder.files.length === 0)
          update("session", () => ({
            notice: `The folder ${folder.name} holds no movie, image or table that can be read.`,
          }));
        await add(picked(folder.files), folder.name);
      } catch (error) {
        report(error);
      }
    },
    openDropped: async ({ files, folders }) => {
      for (const folder of folders) {
        if (folder.files.length === 0)
          update("session", () => ({
            notice: `The folder ${folder.name} holds no movie, image or table that can be read.`,
          }));
        await add(picked(folder.files), folder.name);
      }
      if (files.length > 0) await add(picked(files), sessionName(files));
    },
    openDemo: () =>
      add(
        [
          { name: "demo_gain_reference.mrc", part: "reference" as const },
          { name: "demo_movie.mrcs", part: "movie" as const },
        ].map(({ name, part }) => ({
          path: name,
          name,
          size: 0,
          source: { kind: "demo" as const, part },
        })),
        "Demo",
      ),
    select: (id) => update("session", () => ({ selected: id })),
    selectNext: (step) =>
      update("session", (session) => {
        const rows = rowsOf(session);
        const at = rows.findIndex((row) => row.id === session.selected);
        const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
        return { selected: next?.id ?? session.selected };
      }),
    useAsReference: (id) => update("session", () => ({ reference: id })),
    retryOpening: async (id) => {
      change(id, { failure: null });
      await readHeader(id);
    },
    removeFile: (id) => {
      client.forget(id);
      sources.delete(id);
      update("session", ({ files, selected, reference }) => ({
        files: files.filter((file) => file.id !== id),
        selected: selected === id ? null : selected,
        reference: reference === id ? null : reference,
      }));
    },
    fileOf: (id) => {
      const source = sources.get(id);
      return source?.kind === "file" ? source.file : null;
    },
    dismissNotice: () => update("session", () => ({ notice: null })),
    report,
  };
}

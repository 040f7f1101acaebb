import type { Failure } from "#src/domain/errors.ts";
import { createHeaderPool } from "#src/domain/headerPool.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { readsOtherFrames } from "#src/domain/reading.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { fileIdentity } from "#src/math/sessionKeys.ts";
import { pickFiles, pickFolder } from "#src/platform/fileAccess.ts";
import type { Dropped } from "#src/platform/dropTarget.ts";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import { toFailure } from "#src/domain/errors.ts";
import type { FileSource } from "#workers/contracts.ts";
import { createFileRoles } from "./fileRoles.ts";
import { createBesideMovies } from "./besideMovies.ts";
import { withContents, withPose } from "./cameraContent.ts";
import type { ActionContext } from "./context.ts";
import { rowsOf } from "./sessionState.ts";
import type { SessionActions } from "./sessionState.ts";

/** Another place, size or time is another file; the same file has the same id tomorrow. */
export const identityOf = (file: Pick<SessionFile, "path" | "size" | "lastModified">): string =>
  fileIdentity(file);

/** Made once: a comparer costs more than a comparison. */
const asPeopleCount = new Intl.Collator("en", { numeric: true });

const byPath = (a: SessionFile, b: SessionFile): number => asPeopleCount.compare(a.path, b.path);

/** Callbacks of workspaces that want to know of new files: "movies join the session". */
export type FileListener = (file: SessionFile) => void;

/** What the session is told of by whoever keeps it. */
export interface SessionHooks {
  /** Takes a folder that can be read again: its files come as they hold still. */
  readonly onFolder: (
    folder: FileSystemDirectoryHandle,
    how: "picked" | "dropped",
  ) => Promise<void>;
  /** Files came by themselves, with handles where the browser gives them. */
  readonly onFiles: (files: readonly PickedFile[]) => void;
  /** Takes sessions out of what was dropped, and opens the first; answers the rest. */
  readonly onSessions: (dropped: Dropped) => Promise<Dropped>;
  /** A file was opened, or could not be; after the listeners. */
  readonly onOpened: (files: readonly SessionFile[]) => void;
}

/** Files whose headers are read at once. */
const OPENED_AT_ONCE = 8;
/** And of how many thousands: what the page does with them once takes longer than one of them. */
const OPENED_AT_MOST = 64;

export function createSessionActions(
  { store, client, pictures, update, log }: ActionContext,
  listeners: readonly FileListener[],
  hooks: SessionHooks,
): SessionActions {
  const sources = new Map<string, FileSource>();
  const pooled = createHeaderPool();
  const shared = (header: MovieHeader | null): MovieHeader | null =>
    header === null ? null : pooled(header);
  const known = new Set<string>();
  const beside = createBesideMovies({ store, log });
  const { takeRole, actions: roleActions } = createFileRoles({ store, client, update });

  const change = (id: string, patch: Partial<SessionFile>): void =>
    update("session", ({ files }) => ({
      files: files.map((file) => (file.id === id ? { ...file, ...patch } : file)),
    }));

  /** Reads the headers of some files at once; what comes of them is told in their order. */
  const readHeaders = async (asked: readonly string[]): Promise<void> => {
    const answers = await Promise.all(
      asked.map(async (id) => {
        const source = sources.get(id);
        if (source === undefined) return null;
        client.remember(id, source);
        return await client.call((api) => api.files.open(id, source));
      }),
    );
    const ids = asked.filter((id, i) => !beside.has(id, answers[i]));
    const outcomes = answers.filter((outcome, i) => !beside.has(asked[i], outcome));
    for (const id of asked.filter((one) => !ids.includes(one))) {
      beside.tell(id);
      remove(id);
    }
    const patches = new Map<string, Partial<SessionFile>>();
    for (const [i, outcome] of outcomes.entries())
      if (outcome !== null)
        patches.set(
          ids[i],
          outcome.ok
            ? { ...outcome.value, header: shared(outcome.value.header), failure: null }
            : { failure: outcome.failure },
        );
    store.setState(({ session, orientation }) => {
      const files = session.files.map((file) => {
        const patch = patches.get(file.id);
        return patch === undefined ? file : { ...file, ...patch };
      });
      const contents = withContents(
        session,
        files.filter(({ id }) => patches.has(id)),
      );
      return {
        session: { ...session, ...contents, files },
        orientation: withPose(orientation, session.reference, contents.reference),
      };
    });
    const made = new Map(
      store
        .getState()
        .session.files.filter((file) => patches.has(file.id))
        .map((file) => [file.id, file]),
    );
    for (const [i, outcome] of outcomes.entries()) {
      const file = made.get(ids[i]);
      if (outcome === null || file === undefined) continue;
      if (outcome.ok) takeRole(file.id, outcome.value.role);
      else log(outcome.failure.message, { level: "error", file: file.name });
      for (const warning of file.header?.warnings ?? [])
        log(warning, { level: "warning", file: file.name });
      if (store.getState().session.selected === null && file.kind === "movie")
        update("session", () => ({ selected: file.id }));
      if (outcome.ok) for (const listener of listeners) listener(file);
    }
    hooks.onOpened([...made.values()]);
  };

  const add = async (
    entries: readonly { path: string; name: string; size: number; source: FileSource }[],
    name: string,
    ofFolder = false,
  ): Promise<readonly string[]> => {
    const fresh: SessionFile[] = [];
    const ids: string[] = [];
    for (const { path, name: fileName, size, source } of entries) {
      const lastModified = source.kind === "file" ? source.file.lastModified : null;
      const id = identityOf({ path, size, lastModified });
      ids.push(id);
      if (known.has(id)) continue;
      known.add(id);
      if (ofFolder) beside.note(id, fileName);
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
        ...(source.kind === "frames" ? { parts: source.files.length } : {}),
      });
    }
    update("session", (session) => ({
      name: session.name === "" ? name : session.name,
      files: [...session.files, ...fresh].sort(byPath),
      opening: session.opening + fresh.length,
      notice: fresh.length === 0 && entries.length > 0 ? "These files are open already." : null,
    }));
    const sorted = [...fresh].sort(byPath).map(({ id }) => id);
    const atOnce = Math.min(OPENED_AT_MOST, Math.max(OPENED_AT_ONCE, sorted.length >> 4));
    for (let i = 0; i < sorted.length; i += atOnce) {
      const some = sorted.slice(i, i + atOnce);
      await readHeaders(some);
      update("session", ({ opening }) => ({ opening: opening - some.length }));
    }
    if (store.getState().session.selected === null)
      update("session", (session) => ({ selected: rowsOf(session)[0]?.id ?? null }));
    return ids;
  };

  const remove = (id: string): void => {
    known.delete(id);
    client.forget(id);
    sources.delete(id);
    update("session", ({ files, selected, reference, dark, defects }) => ({
      files: files.filter((file) => file.id !== id),
      selected: selected === id ? null : selected,
      reference: reference === id ? null : reference,
      dark: dark === id ? null : dark,
      defects: defects === id ? null : defects,
    }));
  };

  /** What was made with the file as it was: outdated, never deleted. Motion tells by its settings. */
  const markOutdated = (id: string, otherFrames: boolean): void => {
    const old = (made: Readonly<Record<string, string>>, name: string) =>
      made[name] === undefined ? {} : { madeWith: { ...made, [name]: "" } };
    update("micrograph", ({ madeWith }) => old(madeWith, id));
    if (!otherFrames) return;
    for (const name of [id, "combined"])
      for (const set of ["estimated", "residual"])
        update("gain", ({ madeWith }) => old(madeWith, `${name}/${set}`));
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
      const { files } = await hooks.onSessions({ files: await pickFiles(), folders: [] });
      if (files.length === 0) return;
      hooks.onFiles(files);
      await add(picked(files), sessionName(files));
    },
    openPicked: (files, name, ofFolder) => add(picked(files), name, ofFolder),
    renew: async (files) => {
      const renewed: (readonly [string, FileSource])[] = [];
      for (const { path, file } of files) {
        const id = identityOf({ path, size: file.size, lastModified: file.lastModified });
        const source = sources.get(id);
        if (source?.kind !== "file") continue;
        const now = { ...source, file };
        sources.set(id, now);
        client.remember(id, now);
        renewed.push([id, now]);
      }
      if (renewed.length === 0) return;
      await client.call((api) => api.files.renew(renewed));
      const of = new Set(renewed.map(([id]) => id));
      const failed = store
        .getState()
        .session.files.filter(({ id, failure }) => of.has(id) && failure?.code === "file-changed");
      for (let i = 0; i < failed.length; i += OPENED_AT_ONCE)
        await readHeaders(failed.slice(i, i + OPENED_AT_ONCE).map(({ id }) => id));
    },
    openFolder: async () => {
      try {
        const folder = await pickFolder();
        if (folder === null) return;
        if (folder.handle !== null) {
          await hooks.onFolder(folder.handle, "picked");
          return;
        }
        if (folder.files.length === 0)
          update("session", () => ({
            notice: `The folder ${folder.name} holds no movie, image or table that can be read.`,
          }));
        await add(picked(folder.files), folder.name, true);
      } catch (error) {
        report(error);
      }
    },
    openDropped: async (dropped) => {
      const { files, folders } = await hooks.onSessions(dropped);
      for (const folder of folders) {
        if (folder.files.length === 0)
          update("session", () => ({
            notice: `The folder ${folder.name} holds no movie, image or table that can be read.`,
          }));
        if (folder.handle !== null) await hooks.onFolder(folder.handle, "dropped");
        else await add(picked(folder.files), folder.name, true);
      }
      if (files.length === 0) return;
      hooks.onFiles(files);
      await add(picked(files), sessionName(files));
    },
    openDemo: async () => {
      hooks.onFiles([]);
      const parts = [
        { name: "demo_gain_reference.mrc", part: "reference" as const },
        { name: "demo_movie.mrcs", part: "movie" as const },
      ];
      await add(
        parts.map(({ name, part }) => ({
          path: name,
          name,
          size: 0,
          source: { kind: "demo" as const, part },
        })),
        "Demo",
      );
    },
    select: (id) => update("session", () => ({ selected: id })),
    selectNext: (step) =>
      update("session", (session) => {
        const rows = rowsOf(session);
        const at = rows.findIndex((row) => row.id === session.selected);
        const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
        return { selected: next?.id ?? session.selected };
      }),
    retryOpening: async (id) => {
      change(id, { failure: null });
      await readHeaders([id]);
    },
    ...roleActions,
    changeReading: async (ids, wanted) => {
      let failure: Failure | null = null;
      for (const id of ids) {
        const source = sources.get(id);
        if (source === undefined) continue;
        const before = source.wish ?? {};
        const wish = wanted(before);
        const changed: FileSource = { ...source, wish };
        const outcome = await client.call((api) => api.files.open(id, changed));
        if (!outcome.ok) {
          log(outcome.failure.message, { level: "error" });
          failure ??= outcome.failure;
          continue;
        }
        sources.set(id, changed);
        client.remember(id, changed);
        const others = readsOtherFrames(before, wish);
        if (others) pictures.forgetFile(id);
        change(id, { ...outcome.value, failure: null });
        update("session", ({ wishes, versions }) => ({
          wishes: { ...wishes, [id]: wish },
          versions: others ? { ...versions, [id]: (versions[id] ?? 0) + 1 } : versions,
        }));
        markOutdated(id, others);
      }
      return failure;
    },
    joinAsMovie: async (ids) => {
      const { files, name } = store.getState().session;
      const parts = ids.flatMap((id) => {
        const file = files.find((f) => f.id === id);
        const source = sources.get(id);
        return file !== undefined && source?.kind === "file" ? [{ file, source }] : [];
      });
      if (parts.length < 2) return;
      const [{ file: first }] = parts;
      const movieName = first.name.replace(/[\s._-]*\d+(\D*)$/, "$1");
      const path = first.path.slice(0, first.path.length - first.name.length);
      for (const { file } of parts) remove(file.id);
      const [made] = await add(
        [
          {
            path: `${path}${movieName === "" ? first.name : movieName}`,
            name: movieName === "" ? first.name : movieName,
            size: parts.reduce((sum, { file }) => sum + file.size, 0),
            source: {
              kind: "frames",
              name: movieName === "" ? first.name : movieName,
              files: parts.map(({ source }) => source.file),
            },
          },
        ],
        name,
      );
      if (made !== undefined) update("session", () => ({ selected: made }));
    },
    separate: async (id) => {
      const source = sources.get(id);
      const joined = store.getState().session.files.find((f) => f.id === id);
      if (source?.kind !== "frames" || joined === undefined) return;
      const folder = joined.path.slice(0, joined.path.length - joined.name.length);
      remove(id);
      await add(
        source.files.map((file) => ({
          path: `${folder}${file.name}`,
          name: file.name,
          size: file.size,
          source: { kind: "file" as const, file },
        })),
        joined.name,
      );
    },
    removeFile: remove,
    fileOf: (id) => {
      const source = sources.get(id);
      return source?.kind === "file" ? source.file : null;
    },
    dismissNotice: () => update("session", () => ({ notice: null })),
    report,
  };
}

import type { Failure } from "#src/domain/errors.ts";
import { frameSets } from "#src/domain/reading.ts";
import type { EstimatedReference } from "#src/domain/records/estimatedReference.ts";
import type { ReadingWish } from "#src/domain/reading.ts";
import type { SessionFile } from "#src/domain/session.ts";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import type { Dropped } from "#src/platform/dropTarget.ts";

export interface SessionState {
  /** Name of the folder, or of what was opened. */
  readonly name: string;
  /** In order of acquisition: by name as people count. */
  readonly files: readonly SessionFile[];
  /** The row that viewer and panel follow. */
  readonly selected: string | null;
  /** Files that serve as gain reference, as dark reference, and as list or map of bad pixels. */
  readonly reference: string | null;
  readonly dark: string | null;
  readonly defects: string | null;
  /** What files of the camera hold, by id, also of earlier visits: keys of results name it, not the file. */
  readonly prints: Readonly<Partial<Record<string, string>>>;
  /** References that the session has estimated itself, by the file that holds them. */
  readonly estimates: Readonly<Partial<Record<string, EstimatedReference>>>;
  /** How files are read and what was entered for them, by id; absent = as the file says. */
  readonly wishes: Readonly<Record<string, ReadingWish>>;
  /** Counts up when a file's frames become others, by id. */
  readonly versions: Readonly<Record<string, number>>;
  /** Sentence about the last thing that was opened and could not be used, or null. */
  readonly notice: string | null;
  readonly opening: number;
}

export const initialSession: SessionState = {
  name: "",
  files: [],
  selected: null,
  reference: null,
  dark: null,
  defects: null,
  prints: {},
  estimates: {},
  wishes: {},
  versions: {},
  notice: null,
  opening: 0,
};

export interface SessionActions {
  readonly openFiles: () => Promise<void>;
  /** Files that were chosen elsewhere join the session; answers their ids, known ones too. */
  /** `ofFolder`: nobody has chosen them one by one, so that texts of no use are passed over. */
  readonly openPicked: (
    files: readonly PickedFile[],
    name: string,
    ofFolder?: boolean,
  ) => Promise<readonly string[]>;
  /** Files that are open already, as they are now: what could be read no more is read by them again. */
  readonly renew: (files: readonly PickedFile[]) => Promise<void>;
  readonly openFolder: () => Promise<void>;
  readonly openDropped: (dropped: Dropped) => Promise<void>;
  readonly openDemo: () => Promise<void>;
  readonly select: (id: string) => void;
  /** −1 = the row above, 1 = the row below. */
  readonly selectNext: (step: number) => void;
  readonly useAsReference: (id: string | null) => void;
  /** Makes a file gain reference, dark reference or bad pixels of the session; null = none of them. */
  readonly takeAs: (id: string, role: "gain" | "dark" | "defects" | null) => void;
  /**
   * Reads files in another way, or with other numbers in their headers. Answers the first failure; the
   * file then stays as it was.
   */
  readonly changeReading: (
    ids: readonly string[],
    change: (wish: ReadingWish) => ReadingWish,
  ) => Promise<Failure | null>;
  /** Puts single-frame files together as one movie, in the order given. */
  readonly joinAsMovie: (ids: readonly string[]) => Promise<void>;
  /** The files of such a movie, each by itself again. */
  readonly separate: (id: string) => Promise<void>;
  readonly retryOpening: (id: string) => Promise<void>;
  readonly removeFile: (id: string) => void;
  readonly dismissNotice: () => void;
  /** The file itself, to be copied; null for what the simulator made. */
  readonly fileOf: (id: string) => File | null;
  readonly report: (error: unknown) => void;
}

/** An estimate from the session's own movies lies as they do: there is no pose to search for. */
export function isOwnEstimate({ estimates }: Pick<SessionState, "estimates">, id: string): boolean {
  return estimates[id] !== undefined;
}

/** The movies of the session, in order. */
export function moviesOf(session: SessionState): readonly SessionFile[] {
  return session.files.filter((file) => file.kind === "movie");
}

export function selectedFile(session: SessionState): SessionFile | null {
  return session.files.find((file) => file.id === session.selected) ?? null;
}

/** Rows of the table: everything but tables, which join Sampling or Micrograph. */
export function rowsOf(session: SessionState): readonly SessionFile[] {
  return session.files.filter((file) => file.kind !== "table" && file.kind !== "micrographs");
}

/** What the session uses a file as, or null. */
export function roleInUse(session: SessionState, id: string): "gain" | "dark" | "defects" | null {
  const { reference, dark, defects } = session;
  return id === reference ? "gain" : id === dark ? "dark" : id === defects ? "defects" : null;
}

/** The files that could be frames of one movie together with this one; fewer than two = none. */
export function frameSetOf(session: SessionState, id: string): readonly string[] {
  const candidates = session.files.flatMap((file) =>
    file.header === null || file.parts !== undefined || roleInUse(session, file.id) !== null
      ? []
      : [{ id: file.id, path: file.path, header: file.header }],
  );
  const set = frameSets(candidates).find((files) => files.some((file) => file.id === id));
  return set?.map((file) => file.id) ?? [];
}

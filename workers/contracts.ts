import type { BackendChoice, BackendInfo } from "#src/compute/backend.ts";
import type { Bytes } from "#src/domain/byteSource.ts";
import type { GainOrientation } from "#src/domain/gain.ts";
import type { GainParameters } from "#src/domain/gainEstimate.ts";
import type { FinalGainProvenance, GainSwitches } from "#src/domain/gainProtocol.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { GainComparisonReport, GainReport } from "#src/domain/gainReport.ts";
import type { MotionParameters, MotionReport } from "#src/domain/motionReport.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import type {
  OrientationReport,
  OrientationResult,
  OrientedGainReport,
} from "#src/domain/orientation.ts";
import type {
  PictureKey,
  PictureSummary,
  PixelReading,
  Profiles,
  Raster,
  RasterRequest,
} from "#src/domain/picture.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import type {
  ComparedCurves,
  MicrographResult,
  NamedPreview,
  PreviewRequest,
} from "#src/domain/preprocessPreview.ts";
import type { Progress } from "#src/domain/progress.ts";
import type { FileRole, ReadingWish } from "#src/domain/reading.ts";
import type { FileKind, Outcome } from "#src/domain/session.ts";

import type { CtfApi } from "./ctfContracts.ts";
import type { ReportApi, ResultsApi } from "./sessionContracts.ts";

export type { BackendChoice, BackendInfo };

/**
 * What the page may ask of the compute worker: structured-clone data only, failures as data. One
 * interface per capability, each served by workers/services/<capability>.ts; {@link MovieWorkerApi}
 * puts them together. Add a capability by adding an interface here, a service there, and one line in
 * movie.worker.ts.
 */
export interface RunCallbacks {
  /** Wrapped in `Comlink.proxy` by the client. */
  onProgress(progress: Progress): void;
  onLog(message: string): void;
}

/** Options with which the worker starts; kept by the client and sent again after a restart. */
export interface StartOptions {
  readonly backend: BackendChoice;
  readonly budgetBytes: number;
  /** Workers of the pool; 0 = one per core. */
  readonly poolSize: number;
  /** What would switch WebGPU on in this browser; part of the reason shown with the CPU backend. */
  readonly hint: string;
}

/** A file as it travels to the worker: `File`s are cloned by reference, never read on the page. */
export type FileSource = (
  | { readonly kind: "file"; readonly file: File }
  /** Several files as one movie, in order. */
  | { readonly kind: "frames"; readonly name: string; readonly files: readonly File[] }
  | { readonly kind: "demo"; readonly part: "movie" | "reference" }
) & {
  /** How it is to be read; absent = as the file says. */
  readonly wish?: ReadingWish;
};

export interface OpenedFile {
  readonly kind: FileKind;
  /** null for tables and defect lists. */
  readonly header: MovieHeader | null;
  /** What a single image or a list can serve as; null for movies and tables. */
  readonly role: FileRole | null;
  /** Why, in one sentence, or "". */
  readonly reason: string;
  /** Of what a reference, a dark or bad pixels hold: a copy has the same; absent = not looked into. */
  readonly print?: string;
}

/** Square grey thumbnail, `[size, size]`, 0–255. */
export interface Thumbnail {
  readonly size: number;
  readonly grey: Uint8Array<ArrayBuffer>;
}

export interface HostApi {
  start(options: StartOptions): Promise<Outcome<BackendInfo>>;
  /** Aborts the run; its call then answers with the failure `cancelled`. */
  cancel(runId: string): Promise<void>;
  /** For tests of recovery: destroys the GPU device as a driver reset would. */
  loseDevice(): Promise<void>;
}

export interface FilesApi {
  /**
   * Reads the header and decides by content what the file is. `id` names it from then on; an id that is
   * open already is read anew as `source.wish` says.
   */
  open(id: string, source: FileSource): Promise<Outcome<OpenedFile>>;
  close(id: string): Promise<void>;
  /** Takes other handles of the same files: what was read by the old ones is read by these from now on. */
  renew(files: readonly (readonly [id: string, source: FileSource])[]): Promise<Outcome<null>>;
  /** SHA-256 of the file's content, in hexadecimal; of frames in files of their own, of all in order. */
  digest(id: string): Promise<Outcome<string>>;
  /** Of what a file of the camera holds, for files that were not looked into on opening ({@link OpenedFile.print}). */
  print(id: string): Promise<Outcome<string>>;
  thumbnail(id: string, size: number): Promise<Outcome<Thumbnail>>;
}

/** Where the pixels of a result that has left memory can be read again. */
export interface PicturePlace {
  /** The result file that holds it, by its path in the results folder; null = there is none. */
  readonly file: { readonly path: string; readonly content: File } | null;
  /** Why there is no file although there should be one, as a sentence; "" otherwise. */
  readonly missing: string;
  /** Which image of the file, from 0, and what is shown of its values. */
  readonly section: number;
  readonly values: "stored" | "decibels" | "correction" | "pixelGain";
  readonly width: number;
  readonly height: number;
  /** Of the pixels as they were made; null = not known. */
  readonly print: string | null;
  /** Where the browser's own storage may keep it. */
  readonly shelf: {
    readonly session: string;
    readonly movie: string;
    readonly name: string;
  } | null;
}

/** What the browser's own storage keeps of pictures. */
export interface ShelfReport {
  /** Bytes of this movie; 0 = nothing was kept. */
  readonly bytes: number;
  /** Of all sessions together, and the most that may be. */
  readonly held: number;
  readonly budget: number;
  /** The browser refused; the session goes on without. */
  readonly refused: boolean;
}

export interface PicturesApi {
  /** The page is asked where pictures are whose pixels have left memory. `find` is a proxy. */
  findWith(find: (picture: string) => Promise<PicturePlace | null>): Promise<Outcome<null>>;
  /** Sees to it that a picture is in memory, without looking at it. */
  bring(key: PictureKey): Promise<Outcome<null>>;
  /**
   * Keeps pictures of a movie's result in the browser's own storage, the oldest give way: of its correction, or
   * the gain under these names (`GainReport.pictures`).
   */
  keep(session: string, movie: string, gain: string | null): Promise<Outcome<ShelfReport>>;
  /** The browser has no room left for the session itself: kept pictures give way. Answers the bytes. */
  giveRoom(): Promise<Outcome<number>>;
  /** Gives up what is kept of a session. */
  forget(session: string): Promise<Outcome<null>>;
  summary(key: PictureKey): Promise<Outcome<PictureSummary>>;
  raster(request: RasterRequest): Promise<Outcome<Raster>>;
  profiles(key: PictureKey): Promise<Outcome<Profiles>>;
  pixel(key: PictureKey, x: number, y: number): Promise<Outcome<PixelReading>>;
}

/** A gain estimate of one movie that is asked for; its id is the movie's. */
export interface GainRequest {
  readonly movie: string;
  /** The session's reference with its pose. */
  readonly reference: {
    readonly id: string;
    readonly orientation: GainOrientation;
  } | null;
  /** Apply the reference first: what it leaves is estimated. */
  readonly residual: boolean;
  /** List or map of bad pixels in the rows of the reference: a file by id, or null. */
  readonly defects: string | null;
  readonly parameters: GainParameters;
  /** Add it to the sums of that name, from which {@link GainApi.combine} makes one estimate; null = to none. */
  readonly addTo: string | null;
  /** Also the estimate of Afanasyev et al. 2015, as a picture beside it. */
  readonly deviations: boolean;
}

export interface GainApi {
  /** The pose is that of the reference even where it is not applied: bad pixels are turned with it. */
  estimate(
    runId: string,
    callbacks: RunCallbacks,
    request: GainRequest,
  ): Promise<Outcome<GainReport>>;
  /**
   * One estimate of several movies under the id "combined": from the sums of that name, which are given up
   * then, or at once by methods that have none.
   */
  combine(
    runId: string,
    callbacks: RunCallbacks,
    movies: readonly string[],
    request: Omit<GainRequest, "movie" | "deviations">,
  ): Promise<Outcome<GainReport>>;
  /** Text files of the estimates, as the command writes them. */
  exportText(
    estimates: readonly string[],
    what: "csv" | "json" | "summary" | "monitor" | "defects",
  ): Promise<Outcome<string>>;
  /** Holds an estimate against a file; pictures of reference and difference are stored. */
  compare(
    estimate: string,
    reference: string,
    orientation: GainOrientation,
  ): Promise<Outcome<GainComparisonReport>>;
  /** MRC file of C or G (mode 2), or of the bad pixels (mode 0). */
  exportMrc(estimate: string, what: "C" | "G" | "bad"): Promise<Outcome<Bytes>>;
  drop(estimate: string): Promise<void>;
}

/** A movie whose motion is to be corrected. */
export interface MotionRequest {
  readonly id: string;
  readonly name: string;
  /** Beginning of the names of its result files; absent = the movie's name. */
  readonly base?: string;
  /** Path by which tables name it; absent = the movie's name. */
  readonly path?: string;
  /** Power spectra before and after; absent = yes. */
  readonly spectra?: boolean;
  /** The movie that is looked at: its pictures stay in memory when older ones leave it. */
  readonly looked?: string | null;
  /** The session's gain reference in its pose, or null. */
  readonly reference: {
    readonly id: string;
    readonly name: string;
    readonly orientation: GainOrientation;
  } | null;
  /** Image that is subtracted before the gain, and bad pixels (list or map): files by id, or null. */
  readonly dark: string | null;
  readonly defects: string | null;
  readonly parameters: MotionParameters;
}

/** Motion correction. Pictures go to `motion/<id>/before`, `after`, `weighted`, `psd/<kind>/<side>`. */
export interface MotionApi {
  align(
    runId: string,
    callbacks: RunCallbacks,
    request: MotionRequest,
  ): Promise<Outcome<MotionReport>>;
  /** One of the result files that the report names. */
  file(id: string, name: string): Promise<Outcome<Bytes>>;
  drop(id: string): Promise<void>;
}

/** The Movie Gain protocol over movies of the session, by id. */
export interface ProtocolRequest {
  /** In order of acquisition. */
  readonly movies: readonly string[];
  readonly movieStep: number;
  readonly reference: { readonly id: string; readonly orientation: GainOrientation } | null;
  /** What the pose search has found, where its pose is the one in use. */
  readonly found: OrientationResult | null;
  /** List or map of bad pixels in the rows of the reference: a file by id, or null. */
  readonly defects: string | null;
  readonly switches: GainSwitches;
  readonly parameters: GainParameters;
}

export interface ProtocolReport {
  readonly final: FinalGainProvenance | null;
  /** Estimates and residuals as they were made, so up to two for each movie. */
  readonly reports: readonly GainReport[];
  /** The estimate of all movies together; null of a single movie. */
  readonly combined: GainReport | null;
  readonly stability: readonly string[];
  readonly failures: readonly { readonly movie: string; readonly failure: Failure }[];
  /** The movies are TIFF files: programs that do not reverse their rows need another gain file. */
  readonly rowsReversed: boolean;
}

/** Rows of a saved gain: as this program reads movies, or as they are stored in TIFF files. */
export type GainRows = "read" | "stored";

export interface ProtocolApi {
  run(
    runId: string,
    callbacks: RunCallbacks,
    request: ProtocolRequest,
  ): Promise<Outcome<ProtocolReport>>;
  /** The final gain as an MRC file. */
  finalGain(rows: GainRows): Promise<Outcome<Bytes>>;
  /** The final gain's provenance as JSON, and tables of movies that name it. */
  text(
    what: "provenance" | "star" | "xmd",
    movies: readonly { readonly path: string; readonly pixelSizeA: number | null }[],
    gainName: string,
  ): Promise<Outcome<string>>;
}

/** Which way round a gain reference belongs to the movies. */
export interface OrientationApi {
  /** `movies` by id; the pictures are of the first. */
  find(
    runId: string,
    callbacks: RunCallbacks,
    request: { readonly movies: readonly string[]; readonly reference: string },
  ): Promise<Outcome<OrientationReport>>;
  /** Makes the average of a movie as corrected in a pose; answers the id of the stored picture. */
  corrected(
    movie: string,
    reference: string,
    orientation: GainOrientation,
  ): Promise<Outcome<string>>;
  /** The reference in a pose with its figures; its pictures are stored. */
  oriented(reference: string, orientation: GainOrientation): Promise<Outcome<OrientedGainReport>>;
  /** The reference in a pose as a multiplicative gain with mean 1: an MRC file. */
  exportMrc(reference: string, orientation: GainOrientation): Promise<Outcome<Bytes>>;
}

/** A micrograph of a batch. */
export interface BatchMicrograph {
  readonly fileId: string;
  readonly name: string;
  readonly source: PictureKey;
  readonly pixelSizeA: number | null;
}

/** What a batch has finished since it was asked last. */
export interface BatchNews {
  readonly done: readonly { readonly result: MicrographResult; readonly mrc: Bytes }[];
  readonly failed: readonly { readonly fileId: string; readonly failure: Failure }[];
}

export interface MicrographApi {
  preview(
    runId: string,
    callbacks: RunCallbacks,
    request: PreviewRequest,
  ): Promise<Outcome<NamedPreview>>;
  /** What is plotted of a preview, by the id of its picture after; null = it has been replaced meanwhile. */
  curves(afterId: string): Promise<Outcome<ComparedCurves | null>>;
  /** Processes all; every finished one counts in the progress and waits for `takeBatch`. */
  runBatch(
    runId: string,
    callbacks: RunCallbacks,
    micrographs: readonly BatchMicrograph[],
    recipe: PreprocessRecipe,
    /** Names of results that others have already. */
    taken: readonly string[],
  ): Promise<Outcome<null>>;
  takeBatch(runId: string): Promise<Outcome<BatchNews>>;
  /** The micrographs that a table names (file of kind "table" or "micrographs", by id); null = none. */
  readTable(id: string): Promise<
    Outcome<{
      readonly words: "relion" | "xmipp";
      readonly entries: readonly { readonly path: string; readonly pixelSizeA: number | null }[];
    } | null>
  >;
  /**
   * micrographs.star, micrographs.xmd and preprocess.json: name and content. With the table that the
   * micrographs came from (by id) and the row of each result, its columns are carried over.
   */
  tables(
    results: readonly MicrographResult[],
    recipe: PreprocessRecipe,
    from: { readonly table: string; readonly rows: readonly number[] } | null,
    /** Of the microscope, where there is no table; absent = not known. */
    voltageKv?: number,
  ): Promise<Outcome<readonly (readonly [name: string, content: string])[]>>;
}

/** Everything that the compute worker offers. */
export interface MovieWorkerApi {
  readonly host: HostApi;
  readonly files: FilesApi;
  readonly pictures: PicturesApi;
  readonly gain: GainApi;
  readonly orientation: OrientationApi;
  readonly protocol: ProtocolApi;
  readonly motion: MotionApi;
  readonly ctf: CtfApi;
  readonly micrograph: MicrographApi;
  readonly report: ReportApi;
  readonly results: ResultsApi;
}

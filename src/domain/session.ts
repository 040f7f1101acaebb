import type { Failure } from "./errors.ts";
import type { MovieHeader } from "./movie.ts";
import type { FileRole } from "./reading.ts";

/**
 * What a dropped file turned out to be. "table": of CTF estimates (it may name micrographs too); "micrographs": a
 * table that only names micrographs.
 */
export type FileKind = "movie" | "image" | "table" | "micrographs" | "defects";

/** States of a movie (Warp's five words, and what happens meanwhile). */
export type StatusKind =
  | "pass"
  | "warn"
  | "failed"
  | "undecided"
  | "unprocessed"
  | "running"
  | "outdated"
  | "filtered"
  | "deselected";

/** A file of the session as the table shows it. Pixels and handles live elsewhere, by `id`. */
export interface SessionFile {
  readonly id: string;
  readonly name: string;
  /** Path inside the opened folder, or the name. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly lastModified: number | null;
  /** null while the header is being read, or when that failed. */
  readonly kind: FileKind | null;
  readonly header: MovieHeader | null;
  readonly failure: Failure | null;
  /** What a single image or a list serves as by its content, and why; absent until that is known. */
  readonly role?: FileRole | null;
  readonly reason?: string;
  /** Of what it holds, where it may serve as a file of the camera: a copy has the same. */
  readonly print?: string;
  /** Files that this movie was put together from; absent = one file. */
  readonly parts?: number;
  /** Made on the spot by the simulator: marked wherever it is shown. */
  readonly simulated: boolean;
}

/** A result of a worker call: failure is data, because errors lose their fields between threads. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

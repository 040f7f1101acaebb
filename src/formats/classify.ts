import type { ByteSource } from "#src/domain/byteSource.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { toFailure } from "#src/domain/errors.ts";
import { decodeFrame } from "./decodeFrame.ts";
import { looksLikeText } from "./foreignFormat.ts";
import { openMovie } from "./openMovie.ts";
import type { OpenOptions } from "./openOptions.ts";
import { looksLikeDefectText } from "./reference/defectLists.ts";
import { imagePrint } from "#src/math/contentPrint.ts";
import { judgeReference } from "./reference/judgeReference.ts";

export type FileKind =
  "movie" | "gain" | "dark" | "defects" | "micrograph" | "ctf-table" | "other-table" | "none";

export interface Classification {
  readonly kind: FileKind;
  /** Why, in one sentence; for "none" what to do about it. */
  readonly reason: string;
  /** The header of what could be opened. */
  readonly header?: MovieHeader;
  /** Of the pixels of a single image (`math/contentPrint`): a copy has the same. */
  readonly print?: string;
}

const TEXT_BYTES = 1 << 16;

/**
 * What a file is, from its content first and its name where the content cannot tell (a dark from a
 * micrograph). Single images are decoded; of movies only the header is read. Closes the source.
 */
export async function classifyFile(
  source: ByteSource,
  options: OpenOptions = {},
): Promise<Classification> {
  let close: () => Promise<void> = async () => await source.close?.();
  try {
    const head = await source.read(0, Math.min(TEXT_BYTES, source.size), options.signal);
    if (looksLikeText(head)) return classifyText(new TextDecoder().decode(head), source.name);
    const reader = await openMovie(source, options);
    close = () => reader.close();
    const { header } = reader;
    if (header.frames > 1)
      return { kind: "movie", reason: `${header.frames} frames in one file.`, header };
    const pixels = await decodeFrame(await reader.readEncoded(0, options.signal));
    const values = pixels instanceof Float32Array ? pixels : Float32Array.from(pixels);
    const hints = judgeReference(values, header);
    const print = imagePrint(header, values);
    return { ...classifyImage(source.name, hints.nature, hints.reason), header, print };
  } catch (error) {
    const failure = toFailure(error, { file: source.name });
    if (failure.code === "cancelled") throw error;
    return { kind: "none", reason: failure.message };
  } finally {
    await close();
  }
}

function classifyImage(
  name: string,
  nature: ReturnType<typeof judgeReference>["nature"],
  reason: string,
): Classification {
  if (nature === "defect-map" || /defect|bad_?pix/i.test(name)) return { kind: "defects", reason };
  if (/(^|[^a-z])dark([^a-z]|$)/i.test(name))
    return { kind: "dark", reason: "One image, and its name says dark." };
  if (nature === "gain") return { kind: "gain", reason };
  if (nature === "counts" && /gain|flat|ref(erence)?([^a-z]|$)/i.test(name))
    return { kind: "gain", reason: "Counts of a flat field, and its name says gain." };
  return { kind: "micrograph", reason: "One image that is no gain, dark or defect map." };
}

function classifyText(text: string, name: string): Classification {
  if (/_?(rlnDefocusU|ctfDefocusU)\b/.test(text))
    return { kind: "ctf-table", reason: "A table with defocus values." };
  if (/^#\s*(output from ctffind|columns:.*defocus)/im.test(text))
    return { kind: "ctf-table", reason: "The text output of CTFFIND." };
  if (/^\s*(data_|# XMIPP_STAR_1)/m.test(text))
    return { kind: "other-table", reason: "A STAR or XMD table without defocus values." };
  if (looksLikeDefectText(text)) return { kind: "defects", reason: "A list of bad regions." };
  return {
    kind: "none",
    reason: `${name} is a text file, but neither a table nor a defect list that is known here.`,
  };
}

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { looksLikeDefectText, parseDefectText } from "#src/formats/reference/defectLists.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import type { OpenedImage } from "#src/formats/reference/openImage.ts";
import { defectMask } from "#src/math/defectMask.ts";
import { applyPose } from "#src/math/pose.ts";
import type { Pose } from "#src/math/pose.ts";
import { fitGain, gainFromReference } from "#src/math/referenceGain.ts";
import type { CommandContext, OptionSpec } from "./command.ts";
import { openNodeFile } from "./nodeByteSource.ts";

/** Options of commands that correct frames. */
export const correctionOptions: readonly OptionSpec[] = [
  { name: "gain", value: "REF", help: "Gain reference; frames are multiplied by it." },
  {
    name: "gain-rot",
    value: "0..3",
    help: "Quarter turns of the reference, clockwise with row 0 on top.",
    fallback: "0",
  },
  {
    name: "gain-flip",
    value: "0..2",
    help: "Then flip it: 1 = upside down, 2 = left-right.",
    fallback: "0",
  },
  { name: "invert-gain", help: "The reference is to be divided by." },
  { name: "dark", value: "FILE", help: "Dark reference, subtracted before the gain." },
  {
    name: "defects",
    value: "FILE",
    help: "Bad pixels: text (x y width height, or SerialEM) or an image that is not 0 there; in the rows of the reference.",
  },
];

/** What is known of the camera, in the pose of the movies. */
export interface CameraCorrections {
  readonly gainPath: string | null;
  readonly defectsPath: string | null;
  readonly warnings: readonly string[];
  /** The correction for a movie of that size; null where neither gain nor defects were given. */
  gainFor(reader: MovieReader): Gain | null;
  readonly dark: Float32Pixels | null;
}

function poseOf(context: CommandContext): Pose {
  const turn = context.number("gain-rot") ?? 0;
  const flip = context.number("gain-flip") ?? 0;
  if (turn !== 0 && turn !== 1 && turn !== 2 && turn !== 3)
    throw new CryoloupeError("bad-arguments", `--gain-rot is 0, 1, 2 or 3, not ${turn}.`);
  if (flip !== 0 && flip !== 1 && flip !== 2)
    throw new CryoloupeError("bad-arguments", `--gain-flip is 0, 1 or 2, not ${flip}.`);
  return { rotation90: turn, flip: (["none", "upside-down", "left-right"] as const)[flip] };
}

/** Reads the references that the options name. Sizes are checked against each movie. */
export async function openCameraCorrections(context: CommandContext): Promise<CameraCorrections> {
  const pose = poseOf(context);
  const gainPath = context.text("gain") ?? null;
  const darkPath = context.text("dark");
  const defectsPath = context.text("defects") ?? null;
  const { signal } = context;
  const warnings: string[] = [];
  const gain = gainPath === null ? null : await openImage(await openNodeFile(gainPath), { signal });
  const dark =
    darkPath === undefined ? null : await openImage(await openNodeFile(darkPath), { signal });
  const defects = defectsPath === null ? null : await openDefects(defectsPath, context);
  if (gain !== null) {
    warnings.push(...gain.warnings);
    if (!context.flag("invert-gain") && gain.hints.nature !== "gain")
      warnings.push(
        `${basename(gainPath ?? "")} does not look like a multiplicative gain (${gain.hints.reason}); frames are multiplied by it all the same. --invert-gain divides.`,
      );
  }

  const gainFor = (reader: MovieReader): Gain | null => {
    const { width, height, format } = reader.header;
    if (gain === null) {
      if (defects === null) return null;
      const mask = defects(width, height, format === "tiff");
      return gainFromReference(
        new Float32Array(width * height).fill(1),
        width,
        height,
        "correction",
        mask,
      );
    }
    const mask = joinMasks(
      defects?.(gain.width, gain.height, gain.header.format === "tiff") ?? null,
      gain.defects === null ? null : defectMask(gain.defects, gain.width, gain.height),
    );
    const own = gainFromReference(
      gain.pixels,
      gain.width,
      gain.height,
      context.flag("invert-gain") ? "inverse" : "correction",
      mask,
    );
    const turned = applyPose(own.correction, own.width, own.height, pose);
    const posed: Gain = {
      width: turned.width,
      height: turned.height,
      correction: turned.data,
      bad: applyPose(own.bad, own.width, own.height, pose).data,
    };
    const fitted = fitGain(posed, width, height);
    if (fitted === null)
      throw new CryoloupeError(
        "size-mismatch",
        `The gain ${basename(gainPath ?? "")} is ${posed.width} × ${posed.height} px in the pose given; ${reader.name} is ${width} × ${height} px. Turn it with --gain-rot, or choose the reference of this camera.`,
        { file: reader.name },
      );
    return fitted;
  };
  return { gainPath, defectsPath, warnings, gainFor, dark: dark?.pixels ?? null };
}

function joinMasks(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  if (a === null || b === null) return a ?? b;
  return a.map((v, i) => v | b[i]);
}

export type MaskOf = (width: number, height: number, rowsReversed: boolean) => Uint8Array;

/** A defect list or map as a mask of a given size, in the rows that the file belongs to. */
export async function openDefects(path: string, context: CommandContext): Promise<MaskOf> {
  const file = basename(path);
  const { size } = await stat(path).catch((error: unknown) => {
    throw new CryoloupeError(
      "permission-denied",
      `${file} could not be opened: ${error instanceof Error ? error.message : String(error)}.`,
      { file, cause: error },
    );
  });
  const text = await defectListText(path, size);
  if (text !== null) {
    const list = parseDefectText(text, file);
    return (width, height, rowsReversed) => {
      const mask = defectMask(list, width, height);
      return rowsReversed ? reverseRows(mask, width, height) : mask;
    };
  }
  const image: OpenedImage = await openImage(await openNodeFile(path), { signal: context.signal });
  return (width, height) => {
    if (image.width !== width || image.height !== height)
      throw new CryoloupeError(
        "size-mismatch",
        `The defect map ${file} is ${image.width} × ${image.height} px; ${width} × ${height} px were expected. Choose the map of this camera.`,
        { file },
      );
    return Uint8Array.from(image.pixels, (v) => (v === 0 ? 0 : 1));
  };
}

/** The text of a list of bad pixels; null when the file is none. */
export async function defectListText(path: string, size?: number): Promise<string | null> {
  const bytes = size ?? (await stat(path)).size;
  const text = bytes < 4 * 2 ** 20 ? await readFile(path, "utf8") : "";
  return looksLikeDefectText(text) ? text : null;
}

function reverseRows(mask: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++)
    out.set(mask.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  return out;
}

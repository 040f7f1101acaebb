import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { Float32Pixels, MovieHeader } from "#src/domain/movie.ts";
import { defectMask } from "#src/math/defectMask.ts";
import { gainFromReference } from "#src/math/referenceGain.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { PictureLoader } from "./pictures.ts";

function reverseRows(mask: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++)
    out.set(mask.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  return out;
}

/**
 * Bad pixels of a file (list or map) as a mask of a given size, 1 = bad. Lists count rows as the file
 * they belong to stores them; TIFF rows are reversed on reading.
 */
async function readDefects(
  host: WorkerHost,
  loader: PictureLoader,
  id: string,
  size: { readonly width: number; readonly height: number; readonly rowsReversed: boolean },
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, rowsReversed } = size;
  const list = host.defectLists.get(id);
  if (list !== undefined) {
    const mask = defectMask(list, width, height);
    return rowsReversed ? reverseRows(mask, width, height) : mask;
  }
  const { name } = host.reader(id);
  const map = await loader.load({ kind: "frame", movie: id, frame: 0 });
  if (map.width !== width || map.height !== height)
    throw new CryoloupeError(
      "size-mismatch",
      `The defect map ${name} is ${map.width} × ${map.height} px; ${width} × ${height} px were expected. Choose the map of this camera, or let this one be a picture: File header, Use as.`,
      { file: name },
    );
  return Uint8Array.from(map.data, (v) => (v === 0 ? 0 : 1));
}

/** A reference with the bad pixels of a file besides its own; `defects` null = as it is. */
export async function withDefects(
  host: WorkerHost,
  loader: PictureLoader,
  reference: OrientReference,
  defects: string | null,
  rowsReversed: boolean,
): Promise<OrientReference> {
  if (defects === null) return reference;
  const { width, height, bad } = reference;
  const mask = await readDefects(host, loader, defects, { width, height, rowsReversed });
  return { ...reference, bad: bad === null ? mask : mask.map((v, i) => v | bad[i]) };
}

/** The bad pixels of a file as a correction that is 1 elsewhere, for movies without a reference. */
export async function defectsAlone(
  host: WorkerHost,
  loader: PictureLoader,
  defects: string,
  { width, height, format }: MovieHeader,
): Promise<Gain> {
  const rowsReversed = format === "tiff";
  const mask = await readDefects(host, loader, defects, { width, height, rowsReversed });
  const ones = new Float32Array(width * height).fill(1);
  return gainFromReference(ones, width, height, "correction", mask);
}

/** The dark reference, in the pose of the movies. */
export async function readDark(
  host: WorkerHost,
  loader: PictureLoader,
  id: string,
  size: { readonly width: number; readonly height: number },
): Promise<Float32Pixels> {
  const { name } = host.reader(id);
  const { width, height, data } = await loader.load({ kind: "frame", movie: id, frame: 0 });
  if (width !== size.width || height !== size.height)
    throw new CryoloupeError(
      "size-mismatch",
      `The dark reference ${name} is ${width} × ${height} px; the movie is ${size.width} × ${size.height}. Choose the dark of this camera.`,
      { file: name },
    );
  return Float32Array.from(data);
}

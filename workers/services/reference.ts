import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { parseGainXml } from "#src/formats/reference/defectLists.ts";
import { defectMask } from "#src/math/defectMask.ts";
import { fitGain } from "#src/math/referenceGain.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { posedSize } from "#src/math/pose.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { WorkerHost } from "#workers/host.ts";
import { defectsAlone, withDefects } from "./cameraFiles.ts";
import type { PictureLoader } from "./pictures.ts";

/** An open file as a reference whose pose is not decided, with the defects that it lists. */
export async function loadReference(
  host: WorkerHost,
  loader: PictureLoader,
  id: string,
): Promise<OrientReference> {
  const { name, header } = host.reader(id);
  const { width, height, data } = await loader.load({ kind: "frame", movie: id, frame: 0 });
  const list = header.defectsXml === undefined ? null : parseGainXml(header.defectsXml, name);
  return {
    name,
    width,
    height,
    values: Float32Array.from(data),
    bad: list === null ? null : defectMask(list, width, height),
  };
}

/**
 * A file as a gain in the movie's pose: C with mean 1 over good pixels, 0 where it is 0, negative or not
 * finite, or where the file `defects` marks it. A file that holds G (`inverted`) is turned into C. A
 * reference of the sensor's size also fits frames of twice or half its size.
 */
export async function readReference(
  host: WorkerHost,
  loader: PictureLoader,
  id: string,
  orientation: GainOrientation,
  size: { readonly width: number; readonly height: number },
  defects: string | null = null,
): Promise<Gain> {
  const reference = await withDefects(
    host,
    loader,
    await loadReference(host, loader, id),
    defects,
    host.reader(id).header.format === "tiff",
  );
  const { name, width, height } = reference;
  const posed = posedSize(width, height, orientation);
  const fits = [0.5, 1, 2].some(
    (scale) => posed.width * scale === size.width && posed.height * scale === size.height,
  );
  if (!fits)
    throw new CryoloupeError(
      "size-mismatch",
      `${name} is ${width} × ${height} px; the movie is ${size.width} × ${size.height}. Choose the reference of this camera, or its pose.`,
      { file: name },
    );
  const gain = orientReference(reference, orientation);
  if (gain.bad.every((b) => b !== 0))
    throw new CryoloupeError(
      "not-enough-data",
      `${name} holds no positive value, so it cannot be a gain reference. Choose another file.`,
      { file: name },
    );
  return fitGain(gain, size.width, size.height) ?? gain;
}

/**
 * The bad pixels of a file as a correction that is 1 elsewhere: turned with the reference whose rows the
 * file counts, or as they stand for the movie where there is no reference.
 */
export async function readBadPixels(
  host: WorkerHost,
  loader: PictureLoader,
  reference: { readonly id: string; readonly orientation: GainOrientation } | null,
  defects: string,
  header: MovieHeader,
): Promise<Gain> {
  if (reference === null) return await defectsAlone(host, loader, defects, header);
  const { id, orientation } = reference;
  const { bad, width, height } = await readReference(
    host,
    loader,
    id,
    orientation,
    header,
    defects,
  );
  return { width, height, bad, correction: Float32Array.from(bad, (b) => 1 - b) };
}

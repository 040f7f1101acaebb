import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import { applyPose, posedSize } from "#src/math/pose.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { PictureLoader } from "./pictures.ts";

/**
 * A file as a gain in the movie's pose: C with mean 1 over good pixels, 0 where it is 0, negative or not
 * finite. A file that holds G (`inverted`) is turned into C.
 */
export async function readReference(
  host: WorkerHost,
  loader: PictureLoader,
  id: string,
  orientation: GainOrientation,
  size: { readonly width: number; readonly height: number },
): Promise<Gain> {
  const { name } = host.reader(id);
  const raw = await loader.load({ kind: "frame", movie: id, frame: 0 });
  const posed = posedSize(raw.width, raw.height, orientation);
  if (posed.width !== size.width || posed.height !== size.height)
    throw new CryoloupeError(
      "size-mismatch",
      `${name} is ${raw.width} × ${raw.height} px; the movie is ${size.width} × ${size.height}. Choose the reference of this camera, or its pose.`,
      { file: name },
    );
  const values = applyPose(Float32Array.from(raw.data), raw.width, raw.height, orientation).data;
  const bad = new Uint8Array(values.length);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > 0) || !Number.isFinite(values[i])) {
      bad[i] = 1;
      values[i] = 0;
      continue;
    }
    if (orientation.inverted) values[i] = 1 / values[i];
    sum += values[i];
    good++;
  }
  if (good === 0)
    throw new CryoloupeError(
      "not-enough-data",
      `${name} holds no positive value, so it cannot be a gain reference. Choose another file.`,
      { file: name },
    );
  const scale = good / sum;
  for (let i = 0; i < values.length; i++) values[i] *= scale;
  return { width: size.width, height: size.height, correction: values, bad };
}

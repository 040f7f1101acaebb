import type { ByteSource } from "#src/domain/byteSource.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { defectMask } from "#src/math/defectMask.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import type { OpenOptions } from "#src/formats/openOptions.ts";
import type { OrientReference } from "./orientGain.ts";

/**
 * Reads a gain reference of any format with the defects that it lists. Raw flat-field counts (EER
 * references that are no `.gain`) stay counts: the pose search sees that they divide.
 */
export async function readReference(
  source: ByteSource,
  options: OpenOptions = {},
): Promise<OrientReference> {
  const image = await openImage(source, options);
  if (image.hints.nature === "defect-map")
    throw new CryoloupeError(
      "unsupported-format",
      `${source.name} is a map of bad pixels, not a gain reference. Give it as defects.`,
      { file: source.name },
    );
  const { width, height, pixels, defects } = image;
  const bad = defects === null ? null : defectMask(defects, width, height);
  return { name: source.name, width, height, values: pixels, bad };
}

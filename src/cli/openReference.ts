import { CryoloupeError } from "#src/domain/errors.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { CommandContext } from "./command.ts";
import { openMovieInput } from "./movieInput.ts";

/** Reads a gain reference of any format that holds one image. */
export async function openReference(
  path: string,
  context: CommandContext,
): Promise<OrientReference> {
  const reader = await openMovieInput(path, context);
  try {
    const { width, height, frames } = reader.header;
    if (frames !== 1)
      throw new CryoloupeError(
        "size-mismatch",
        `${reader.name} holds ${frames} images; a gain reference is one. Choose the reference file.`,
        { file: reader.name },
      );
    const values = Float32Array.from(
      await decodeFrame(await reader.readEncoded(0, context.signal)),
    );
    return { name: reader.name, width, height, values, bad: null };
  } finally {
    await reader.close();
  }
}

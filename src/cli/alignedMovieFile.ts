import type { Float32Pixels } from "#src/domain/movie.ts";
import { createMrcWriter } from "#src/formats/mrc/writeMrc.ts";
import type { MrcWriter } from "#src/formats/mrc/writeMrc.ts";
import { flipRows, mrcLabels } from "#src/pipeline/motionFiles.ts";
import type { AlignRequest } from "./alignOptions.ts";
import type { ResultFile, ResultFolder } from "./resultFolder.ts";

/** The stack of moved frames, written while they come. */
export interface AlignedMovieFile {
  add(image: Float32Pixels): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export async function openAlignedMovie(
  folder: ResultFolder,
  base: string,
  size: {
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    readonly pixelSizeA: number | null;
  },
  request: AlignRequest,
): Promise<AlignedMovieFile> {
  const file: ResultFile = await folder.create(`${base}_aligned.mrcs`);
  const writer: MrcWriter = await createMrcWriter(file, {
    ...size,
    sampleType: request.float16 ? "float16" : "float32",
    labels: mrcLabels("aligned frames"),
  });
  return {
    add: (image) => writer.write(request.flipRows ? flipRows(image, size.width) : image),
    commit: async () => {
      await writer.finish();
      await file.commit();
    },
    discard: () => file.discard(),
  };
}

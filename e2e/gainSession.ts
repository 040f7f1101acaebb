import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createRandom } from "#src/math/random.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";

export const SESSION_SIZE = { width: 160, height: 144 } as const;
/** Position from 0 of the movie that another camera took. */
export const STRANGER = 16;

/**
 * A folder of `movies` small movies of one camera whose gain drifts from movie to movie, one of them by
 * another camera, with the reference of the first.
 */
export async function makeGainSession(movies: number): Promise<{
  readonly folder: string;
  readonly paths: readonly string[];
  readonly reference: string;
}> {
  const folder = join(mkdtempSync(join(tmpdir(), "cryoloupe-session-")), "grid3");
  mkdirSync(folder);
  const paths: string[] = [];
  let reference = "";
  const random = createRandom(4);
  const columns = Array.from({ length: SESSION_SIZE.width }, () => random.normal());
  for (let m = 0; m < movies; m++) {
    const movie = createSimulatedMovie({
      ...SESSION_SIZE,
      frames: 4,
      electronsPerFrame: 60,
      gain: "lines",
      contrast: 0.05,
      particles: false,
      deadPixels: 6,
      hotPixels: 2,
      seed: m === STRANGER ? 977 : 12,
      movieIndex: m,
    });
    // Columns drift by 0.05 % from movie to movie.
    const drift = columns.map((c) => 1 + 0.0005 * m * c);
    const frames = Array.from({ length: 4 }, (_, i) =>
      Uint16Array.from(movie.frame(i), (v, k) => Math.round(v * drift[k % SESSION_SIZE.width])),
    );
    const path = join(folder, `grid3_${String(m + 1).padStart(3, "0")}.mrcs`);
    writeFileSync(
      path,
      await encodeMrc(frames, { ...SESSION_SIZE, sampleType: "uint16", pixelSizeA: 1.2 }),
    );
    paths.push(path);
    if (m > 0) continue;
    const { width, height, values } = movie.reference();
    reference = join(folder, "gain_reference.mrc");
    const bytes = await encodeMrc([values], {
      width,
      height,
      sampleType: "float32",
      pixelSizeA: 1.2,
    });
    writeFileSync(reference, bytes);
  }
  return { folder, paths, reference };
}

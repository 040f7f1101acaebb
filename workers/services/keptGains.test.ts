import { describe, expect, it } from "vitest";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { pictureId } from "#src/domain/picture.ts";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { estimateGain } from "#src/pipeline/estimateGain.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { createWorkerHost } from "#workers/host.ts";
import { createPictureStore } from "#workers/pictureStore.ts";
import type { Spill } from "#workers/spill.ts";
import { createKeptGains } from "./keptGains.ts";

const [width, height] = [64, 48];
/** C, G and the mask of bad pixels of one estimate. */
const BYTES = 9 * width * height;

async function estimates(count: number): Promise<readonly GainEstimate[]> {
  const backend = createCpuBackend(openInlinePool());
  const made: GainEstimate[] = [];
  for (let m = 0; m < count; m++) {
    const movie = createSimulatedMovie({ width, height, frames: 4, movieIndex: m });
    const reader = movie.reader(`movie_${m}.mrcs`);
    made.push(await estimateGain(reader, null, DEFAULT_GAIN_PARAMETERS, { backend }));
  }
  await backend.dispose();
  return made;
}

function setUp(spill: Spill, held: number) {
  const pictures = createPictureStore(2 ** 20);
  const host = createWorkerHost(() => Promise.reject(new Error("No backend is needed.")), pictures);
  const kept = createKeptGains(host, spill, held * BYTES);
  const shown = (picture: string): boolean =>
    pictures.get(pictureId({ kind: "stored", id: picture })) !== undefined;
  return { kept, shown, pictures };
}

function memorySpill(): Spill & { readonly files: Map<string, Uint8Array<ArrayBuffer>> } {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    files,
    write: (name, parts) => {
      const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      files.set(name, all);
      return Promise.resolve(true);
    },
    read: (name) => Promise.resolve(files.get(name)?.slice().buffer ?? null),
    remove: (name) => Promise.resolve(void files.delete(name)),
  };
}

describe("gains kept in the worker", async () => {
  const made = await estimates(4);

  it("hold a bounded number of pixels; older ones come back as they were", async () => {
    const spill = memorySpill();
    const { kept, shown } = setUp(spill, 2);
    const said: string[] = [];
    const reports = [];
    for (const [m, estimate] of made.entries())
      reports.push(
        await kept.keep(`file-${m}`, estimate, null, [`file-${m}`], (s) => void said.push(s)),
      );
    expect(reports.map((r) => shown(`${r.pictures}/G`))).toEqual([false, false, true, true]);
    expect([...spill.files.keys()]).toEqual(["file-0/estimated", "file-1/estimated"]);
    // Told once, in words.
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("come back when they are shown");
    expect(reports[0].statistics).toEqual(made[0].statistics);

    expect(await kept.restore(`${reports[0].pictures}/G`)).toBe(true);
    expect(shown(`${reports[0].pictures}/G`)).toBe(true);
    const back = await kept.get("file-0/estimated");
    expect(back.estimate.gain).toEqual(made[0].gain);
    // Room was made: the one looked at for longest is away now.
    expect(shown(`${reports[2].pictures}/G`)).toBe(false);
    expect(await kept.restore("gain/unknown/1/G")).toBe(false);
  });

  it("keep an estimate and a residual of one movie beside each other", async () => {
    const { kept, shown } = setUp(memorySpill(), 9);
    const own = await kept.keep("file-0", made[0], null, ["file-0"]);
    const left = await kept.keep("file-0", { ...made[1], residual: true }, "ref", ["file-0"]);
    expect([own.kept, left.kept]).toEqual(["file-0/estimated", "file-0/residual"]);
    expect(shown(`${own.pictures}/C`) && shown(`${left.pictures}/C`)).toBe(true);
    // Made anew, its earlier pictures are gone, the other's stay.
    const again = await kept.keep("file-0", made[2], null, ["file-0"]);
    expect(shown(`${own.pictures}/C`)).toBe(false);
    expect(shown(`${again.pictures}/C`) && shown(`${left.pictures}/C`)).toBe(true);
    kept.drop("file-0");
    expect(shown(`${left.pictures}/C`)).toBe(false);
    await expect(kept.get("file-0/residual")).rejects.toThrow("Run it again");
  });

  it("say so where the browser has no room for older ones", async () => {
    const full: Spill = {
      write: () => Promise.resolve(false),
      read: () => Promise.resolve(null),
      remove: () => Promise.resolve(),
    };
    const { kept } = setUp(full, 1);
    const said: string[] = [];
    await kept.keep("file-0", made[0], null, ["file-0"], (s) => void said.push(s));
    const second = await kept.keep("file-1", made[1], null, ["file-1"], (s) => void said.push(s));
    expect(said[0]).toContain("are given up; their numbers stay");
    await expect(kept.get("file-0/estimated")).rejects.toThrow("no longer in memory");
    expect((await kept.get(second.kept)).estimate.gain).toEqual(made[1].gain);
  });
});

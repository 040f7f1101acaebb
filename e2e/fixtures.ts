import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "@playwright/test";
import type { CDPSession, Page } from "@playwright/test";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";

/** Files made for the tests in a temporary folder, from seeds. */
export interface Fixtures {
  readonly folder: string;
  readonly movies: readonly string[];
  /** Reference that fits the movies as it lies. */
  readonly reference: string;
  readonly truncated: string;
  readonly empty: string;
  readonly wrong: string;
  readonly huge: string;
}

export const MOVIE_SIZE = { width: 256, height: 224, frames: 8 } as const;

async function makeFixtures(): Promise<Fixtures> {
  const folder = join(tmpdir(), `cryoloupe-e2e-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  const movies: string[] = [];
  let reference = "";
  for (let m = 0; m < 2; m++) {
    const movie = createSimulatedMovie({
      ...MOVIE_SIZE,
      electronsPerFrame: 20,
      camera: "counting",
      gain: "lines",
      seed: 41,
      movieIndex: m,
      referencePose: { rotation90: 0, flip: "none", inverted: false },
    });
    const frames = Array.from({ length: MOVIE_SIZE.frames }, (_, i) => movie.frame(i));
    const name = path(`movie_${m + 1}.mrcs`);
    writeFileSync(
      name,
      await encodeMrc(
        frames.map((frame) => Uint16Array.from(frame)),
        {
          width: MOVIE_SIZE.width,
          height: MOVIE_SIZE.height,
          sampleType: "uint16",
          pixelSizeA: 1.2,
        },
      ),
    );
    movies.push(name);
    if (m === 0) {
      const { width, height, values } = movie.reference();
      reference = path("gain_reference.mrc");
      writeFileSync(
        reference,
        await encodeMrc([values], { width, height, sampleType: "float32", pixelSizeA: 1.2 }),
      );
    }
  }
  const frame = Uint16Array.from({ length: 64 * 64 }, (_, i) => (i * 7919) % 251);
  const whole = await encodeMrc([frame, frame, frame], {
    width: 64,
    height: 64,
    sampleType: "uint16",
    pixelSizeA: 1,
  });
  // Within the first frame; within the third, of which two are left.
  writeFileSync(path("truncated.mrcs"), whole.subarray(0, 1024 + 3000));
  writeFileSync(path("cut_short.mrcs"), whole.subarray(0, whole.length - 3000));
  writeFileSync(path("empty.mrcs"), new Uint8Array(0));
  writeFileSync(
    path("wrong.mrcs"),
    new TextEncoder().encode("This is a letter, no movie.\n".repeat(60)),
  );
  // A header that claims 10 000 frames of 100 000 × 100 000 px.
  const huge = whole.slice(0, 2048);
  const view = new DataView(huge.buffer);
  for (const [at, value] of [
    [0, 100_000],
    [4, 100_000],
    [8, 10_000],
    [28, 100_000],
    [32, 100_000],
    [36, 10_000],
  ])
    view.setInt32(at, value, true);
  writeFileSync(path("huge.mrcs"), huge);
  return {
    folder,
    movies,
    reference,
    truncated: path("truncated.mrcs"),
    empty: path("empty.mrcs"),
    wrong: path("wrong.mrcs"),
    huge: path("huge.mrcs"),
  };
}

/** `files`: made once; a page whose console must stay free of errors. */
export const test = base.extend<{ quiet: undefined }, { files: Fixtures }>({
  files: [
    // Playwright reads the fixtures wanted from the first parameter, which must be a pattern.
    async ({ browserName: _browser }, use) => {
      await use(await makeFixtures());
    },
    { scope: "worker" },
  ],
  quiet: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      await use(undefined);
      if (errors.length > 0) throw new Error(`The page reported errors:\n${errors.join("\n")}`);
    },
    { auto: true },
  ],
});

export { expect } from "@playwright/test";

/** Drops files or folders of the disk onto the page, as a file manager does. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data });
  await session.detach();
}

/** Opens the page and waits until its backend has answered. */
export async function openPage(page: Page, query = ""): Promise<void> {
  await page.goto(`./${query}`);
  await page.getByText(/(WebGPU|CPU) ready/).waitFor();
}

/** Waits until a picture of the viewer has been drawn: its canvas is not even. */
export async function pictureDrawn(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas.picture");
    const context = canvas?.getContext("2d");
    if (canvas == null || context == null || canvas.width === 0) return false;
    const { data } = context.getImageData(0, canvas.height / 2, canvas.width, 1);
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) seen.add(data[i]);
    return seen.size > 8;
  });
}

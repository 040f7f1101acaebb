import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { globalShifts, localRms } from "#src/math/motionField.ts";
import { centreLocalMotion } from "#src/math/motionGauge.ts";
import { createDemo, DEMO_OPTIONS } from "#src/simulation/demo.ts";
import { electronWavelengthA } from "#src/simulation/scene.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import type { SimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

type Curves = ReadonlyMap<string, readonly { readonly x: number; readonly y: number }[]>;

/** The numbers behind a plot, as its menu saves them. */
async function numbersOf(page: Page, summary: RegExp): Promise<Curves> {
  await page.getByRole("button", { name: summary }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "CSV" }).click();
  // The next plot's menu opens when this one has gone.
  await expect(page.getByRole("menuitem", { name: "CSV" })).toHaveCount(0);
  const [, ...lines] = readFileSync(await (await waiting).path(), "utf8")
    .trim()
    .split("\n");
  const curves = new Map<string, { x: number; y: number }[]>();
  for (const line of lines) {
    const [series, x, y] = line.split(",");
    const name = series.replaceAll('"', "");
    curves.set(name, [...(curves.get(name) ?? []), { x: Number(x), y: Number(y) }]);
  }
  return curves;
}

/** Frequencies, cycles/Å, at which the demo's contrast transfer is extreme (first, third …) and zero, up to `highest`. */
function transferPlaces(highest: number): number[] {
  const { defocusA } = DEMO_OPTIONS;
  const lambda = electronWavelengthA(300);
  const cs = 2.7e7;
  const phase = (s: number): number =>
    Math.PI * lambda * defocusA * s ** 2 - 0.5 * Math.PI * cs * lambda ** 3 * s ** 4 + 0.07;
  const places: number[] = [];
  let next = 1;
  for (let s = 0; s < highest; s += 1e-5)
    if (phase(s) >= (next * Math.PI) / 2) {
      places.push(s);
      next++;
    }
  return places;
}

/** The demo as the start screen opens it. Its gain has tests of its own: that run is cancelled. */
async function openDemo(page: Page): Promise<SimulatedMovie> {
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  await expect(page.getByRole("contentinfo")).toContainText("Gain of demo_movie.mrcs", {
    timeout: 120_000,
  });
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  return createDemo();
}

/** A movie of the demo's making, with a third of its pixels, and its reference, as files. */
async function dropSmallDemo(page: Page, path: (name: string) => string): Promise<SimulatedMovie> {
  const movie = createSimulatedMovie({ ...DEMO_OPTIONS, width: 640, height: 576 });
  const { width, height, frames, pixelSizeA } = movie.options;
  const pixels = Array.from({ length: frames }, (_, i) => Uint16Array.from(movie.frame(i)));
  const header = { width, height, sampleType: "uint16", pixelSizeA } as const;
  writeFileSync(path("small_demo.mrcs"), await encodeMrc(pixels, header));
  const { values, ...size } = movie.reference();
  writeFileSync(
    path("small_reference.mrc"),
    await encodeMrc([values], { ...header, ...size, sampleType: "float32" }),
  );
  await drop(page, [path("small_demo.mrcs"), path("small_reference.mrc")]);
  // The reference lies turned and mirrored: its pose is searched first.
  await expect(page.getByRole("contentinfo")).toContainText(/Orientation of .* · [\d.]+ s/, {
    timeout: 120_000,
  });
  return movie;
}

for (const backend of ["cpu", "webgpu"])
  test(`the demo movie is aligned as it was made to move (${backend})`, async ({
    page,
  }, testInfo) => {
    test.setTimeout(600_000);
    await openPage(page, `?backend=${backend}`);
    const simulated =
      backend === "cpu"
        ? await openDemo(page)
        : await dropSmallDemo(page, (name) => testInfo.outputPath(name));
    await page.getByRole("button", { name: "Motion" }).click();
    await page.getByRole("button", { name: "Correct motion" }).first().click();
    await page.getByTestId("key-numbers").waitFor({ timeout: 300_000 });
    await pictureDrawn(page);

    const { motion } = simulated.truth;
    const truth = globalShifts(centreLocalMotion(motion));
    const { pixelSizeA, frames } = DEMO_OPTIONS;

    // Behind the plot of shifts: every frame within 0.06 px of the truth (0.012 px rms is expected).
    const shifts = await numbersOf(page, /Save or read: Shift of /);
    for (const [axis, known] of [
      ["x", truth.x],
      ["y", truth.y],
    ] as const) {
      const found = shifts.get(axis) ?? [];
      expect(found).toHaveLength(frames);
      found.forEach(({ y }, t) => {
        expect(Math.abs(y - known[t] * pixelSizeA)).toBeLessThan(0.06 * pixelSizeA);
      });
    }
    // Behind the steps: the path of the truth, frame by frame.
    const steps = (await numbersOf(page, /Save or read: Step from frame to frame/)).get("step");
    expect(steps).toHaveLength(frames - 1);
    steps?.forEach(({ y }, t) => {
      const step = Math.hypot(truth.x[t + 1] - truth.x[t], truth.y[t + 1] - truth.y[t]);
      expect(Math.abs(y - step * pixelSizeA)).toBeLessThan(0.12 * pixelSizeA);
    });
    const numbers = page.getByTestId("key-numbers").locator("dd");
    const local = Number((await numbers.nth(2).textContent())?.replace(/[^\d.]/g, ""));
    expect(Math.abs(local / localRms(motion) - 1)).toBeLessThan(0.1);

    // Behind the spectra: rings of the demo's own transfer, sharp after alignment and blurred before.
    const spectrum = await numbersOf(page, /Save or read: Mean of the power spectrum/);
    const places = transferPlaces(1 / 5);
    const at = (curve: string, s: number): number => {
      const points = spectrum.get(curve) ?? [];
      return points.reduce((best, p) => (Math.abs(p.x - s) < Math.abs(best.x - s) ? p : best)).y;
    };
    const after = spectrum.get("after") ?? [];
    let rings = 0;
    for (let n = 1; n + 2 < places.length; n += 2) {
      const [before, zero, extreme] = [places[n - 1], places[n], places[n + 1]];
      const depth = (curve: string): number => at(curve, extreme) - at(curve, zero);
      // Motion of 2.7 px blurs the rings by 2.5 to 4 dB; aligned, the weakest are still 6 dB deep.
      expect(depth("after")).toBeGreaterThan(5);
      expect(depth("after")).toBeGreaterThan(depth("before") + 2);
      const between = after.filter(({ x }) => x > before && x < extreme);
      const lowest = between.reduce((best, p) => (p.y < best.y ? p : best));
      // Rings of the spectrum are 1/(512 · 1.4 Å) = 0.0014/Å apart.
      expect(Math.abs(lowest.x - zero)).toBeLessThan(0.003);
      rings++;
    }
    expect(rings).toBe(9);
  });

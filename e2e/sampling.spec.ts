import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { nothingSerious } from "./axe.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

const folder = join(tmpdir(), `cryoloupe-sampling-${process.pid}`);

function tableOf(rows: number): string {
  return relionTable(defoci.slice(0, rows));
}

function write(name: string, content: string | Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A result of CTFFIND 4 for one micrograph. */
function ctffind(name: string, defocus: number): string {
  const numbers = [1, defocus, defocus - 150, 30, 0, 0.1, 4].map((n) => n.toFixed(6)).join(" ");
  return [
    "# Output from CTFFind version 4.1.14, run on 2026-01-01 10:00:00",
    `# Input file: ${name} ; Number of micrographs: 1`,
    "# Pixel size: 1.000 Angstroms ; acceleration voltage: 300.0 keV ; spherical aberration: 2.70 mm ; amplitude contrast: 0.07",
    `${numbers}\n`,
  ].join("\n");
}

const defoci = [...sessionDefoci(300, 12), -999, -999];
const text = relionTable(defoci);

test("a table is opened, sampled, narrowed, and saved in its own format", async ({ page }) => {
  const star = write("micrographs_ctf.star", text);
  await openPage(page, "?backend=cpu");
  await drop(page, [star]);
  await expect(page.getByText("25 of 300, evenly over defocus")).toBeVisible();
  await expect(page.getByText("2 failed fits left out (defocus −999)")).toBeVisible();

  // The same seed draws the same sample; another seed another one.
  const rows = page.getByRole("grid", { name: "Sampled micrographs" });
  const names = async (): Promise<string[]> =>
    await rows
      .getByRole("row")
      .evaluateAll((all) => all.slice(1).map((row) => row.getAttribute("title") ?? ""));
  const first = await names();
  await rows.getByRole("row").nth(1).click();
  await rows.getByRole("row").nth(1).getByRole("button", { name: /Lock/ }).click();
  await page.getByRole("button", { name: "Sample again" }).click();
  await expect(page.getByText("1 chosen one locked")).toBeVisible();
  const second = await names();
  expect(second).not.toEqual(first);
  expect(second).toContain(first[0]);
  await page.getByRole("textbox", { name: "Seed" }).fill("1");
  await expect(page.getByRole("textbox", { name: "Seed" })).toHaveValue("1");

  // The lasso leaves out what it surrounds.
  await page.getByRole("button", { name: "Lasso" }).click();
  const box = (await page.getByTestId("scatter").boundingBox())!;
  const corners = [
    [0.15, 0.5],
    [0.55, 0.5],
    [0.55, 0.88],
    [0.15, 0.88],
    [0.15, 0.5],
  ];
  for (const [i, [x, y]] of corners.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
  const taken = page.getByRole("button", { name: /Take back/ });
  await expect(taken).toBeVisible();
  const excluded = Number(/\d+/.exec((await taken.textContent())!)![0]);
  expect(excluded).toBeGreaterThan(10);
  await expect(page.getByText(`25 of ${300 - excluded}, evenly over defocus`)).toBeVisible();

  // An edge between bins moves by keyboard.
  const edge = page.getByRole("slider", { name: "Edge between bin 1 and 2" });
  const before = Number(await edge.getAttribute("aria-valuenow"));
  await edge.focus();
  await page.keyboard.press("ArrowRight");
  await expect(edge).toHaveAttribute("aria-valuenow", String(Number((before + 0.01).toFixed(3))));

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as STAR" }).click();
  const saved = readFileSync(await (await download).path(), "utf8");
  const kept = new Set(await names());
  const expected = text
    .split("\n")
    .filter((line) => !line.includes(".ctf:mrc") || kept.has(line.split(" ")[0]))
    .join("\n");
  expect(kept.size).toBeGreaterThan(5);
  // The grid shows the first rows only; every line of the export is a line of the input, in its order.
  const lines = saved.split("\n");
  expect(lines.filter((line) => line.includes(".ctf:mrc"))).toHaveLength(25);
  for (const line of expected.split("\n")) expect(lines).toContain(line);
  const places = lines
    .filter((line) => line.includes(".ctf:mrc"))
    .map((line) => text.split("\n").indexOf(line));
  expect(places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]))).toBe(true);

  await nothingSerious(page);
});

test("too few wait, and are sampled when the table has grown or on request", async ({ page }) => {
  await openPage(page, "?backend=cpu");
  await drop(page, [write("growing.star", relionTable(defoci.slice(0, 63)))]);
  await expect(page.getByRole("main").getByText("63 of 100 arrived")).toBeVisible();
  await drop(page, [write("growing.star", relionTable(defoci.slice(0, 140)))]);
  await expect(page.getByText("25 of 140, evenly over defocus")).toBeVisible();
  // What comes later does not change the sample by itself.
  await drop(page, [write("growing.star", relionTable(defoci.slice(0, 200)))]);
  await expect(page.getByText("60 estimates arrived since")).toBeVisible();
  await page.getByRole("button", { name: "Sample again" }).click();
  await expect(page.getByText("25 of 200, evenly over defocus")).toBeVisible();
});

test("a CSV table asks what its columns mean", async ({ page }) => {
  const lines = sessionDefoci(40, 3).map((u, i) => `m${i},${(u / 10).toFixed(1)}`);
  await openPage(page, "?backend=cpu");
  await drop(page, [write("table.csv", ["id,value", ...lines].join("\n"))]);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("unit of the defocus");
  await dialog.getByRole("combobox", { name: "Unit of the defocus" }).click();
  await page.getByRole("option", { name: "nm" }).click();
  await dialog.getByRole("button", { name: "Read the table" }).click();
  await page.getByRole("main").getByRole("button", { name: "Sample now" }).click();
  await expect(page.getByText("25 of 40, evenly over defocus")).toBeVisible();
});

test("sampled micrographs are clicked through in the viewer", async ({ page }) => {
  const star = write("few_ctf.star", relionTable(defoci.slice(0, 3)));
  const pictures: string[] = [];
  for (const name of ["mic_00001.mrc", "mic_00001.ctf", "mic_00002.mrc"]) {
    const frame = Float32Array.from({ length: 96 * 80 }, (_, i) => Math.sin(i * 0.37) + (i % 97));
    const bytes = await encodeMrc([frame], {
      width: 96,
      height: 80,
      sampleType: "float32",
      pixelSizeA: 1,
    });
    pictures.push(write(name, bytes));
  }
  await openPage(page, "?backend=cpu");
  await drop(page, [...pictures, star]);
  await page.getByRole("main").getByRole("button", { name: "Sample now" }).click();
  const rows = page.getByRole("grid", { name: "Sampled micrographs" });
  await rows.getByRole("row", { name: /mic_00001/ }).dblclick();
  await expect(page.getByText("1 of 3 sampled")).toBeVisible();
  await pictureDrawn(page);
  await expect(page.getByRole("img", { name: /^Power spectrum of/ })).toBeVisible();
  await expect(page.getByText("Power spectrum of the CTF fit")).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(
    page.getByRole("img", { name: "Micrograph MotionCorr/job002/mic_00002.mrc" }),
  ).toBeVisible();
  // No spectrum of this one is open: it is computed from the micrograph.
  await expect(
    page.getByRole("img", { name: "Power spectrum of MotionCorr/job002/mic_00002.mrc" }),
  ).toBeVisible();
  await expect(page.getByText(/Power spectrum, computed here/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: "Defocus" })).toBeVisible();
});

test("a watched table grows by itself, and sampled micrographs are copied into a folder", async ({
  page,
}) => {
  // The browser's private file system stands for the dialogs' answers: its handles are the real kind.
  await page.addInitScript(() => {
    const root = navigator.storage.getDirectory();
    Object.assign(window, {
      showOpenFilePicker: async () => [await (await root).getFileHandle("watched.star")],
      showDirectoryPicker: async () =>
        await (await root).getDirectoryHandle("copies", { create: true }),
    });
  });
  await openPage(page, "?backend=cpu");
  const put = async (content: string): Promise<void> =>
    await page.evaluate(async (written) => {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle("watched.star", { create: true });
      const stream = await handle.createWritable();
      await stream.write(written);
      await stream.close();
    }, content);
  await put(tableOf(40));
  const frame = new Float32Array(64 * 64).map((_, i) => i % 31);
  const size = { width: 64, height: 64, sampleType: "float32", pixelSizeA: 1 } as const;
  await drop(page, [write("mic_00001.mrc", await encodeMrc([frame], size))]);
  await page.getByRole("button", { name: "Sampling" }).click();
  await page.getByRole("button", { name: "Watch" }).click();
  await page.getByRole("menuitem", { name: "A table that grows" }).click();
  await expect(page.getByRole("main").getByText("40 of 100 arrived")).toBeVisible();
  await put(tableOf(120));
  await expect(page.getByText("25 of 120, evenly over defocus")).toBeVisible();
  await page.getByRole("button", { name: "Stop watching watched.star" }).click();

  await page.getByRole("textbox", { name: "Micrographs to pick" }).fill("120");
  await expect(page.getByText("120 of 120, all there are")).toBeVisible();
  await page.getByRole("button", { name: "More ways to save" }).click();
  await page.getByRole("menuitem", { name: "Copy 1 micrograph into a folder" }).click();
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const copies = await root.getDirectoryHandle("copies", { create: true });
        const names: string[] = [];
        for await (const [name, entry] of copies.entries())
          names.push(`${name} ${entry.kind === "file" ? (await entry.getFile()).size : ""}`);
        return names;
      }),
    )
    .toEqual([`mic_00001.mrc ${1024 + 64 * 64 * 4}`]);
});

test("a folder of one table for each micrograph is watched until the user closes it", async ({
  page,
}) => {
  await page.addInitScript(() => {
    const root = navigator.storage.getDirectory();
    Object.assign(window, {
      showDirectoryPicker: async () =>
        await (await root).getDirectoryHandle("session", { create: true }),
    });
  });
  await openPage(page, "?backend=cpu");
  const put = async (from: number, to: number): Promise<void> =>
    await page.evaluate(
      async (files) => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("session", { create: true });
        for (const [name, content] of files) {
          const handle = await folder.getFileHandle(name, { create: true });
          const stream = await handle.createWritable();
          await stream.write(content);
          await stream.close();
        }
      },
      Array.from({ length: to - from }, (_, i) => {
        const n = from + i;
        return [`mic_${n}_ctf.txt`, ctffind(`mic_${n}.mrc`, defoci[n])] as const;
      }),
    );
  await put(0, 30);
  const frame = new Float32Array(64 * 64).map((_, i) => i % 31);
  const size = { width: 64, height: 64, sampleType: "float32", pixelSizeA: 1 } as const;
  await drop(page, [write("mic_1.mrc", await encodeMrc([frame], size))]);
  await page.getByRole("button", { name: "Sampling" }).click();
  await page.getByRole("button", { name: "Watch" }).click();
  await page.getByRole("menuitem", { name: "A folder that tables come into" }).click();
  const main = page.getByRole("main");
  await expect(main.getByText("30 of 100 arrived")).toBeVisible();
  // What has come is shown while more is waited for.
  await expect(page.getByRole("region", { name: "Defocus" })).toContainText("all 30");
  await put(30, 55);
  await expect(main.getByText("55 of 100 arrived")).toBeVisible();
  await page.getByRole("button", { name: "Stop watching session" }).click();
  await expect(page.getByText("25 of 55, evenly over defocus")).toBeVisible();
  await expect(page.getByText(/Fewer estimates than the 100|25 of 55/).first()).toBeVisible();
});

test("options are taken back step by step", async ({ page }) => {
  await openPage(page, "?backend=cpu");
  await drop(page, [write("undo_ctf.star", text)]);
  const verdict = (sentence: string) => expect(page.getByText(sentence)).toBeVisible();
  await verdict("25 of 300, evenly over defocus");
  const undo = page.getByRole("button", { name: "Undo", exact: true });
  await expect(undo).toBeDisabled();
  await page.getByRole("textbox", { name: "Micrographs to pick" }).fill("40");
  await verdict("40 of 300, evenly over defocus");
  await page.getByRole("radiogroup", { name: "Range" }).getByText("All").click();
  const rows = page.getByRole("grid", { name: "Sampled micrographs" });
  await rows.getByRole("row").nth(1).hover();
  await rows.getByRole("row").nth(1).getByRole("button", { name: "Leave out" }).click();
  await verdict("40 of 299, evenly over defocus");
  await page.getByRole("heading", { name: "Sampling" }).click();
  await page.keyboard.press("Control+z");
  await verdict("40 of 300, evenly over defocus");
  await page.keyboard.press("Control+z");
  await undo.click();
  await verdict("25 of 300, evenly over defocus");
  await expect(undo).toBeDisabled();
});

test("10 000 estimates stay fluid: bins, limits, table and plots", async ({ page }) => {
  test.setTimeout(180_000);
  const many = sessionDefoci(10_000, 7);
  await openPage(page, "?backend=cpu");
  await drop(page, [write("many_ctf.star", relionTable(many))]);
  const sampled = page.getByText(/of 10.000, evenly over defocus/);
  await expect(sampled).toBeVisible();
  const cdp = await page.context().newCDPSession(page);
  // Processor time of the page's thread: what other processes do at the same time does not count.
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async (): Promise<number> => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
  };
  const perAction = async (times: number, act: () => Promise<unknown>): Promise<number> => {
    await act();
    const before = await busy();
    for (let i = 0; i < times; i++) await act();
    return ((await busy()) - before) / times;
  };
  const frame = (): Promise<unknown> =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
  const key = (name: string) => async (): Promise<void> => {
    await page.keyboard.press(name);
    await frame();
  };

  await page.getByRole("slider", { name: "Edge between bin 3 and 4" }).focus();
  const edge = await perAction(12, key("ArrowRight"));
  await page.getByRole("slider", { name: "Resolution" }).focus();
  const limit = await perAction(12, key("ArrowLeft"));
  await page.getByText("All", { exact: true }).first().click();
  const rows = page.getByRole("grid", { name: "All estimates" });
  await rows.focus();
  const scroll = await perAction(20, key("PageDown"));
  const again = page.getByRole("button", { name: "Sample again" });
  const draw = await perAction(6, async () => {
    await again.click();
    await frame();
  });
  const description = JSON.stringify({ edge, limit, scroll, draw });
  test.info().annotations.push({ type: "ms of the page's thread", description });
  // A frame at ten a second is the least that feels direct.
  expect(Math.max(edge, limit, scroll, draw)).toBeLessThan(100);
});

import { describe, expect, it } from "vitest";
import { unzlibSync } from "fflate";
import { RESIDUAL_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import { DEFAULT_RUN_PLAN } from "#src/domain/records/runPlan.ts";
import { REPORT_PARTS, REPORT_PART_TITLES } from "#src/domain/records/sessionReport.ts";
import type { SessionReportData } from "#src/domain/records/sessionReport.ts";
import { overviewRow } from "#src/math/movieState.ts";
import { simulateSession } from "#src/simulation/simulatedSession.ts";
import { greyPng } from "../png/greyPng.ts";
import { dateTime, number } from "./html.ts";
import { methodsText } from "./methods.ts";
import { reportMethods, sessionReportHtml } from "./sessionReport.ts";

const KEYS = { gain: "g", motion: "m", preprocess: "p" };

function data(count: number, change: Partial<SessionReportData> = {}): SessionReportData {
  const rows = simulateSession(
    count,
    3,
    { step: { at: Math.round(0.6 * count), by: 0.006 }, dip: null, jumps: 0.02, failEvery: 50 },
    KEYS,
  ).map((record, i) =>
    overviewRow(record, {
      order: i + 1,
      plan: { ...DEFAULT_RUN_PLAN, movieStep: 1 },
      thresholds: RESIDUAL_THRESHOLDS,
      keys: KEYS,
      running: null,
    }),
  );
  return {
    name: 'Weekend <b> & "grid"',
    at: Date.UTC(2024, 4, 18, 6, 30),
    zone: -120,
    simulated: true,
    rows,
    thresholds: RESIDUAL_THRESHOLDS,
    acquisition: {
      format: "MRC",
      width: 4096,
      height: 4096,
      frames: 40,
      pixelSizeA: 0.94,
      dosePerFrame: 1.1,
      voltageKv: 300,
    },
    gain: null,
    sampling: null,
    pictures: [],
    parameters: [{ step: "motion", pairs: [["Largest shift", "50 Å"]] }],
    provenance: {
      version: "0.1.0",
      backend: "cpu",
      device: "2 cores",
      host: "test",
      inputs: [{ name: "a.mrc", bytes: 1234, sha256: "ab" }],
      seconds: { motion: 75 },
    },
    methods: {
      gainMethod: "sme",
      oriented: true,
      aligned: true,
      gainApplied: { source: "reference", text: "reference cal.mrc, as stored" },
      localMotion: true,
      doseWeighted: false,
      flexalignParity: false,
      preprocessed: [],
      sampled: false,
    },
    leaveOut: [],
    ...change,
  };
}

describe("sessionReportHtml", () => {
  it("holds every part, in order, and the numbers of the session", () => {
    const html = sessionReportHtml(data(200));
    const at = REPORT_PARTS.map((part) => html.indexOf(`<h2>${REPORT_PART_TITLES[part]}</h2>`));
    expect(at.every((place, i) => place > (at[i - 1] ?? 0))).toBe(true);
    expect(html).toContain("<b>200</b><span>movies</span>");
    expect(html).toContain("<b>4</b><span>failed</span>");
    expect(html).toContain("40 frames of 4\u202f096 × 4\u202f096 px");
    expect(html).toContain("1.10 e⁻/Å² a frame, 44.0 in all");
    expect(html).toContain("Report of 2024-05-18 08:30");
    expect(html).toMatch(/The estimated gain changed at 1[12]\d of 200/);
  });

  it("is self-contained and well formed, and escapes names", () => {
    const html = sessionReportHtml(data(60));
    expect(html).not.toMatch(/<script|https?:|src="(?!data:)|@import|url\(/);
    expect(html).toContain("<h1>Weekend &lt;b&gt; &amp; &quot;grid&quot;</h1>");
    expect(html).not.toContain("NaN");
    expect(html).not.toContain("undefined");
    // Every element that is opened is closed, inner before outer.
    const open: string[] = [];
    const void_ = new Set(["meta", "img", "path", "circle", "!doctype"]);
    for (const [, closing, tag, self] of html.matchAll(/<(\/?)([a-z!][a-z0-9]*)[^>]*?(\/?)>/gi)) {
      const name = tag.toLowerCase();
      if (void_.has(name) || self === "/") continue;
      if (closing === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it("says where there are no results, and leaves out what is not wanted", () => {
    const empty = sessionReportHtml(data(0));
    for (const sentence of [
      "No gain was estimated in this session.",
      "Fewer than three movies have numbers to compare.",
      "No movie was aligned in this session",
      "No pictures were kept.",
      "No sample was drawn in this session.",
    ])
      expect(empty).toContain(sentence);
    const short = sessionReportHtml(data(20, { leaveOut: ["parameters", "provenance"] }));
    expect(short).not.toContain("Largest shift");
    expect(short).not.toContain("a.mrc");
    expect(short).toContain(REPORT_PART_TITLES.methods);
  });

  it("gives the same page for the same data", () => {
    expect(sessionReportHtml(data(40))).toBe(sessionReportHtml(data(40)));
  });

  it("stays small for thousands of movies", () => {
    expect(sessionReportHtml(data(3000)).length).toBeLessThan(1_000_000);
  });

  it("prints a sample with its bins and seed", () => {
    const html = sessionReportHtml(
      data(20, {
        sampling: {
          table: "ctf.star",
          summary: "25 of 300, evenly over defocus.",
          seed: 7,
          bins: [
            { from: 8000, to: 16000, population: 200, selected: 13 },
            { from: 16000, to: 24000, population: 100, selected: 12 },
          ],
        },
      }),
    );
    expect(html).toContain("25 of 300, evenly over defocus.");
    expect(html).toContain("<td>7</td>");
    expect(html).toContain("defocus, µm");
  });
});

describe("methodsText", () => {
  const program = {
    ...{ version: "0.1.0", backend: "webgpu", movies: 24, of: 24 },
    ...{ dosePerFrame: 1.2, voltageKv: 300 },
  };
  const nothing = data(0).methods;

  it("names only the papers of the steps that were run", () => {
    const all = methodsText({ ...nothing, doseWeighted: true, sampled: true }, program);
    expect(all.references.map((line) => line.slice(0, 6))).toEqual(["Grant,", "Sorzan", "Střelá"]);
    expect(all.text).toContain("(Sorzano et al., 2018)");
    expect(all.text).toContain("(Střelák et al., 2020)");
    const gainOnly = methodsText({ ...nothing, aligned: false, oriented: false }, program);
    expect(gainOnly.references).toHaveLength(1);
    expect(gainOnly.text).not.toContain("motion");
    const none = methodsText(
      { ...nothing, gainMethod: null, aligned: false, oriented: false },
      program,
    );
    expect(none.references).toEqual([]);
  });
});

it("names inputs of the same content, which may be one movie twice", () => {
  const told = data(3);
  const inputs = ["x", "y", "x", "z"].map((sha256, i) => ({ name: `m${i}.mrc`, bytes: 9, sha256 }));
  const html = (some: typeof inputs): string =>
    sessionReportHtml({ ...told, provenance: { ...told.provenance, inputs: some } });
  expect(html(inputs)).toContain("m0.mrc = m2.mrc<");
  expect(html(inputs.slice(1))).not.toContain("Same content");
});

describe("the methods of a session", () => {
  it("are those of the movies that were worked on, with the gain and the exposure that were applied", () => {
    const told = data(3);
    const rows = told.rows.map((row, i) =>
      i === 1 ? { ...row, failure: { step: "reading" as const, text: "It is cut off." } } : row,
    );
    const methods = { ...told.methods, doseWeighted: true };
    const acquisition = { ...told.acquisition, dosePerFrame: 1.25, voltageKv: 200 };
    const { text } = reportMethods({ ...told, rows, methods, acquisition });
    expect(text).toContain("Movies (2 of 3) were processed");
    expect(text).toContain("multiplied by the gain (reference cal.mrc, as stored).");
    expect(text).toContain("(1.25 e⁻/Å² a frame at 200 kV; Grant and Grigorieff, 2015)");
    const none = { ...methods, gainApplied: { source: "none" as const, text: "none: …" } };
    expect(reportMethods({ ...told, methods: none }).text).toContain(
      "Frames were not corrected for gain.",
    );
  });

  it("tells movies of one name apart by their folders", () => {
    const told = data(3);
    const rows = told.rows.map((row, i) => ({
      ...row,
      ...(i < 2 ? { name: "a.mrc", path: `grid${i + 1}/a.mrc` } : {}),
      flags: ["cut off"],
    }));
    const html = sessionReportHtml({ ...told, rows });
    expect(html).toContain('<td class="name">grid2/a.mrc</td>');
    expect(html).toContain(`<td class="name">${rows[2].name}</td>`);
  });
});

describe("greyPng", () => {
  it("holds the pixels row by row behind a header with the right check sums", () => {
    const grey = Uint8Array.from({ length: 7 * 5 }, (_, i) => (i * 37) % 256);
    const png = greyPng(7, 5, grey);
    const view = new DataView(png.buffer);
    expect([...png.subarray(1, 4)].map((c) => String.fromCharCode(c)).join("")).toBe("PNG");
    expect([view.getUint32(16), view.getUint32(20)]).toEqual([7, 5]);
    const length = view.getUint32(33);
    const rows = unzlibSync(png.subarray(41, 41 + length));
    expect(rows).toHaveLength(5 * 8);
    for (let y = 0; y < 5; y++) {
      expect(rows[y * 8]).toBe(0);
      expect([...rows.subarray(y * 8 + 1, y * 8 + 8)]).toEqual([
        ...grey.subarray(y * 7, y * 7 + 7),
      ]);
    }
    // The check sum of an empty IEND chunk is the same in every PNG file.
    expect(view.getUint32(png.length - 4)).toBe(0xae426082);
  });
});

describe("numbers", () => {
  it("writes thin spaces, true minus and local time", () => {
    expect(number(-1234.56, 1)).toBe("−1\u202f234.6");
    expect(number(-0.001, 2)).toBe("0.00");
    expect(number(Number.NaN, 2)).toBe("–");
    expect(dateTime(Date.UTC(2024, 0, 1, 23, 30), -60)).toBe("2024-01-02 00:30");
  });
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedPath } from "#src/testing/sharedData.ts";
import { writeXmd } from "../xmd/writeXmd.ts";
import { parseXmd, splitXmippImageName } from "../xmd/parseXmd.ts";
import { parseStar, splitStarLine } from "./parseStar.ts";
import { findTable, listValue, makeTable, numberColumn, textColumn } from "./starTable.ts";
import { quoteStarValue, writeStar } from "./writeStar.ts";

const example = [
  "",
  "# version 30001",
  "",
  "data_general",
  "",
  "_rlnImageSizeX                                     3710",
  '_rlnMicrographMovieName                    "Movies/my movie.tiff"',
  "_rlnVoltage                                  200.000000  # kV",
  " ",
  "",
  "# version 30001",
  "data_global_shift",
  "loop_ ",
  "_rlnMicrographFrameNumber #1 ",
  "_rlnMicrographShiftX #2 ",
  "           1     0.000000 ",
  "           2    -5.68398e-04 ",
  "",
].join("\r\n");

describe("parseStar", () => {
  it("reads lists and loops of several blocks", () => {
    const star = parseStar(example, "a.star");
    expect(star.flavour).toBe("relion");
    const general = findTable(star, "general")!;
    expect(general.form).toBe("list");
    expect(listValue(general, "_rlnMicrographMovieName")).toBe("Movies/my movie.tiff");
    expect(numberColumn(general, "rlnVoltage")).toEqual([200]);
    const shifts = findTable(star, "global_shift")!;
    expect(numberColumn(shifts, "rlnMicrographShiftX")).toEqual([0, -5.68398e-4]);
    expect(shifts.comments).toEqual(["version 30001"]);
  });

  it("reads an unnamed block, rows over two lines, text between semicolons and an empty loop", () => {
    const star = parseStar(
      "data_\nloop_\n_a\n_b\n1\n2\n3 4\ndata_text\n_note\n;two\nlines\n;\ndata_none\nloop_\n_c #1\n",
      "b.star",
    );
    expect(star.tables.map((t) => t.name)).toEqual(["", "text", "none"]);
    expect(star.tables[0].rows).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
    expect(listValue(star.tables[1], "note")).toBe("two\nlines");
    expect(star.tables[2].rows).toEqual([]);
  });

  it("ends a quoted value only before a blank", () => {
    expect(splitStarLine(`'it's' "a b" '' x#1 # rest`)).toEqual(["it's", "a b", "", "x#1"]);
  });

  it("says where a table breaks", () => {
    expect(() => parseStar("data_a\nloop_\n_x\n_y\n1 2 3\n", "c.star")).toThrow(
      "line 5: 2 values were expected, 3 were found",
    );
    expect(() => parseStar("data_a\nloop_\n_x\n_y\n1 2\n3\n", "c.star")).toThrow("line 6");
    expect(() => parseStar("hello", "c.star")).toThrow("before the first data_ block");
    expect(() => parseStar("", "c.star")).toThrow("no data_ block");
    expect(() => parseStar("data_a\n_x\n", "c.star")).toThrow("has no value");
  });
});

describe("writers", () => {
  it("quotes a value by the sign that is not in it, since Xmipp ends it there", () => {
    expect(quoteStarValue("it's a movie", "'")).toBe(`"it's a movie"`);
    expect(quoteStarValue(`a "b c`, '"')).toBe(`'a "b c'`);
    expect(quoteStarValue(`it's "a b`, "'")).toBe(`'it's "a b'`);
  });
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.string({ maxLength: 12 }).filter((s) => !/[\r\n]/.test(s) && s === s.trim()),
    fc.constantFrom("", "_x", "data_y", "loop_", "#1", "a'b", 'c"d e', "it's here"),
  );
  const usable = (v: string): boolean => !(/'(?=\s|$)/.test(v) && /"(?=\s|$)/.test(v));

  it("round-trip any values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value.filter(usable), value.filter(usable)), { maxLength: 5 }),
        fc.constantFrom("loop" as const, "list" as const),
        (rows, form) => {
          const kept = form === "list" ? [rows[0] ?? ["1", "2"]] : rows;
          const table = makeTable("block", form, ["rlnA", "rlnB"], kept);
          for (const text of [writeStar([table, table]), writeXmd([table, table])]) {
            const back = parseStar(text, "x.star");
            expect(back.tables.length).toBe(2);
            expect(back.tables[1].rows).toEqual(kept);
            expect(back.tables[1].labels).toEqual(table.labels);
            expect(back.tables[1].form).toBe(form);
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it("splits Xmipp's image names", () => {
    expect(splitXmippImageName("000012@dir/a@b.mrcs")).toEqual({ index: 12, file: "dir/a@b.mrcs" });
    expect(splitXmippImageName("a.mrc")).toEqual({ index: null, file: "a.mrc" });
  });
});

const movieStar = sharedPath("data/motion/relion5_movie_00028.star");
const jobStar = sharedPath("data/motion/relion31_corrected_micrographs.star");
const xmd = sharedPath("reference/align/xmipp_global_30A.xmd");

describe.skipIf(movieStar === null || jobStar === null || xmd === null)("files of others", () => {
  it("are read, and survive a round trip", () => {
    for (const path of [movieStar!, jobStar!, xmd!]) {
      const star = parseStar(readFileSync(path, "utf8"), path);
      const again = parseStar(writeStar(star.tables), path);
      expect(again.tables.map((t) => t.rows)).toEqual(star.tables.map((t) => t.rows));
    }
    const movie = parseStar(readFileSync(movieStar!, "utf8"), "movie");
    expect(findTable(movie, "local_motion_model")!.rows.length).toBe(36);
    expect(numberColumn(findTable(movie, "global_shift")!, "rlnMicrographShiftX")![23]).toBeCloseTo(
      7.70391,
      6,
    );
    const frames = findTable(parseXmd(readFileSync(xmd!, "utf8"), "xmd"), "frameShifts")!;
    expect(textColumn(frames, "image")![11]).toBe("000012@movie.mrcs");
    expect(numberColumn(frames, "shiftX")![0]).toBeCloseTo(-2.103367, 6);
  });
});

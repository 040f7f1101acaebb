import { describe, expect, it } from "vitest";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { FolderNews, ListedMovie, MovieFailure } from "./movieFolder.ts";
import { createMovieList } from "./movieList.ts";

const header: MovieHeader = {
  ...{ format: "mrc", width: 8, height: 8, frames: 3, pixelType: "uint16" },
  ...{ pixelSizeA: null, pixelSizeSource: null, dosePerFrame: null, unitsPerElectron: null },
  ...{ warnings: [], fields: [] },
};
const movie = (name: string, size = 100): ListedMovie => ({
  ...{ id: `${name}/${size}/0`, path: `run/${name}`, size, modified: 0, header },
});
const failure = (name: string): MovieFailure => ({
  ...{ code: "truncated-file", message: `${name} is cut off.`, movie: name, id: `${name}/7/0` },
  path: `run/${name}`,
});
const news = (part: Partial<FolderNews>): FolderNews => ({
  ...{ movies: [], failures: [], skipped: [] },
  ...part,
});
const list = () =>
  createMovieList({
    nameOf: (path) => path.replace(/^run\//, ""),
    baseOf: (id) => id.split("/").at(-3) ?? "",
    movieStep: 2,
  });
const names = (found: ReturnType<typeof list>): string[] =>
  found.turns().map((turn) => turn.movie.id);

describe("the movies of a folder", () => {
  it("puts a file that was written anew in the place of its older self", () => {
    const found = list();
    const [, , third] = found.take(
      news({ movies: [movie("a.mrcs"), movie("b.mrcs"), movie("c.mrcs")] }),
    );
    const [again] = found.take(news({ movies: [movie("c.mrcs", 200)] }));
    expect(names(found)).toEqual(["a.mrcs/100/0", "b.mrcs/100/0", "c.mrcs/200/0"]);
    expect([third.lookAtGain, again.lookAtGain]).toEqual([true, true]);
    expect([found.isCurrent(third), found.isCurrent(again)]).toEqual([false, true]);
    found.take(news({ movies: [movie("a.mrcs", 300)] }));
    expect(names(found)).toEqual(["a.mrcs/300/0", "b.mrcs/100/0", "c.mrcs/200/0"]);
  });

  it("forgets that a file could not be read once it can, and the other way round", () => {
    const found = list();
    found.take(news({ failures: [failure("a.mrcs"), failure("b.mrcs")] }));
    found.take(news({ failures: [failure("b.mrcs")] }));
    expect(found.unreadable().map((f) => f.movie)).toEqual(["a.mrcs", "b.mrcs"]);
    found.take(news({ movies: [movie("a.mrcs")] }));
    expect(found.unreadable().map((f) => f.movie)).toEqual(["b.mrcs"]);
    found.take(news({ failures: [failure("a.mrcs")] }));
    expect(names(found)).toEqual([]);
    expect(found.unreadable().map((f) => f.movie)).toEqual(["b.mrcs", "a.mrcs"]);
  });

  it("knows a file of one frame as a movie when it has grown", () => {
    const found = list();
    found.take(news({ skipped: ["a.mrcs", "gain.mrc"] }));
    found.take(news({ movies: [movie("a.mrcs")] }));
    expect(found.skipped()).toEqual(["gain.mrc"]);
    expect(names(found)).toEqual(["a.mrcs/100/0"]);
  });
});

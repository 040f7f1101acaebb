import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { outliveReaders } from "./commandLine.ts";

it("goes on when nobody reads what is printed any more", () => {
  const pipe = new PassThrough();
  const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  expect(() => pipe.emit("error", gone)).toThrow("EPIPE");
  outliveReaders([pipe]);
  expect(() => pipe.emit("error", gone)).not.toThrow();
});

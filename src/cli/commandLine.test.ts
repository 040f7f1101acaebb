import { PassThrough } from "node:stream";
import { expect, it, vi } from "vitest";
import { outliveReaders, runCommandLine } from "./commandLine.ts";
import { commands } from "./commands.ts";

it("goes on when nobody reads what is printed any more", () => {
  const pipe = new PassThrough();
  const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  expect(() => pipe.emit("error", gone)).toThrow("EPIPE");
  outliveReaders([pipe]);
  expect(() => pipe.emit("error", gone)).not.toThrow();
});

it("lists every command in one line, and names what computes where something does", async () => {
  let text = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await runCommandLine(["--help"])).toBe(0);
    const list = text.split("\n");
    for (const { name, summary } of commands)
      expect(list.filter((line) => line === `  ${name.padEnd(12)} ${summary}`)).toHaveLength(1);
    for (const { name, computes } of commands) {
      text = "";
      expect(await runCommandLine([name, "--help"])).toBe(0);
      expect(text.includes("--backend auto|webgpu|cpu"), name).toBe(computes);
    }
  } finally {
    write.mockRestore();
  }
});

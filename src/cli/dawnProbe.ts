import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { CryoloupeError } from "#src/domain/errors.ts";

/** Milliseconds that drivers are given to answer. */
const PATIENCE = 20_000;

/** Asks for an adapter and says whether there is one; `process.argv[1]` is the address of Dawn. */
const PROGRAM = `
const { create, globals } = await import(process.argv[1]);
Object.assign(globalThis, globals);
const adapter = await create([]).requestAdapter({ powerPreference: "high-performance" });
process.stdout.write(adapter === null ? "none" : "adapter");
process.exit(0);
`;

/**
 * Drivers look for a display's folder and complain on standard error where there is none (batch jobs,
 * services); they need none to compute.
 */
export function quietDrivers(): void {
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

/** The last line of what drivers said that tells something, without their prefix. */
function reasonIn(complaints: string): string {
  const lines = complaints
    .split("\n")
    .map((line) => line.replace(/^(Warning|Error|error):\s*/, "").trim())
    .filter((line) => line !== "" && !/^(-|at )/.test(line));
  return lines.at(-1) ?? "";
}

/**
 * Looks for a WebGPU adapter in a process of its own, so that drivers which complain or crash do neither in
 * this one. Throws `no-webgpu` with their reason where none answers.
 * @param dawn address of the module "webgpu"
 */
export async function probeDawn(dawn: string): Promise<void> {
  const { answer, complaints } = await new Promise<{ answer: string; complaints: string }>(
    (resolve) => {
      execFile(
        process.execPath,
        ["--input-type=module", "-e", PROGRAM, dawn],
        { timeout: PATIENCE, encoding: "utf8" },
        (error, stdout, stderr) =>
          resolve({
            answer: error === null ? stdout : "failed",
            complaints: error === null ? stderr : "",
          }),
      );
    },
  );
  if (answer === "adapter") return;
  const reason = reasonIn(complaints);
  throw new CryoloupeError(
    "no-webgpu",
    answer === "none"
      ? `No graphics adapter answers${reason === "" ? "" : ` (the driver says: ${reason.replace(/\.$/, "")})`}.`
      : "The graphics drivers of this machine do not start.",
  );
}

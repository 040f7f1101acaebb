import { describe, expect, it } from "vitest";
import { CryoloupeError } from "#src/domain/errors.ts";
import { probeDawn } from "./dawnProbe.ts";

/** The address of a module that stands for Dawn, with this body of `requestAdapter`. */
function dawn(body: string): string {
  const code = `export const globals = {};
    export const create = () => ({ requestAdapter: async () => { ${body} } });`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

async function refusal(address: string): Promise<string> {
  const error = await probeDawn(address).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(CryoloupeError);
  expect((error as CryoloupeError).code).toBe("no-webgpu");
  return (error as CryoloupeError).message;
}

describe("the look for an adapter", () => {
  it("is content with one, whatever drivers say", async () => {
    await probeDawn(dawn(`console.error("Warning: this driver is old."); return {};`));
  });

  it("tells why there is none, in the driver's own words", async () => {
    const complaint = "Warning: Something is required.\\n - While starting\\n    at File:1\\n\\n";
    const message = await refusal(
      dawn(`process.stderr.write("error: no folder.\\n${complaint}"); return null;`),
    );
    expect(message).toBe("No graphics adapter answers (the driver says: Something is required).");
    expect(await refusal(dawn("return null;"))).toBe("No graphics adapter answers.");
  });

  it("survives drivers that crash, and a module that does not load", async () => {
    expect(await refusal(dawn(`process.kill(process.pid, "SIGKILL");`))).toContain("do not start");
    expect(await refusal("file:///no/such/module.js")).toContain("do not start");
  });
});

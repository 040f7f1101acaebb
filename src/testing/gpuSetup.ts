import { afterAll } from "vitest";
import { create, globals } from "webgpu";

// webgpu-utils names Float16Array at import; Node 20 has none.
(globalThis as { Float16Array?: unknown }).Float16Array ??= class Float16Array {};
Object.assign(globalThis, globals);

/** The WebGPU entry of Dawn on whatever adapter the environment offers; dropped at the end. */
let entry: GPU | undefined = create([]);
Object.defineProperty(globalThis, "testGpu", { get: () => entry, configurable: true });

afterAll(() => {
  entry = undefined;
});

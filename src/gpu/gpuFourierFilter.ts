import { filterImage } from "#src/math/preprocess/runStages.ts";
import type { PreprocessStage } from "#src/math/preprocess/plan.ts";
import { createRealTransform } from "#src/math/preprocess/realTransform.ts";
import type { GpuContext } from "./device.ts";
import { readFloats } from "./readback.ts";

/** Downsampling and filters in one transform; returns a new buffer. The transform runs on the host. */
export async function filterOnDevice(
  gpu: GpuContext,
  pixels: GPUBuffer,
  stage: Omit<PreprocessStage & { readonly kind: "fourier" }, "kind">,
): Promise<GPUBuffer> {
  const { from, to } = stage;
  const host = await readFloats(gpu, pixels, from.width * from.height);
  const filtered = filterImage(host, stage, createRealTransform());
  const out = await gpu.buffers.acquire(4 * to.width * to.height, "filtered micrograph");
  gpu.upload(out, filtered);
  return out;
}

import "./float16.ts";
import { makeShaderDataDefinitions, makeStructuredView } from "webgpu-utils";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "./device.ts";
import type { ShaderSource } from "./pipelineCache.ts";

/** Workgroups along one dimension that every device allows. */
const MAX_GROUPS = 65535;

export interface Dispatch {
  /** Members of the shader's uniform struct, by name. Absent = the shader has none. */
  readonly uniforms?: Readonly<Record<string, number | readonly number[]>>;
  /** Storage buffers by the shader's variable names; all of them. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** Workgroups: x, y, z. */
  readonly groups: readonly [number, number, number];
}

/** A shader that is ready to run. Bindings and the uniform's layout come from its own text. */
export interface Kernel {
  readonly label: string;
  encode(encoder: GPUCommandEncoder, dispatch: Dispatch): void;
}

/**
 * Workgroups for a one-dimensional range as a 2-D grid: shaders compute their index as
 * `(group.y * numGroups.x + group.x) * workgroupSize + local`.
 */
export function gridOf(groups: number): readonly [number, number, number] {
  if (groups <= MAX_GROUPS) return [Math.max(1, groups), 1, 1];
  const y = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / y), y, 1];
}

/** Compiles a shader (once for each device) and reads its bindings from its text. */
export async function createKernel(gpu: GpuContext, shader: ShaderSource): Promise<Kernel> {
  const pipeline = await gpu.pipelines.get(shader);
  const definitions = makeShaderDataDefinitions(shader.code);
  const uniform = Object.values(definitions.uniforms).at(0);
  const storages = Object.entries(definitions.storages);
  const layout = pipeline.getBindGroupLayout(0);
  const view = uniform === undefined ? null : makeStructuredView(uniform);

  return {
    label: shader.label,
    encode: (encoder, { uniforms, buffers, groups }) => {
      gpu.check();
      if (groups.some((n) => n > MAX_GROUPS))
        throw new CryoloupeError(
          "internal",
          `${shader.label}: ${groups.join(" × ")} workgroups exceed one dispatch.`,
        );
      const entries: GPUBindGroupEntry[] = storages.map(([name, { binding }]) => {
        const buffer = buffers[name];
        if (buffer === undefined)
          throw new CryoloupeError("internal", `${shader.label}: buffer "${name}" is missing.`);
        return { binding, resource: { buffer } };
      });
      if (uniform !== undefined && view !== null) {
        view.set(uniforms ?? {});
        const buffer = gpu.uniform(view.arrayBuffer, shader.label);
        entries.push({ binding: uniform.binding, resource: { buffer } });
      }
      const bindGroup = gpu.device.createBindGroup({ label: shader.label, layout, entries });
      const pass = encoder.beginComputePass({ label: shader.label });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...groups);
      pass.end();
    },
  };
}

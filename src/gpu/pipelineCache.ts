import { CryoloupeError } from "#src/domain/errors.ts";

/** Compute pipelines by shader and constants; one that is being made is made once. */
export interface PipelineCache {
  get(shader: ShaderSource): Promise<GPUComputePipeline>;
}

export interface ShaderSource {
  /** Name of the file in shaders/. */
  readonly label: string;
  readonly code: string;
  /** Values of `override` constants. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** The lines of compiler messages, as an editor can open them. */
function report(label: string, messages: readonly GPUCompilationMessage[]): string {
  return messages
    .filter((m) => m.type === "error")
    .map((m) => `shaders/${label}.wgsl:${m.lineNum}:${m.linePos} ${m.message}`)
    .join("\n");
}

export function createPipelineCache(device: GPUDevice, check: () => void): PipelineCache {
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();

  const make = async ({ label, code, constants }: ShaderSource): Promise<GPUComputePipeline> => {
    check();
    // The scope catches a shader that does not compile; its messages tell where.
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label, code });
    const compiled = device.popErrorScope();
    const { messages } = await module.getCompilationInfo();
    await compiled.catch(() => null);
    const errors = report(label, messages);
    if (errors !== "")
      throw new CryoloupeError("internal", `The shader ${label} does not compile.\n${errors}`);
    try {
      return await device.createComputePipelineAsync({
        label,
        layout: "auto",
        compute: { module, entryPoint: "main", ...(constants === undefined ? {} : { constants }) },
      });
    } catch (error) {
      check();
      const reason = error instanceof Error ? error.message : String(error);
      throw new CryoloupeError(
        "internal",
        `The graphics device made no pipeline of the shader ${label}: ${reason}`,
        { cause: error },
      );
    }
  };

  return {
    get: (shader) => {
      const key = JSON.stringify([shader.label, shader.constants ?? {}]);
      const known = pipelines.get(key);
      if (known !== undefined) return known;
      const made = make(shader);
      pipelines.set(key, made);
      // A failure is not kept: the next call tries again.
      made.catch(() => pipelines.delete(key));
      return made;
    },
  };
}

import { CryoloupeError } from "#src/domain/errors.ts";

/** Refuses a buffer that is too small for what a kernel will do with it. */
export function requireBytes(kernel: string, buffer: GPUBuffer, bytes: number): void {
  if (buffer.size < bytes)
    throw new CryoloupeError(
      "internal",
      `${kernel}: buffer "${buffer.label}" holds ${buffer.size} bytes instead of ${bytes}.`,
    );
}

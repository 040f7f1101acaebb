import { assemble } from "./assembler.ts";
import type { WasmFunction } from "./assembler.ts";

/** The part of the host's WebAssembly that is used; hosts without it have no such global. */
interface HostMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (limits: { initial: number; maximum?: number }) => HostMemory;
  readonly Instance: new (
    module: object,
    imports: { host: { memory: HostMemory } },
  ) => { readonly exports: Readonly<Record<string, (...args: number[]) => number>> };
}

const PAGE = 65_536;

/** A module with memory of its own. */
export interface WasmInstance {
  readonly call: Readonly<Record<string, (...args: number[]) => number>>;
  /** Sees to it that there are so many bytes; what the memory held stays. False where there is no room. */
  reserve(bytes: number): boolean;
  /** The memory as it stands now: read it anew after `reserve`. */
  buffer(): ArrayBuffer;
}

let switchedOff = false;

/** For tests: the twins in TypeScript are used everywhere. */
export function withoutWasm<T>(work: () => T): T {
  switchedOff = true;
  try {
    return work();
  } finally {
    switchedOff = false;
  }
}

/** Kernels, with one instance for each thread. */
export interface WasmModule {
  /** Null where they cannot run: the caller then runs the twin in TypeScript. */
  instance(): WasmInstance | null;
  /** The instance's memory is given up: it cannot shrink. */
  release(): void;
}

/**
 * Compiled when first needed. Without WebAssembly, without SIMD or under a policy against compiling there
 * is no instance.
 * @param prepare  fills the memory of a new instance
 */
export function wasmModule(
  functions: readonly WasmFunction[],
  prepare: (instance: WasmInstance) => void = () => undefined,
): WasmModule {
  let compiled: object | null | undefined;
  let kept: WasmInstance | null = null;
  const make = (host: HostWebAssembly, code: object): WasmInstance => {
    const memory = new host.Memory({ initial: 1 });
    const { exports } = new host.Instance(code, { host: { memory } });
    const instance: WasmInstance = {
      call: exports,
      reserve: (bytes) => {
        const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
        if (pages <= 0) return true;
        try {
          memory.grow(pages);
          return true;
        } catch {
          return false;
        }
      },
      buffer: () => memory.buffer,
    };
    prepare(instance);
    return instance;
  };
  return {
    instance: () => {
      const host = (globalThis as unknown as { WebAssembly?: HostWebAssembly }).WebAssembly;
      if (host === undefined || switchedOff || compiled === null) return null;
      try {
        compiled ??= new host.Module(assemble(functions));
        return (kept ??= make(host, compiled));
      } catch {
        compiled = null;
        return null;
      }
    },
    release: () => {
      kept = null;
    },
  };
}

import { CryoloupeError } from "#src/domain/errors.ts";

/** The file ends before what its header announces. */
export function truncated(
  file: string,
  offset: number,
  length: number,
  size: number,
): CryoloupeError {
  return new CryoloupeError(
    "truncated-file",
    `Reading ${file}: ${length} bytes expected from byte ${offset}, but the file ends at byte ${size}. The file is incomplete; copy or download it again.`,
    { file },
  );
}

/** The file contradicts itself. `what` ends without a full stop. */
export function corrupt(file: string, what: string, cause?: unknown): CryoloupeError {
  return new CryoloupeError(
    "corrupt-file",
    `Reading ${file}: ${what}. The file is damaged; copy it again from the microscope or write it anew.`,
    { file, cause },
  );
}

/** The file is sound but not what a detector writes, or a variant that is not read. */
export function unsupported(file: string, what: string, advice: string): CryoloupeError {
  return new CryoloupeError("unsupported-format", `Reading ${file}: ${what}. ${advice}`, { file });
}

/** The image needs more memory than allowed. */
export function tooLarge(
  file: string,
  width: number,
  height: number,
  bytes: number,
  budget: number,
): CryoloupeError {
  const mib = (n: number): string => (n / 2 ** 20).toFixed(0);
  return new CryoloupeError(
    "limit-exceeded",
    `Reading ${file}: one frame of ${width} × ${height} px needs ${mib(bytes)} MiB, but only ${mib(budget)} MiB are allowed for a frame. If the size is right, raise the memory budget in the settings.`,
    { file },
  );
}

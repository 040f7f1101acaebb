/** What can go wrong, as a closed list. The interface chooses wording and recovery by code. */
export type ErrorCode =
  | "unsupported-format"
  | "truncated-file"
  | "corrupt-file"
  | "size-mismatch"
  | "not-enough-data"
  | "no-webgpu"
  | "limit-exceeded"
  | "device-lost"
  | "out-of-memory"
  | "worker-died"
  | "permission-denied"
  | "not-found"
  | "file-changed"
  | "disk-full"
  /** Pixels of a result that were not kept, or are no longer where they were: it can be made again. */
  | "not-kept"
  | "bad-arguments"
  | "cancelled"
  | "internal";

/** A failure as plain data: it crosses worker boundaries and goes into the session database. */
export interface Failure {
  readonly code: ErrorCode;
  /** What was being done, on which file, expected, found, what to try: at most three sentences. */
  readonly message: string;
  readonly file?: string;
  readonly step?: string;
}

/** The only error class that is thrown on purpose. `message` is meant for the user. */
export class CryoloupeError extends Error {
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly step: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { file?: string; step?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "CryoloupeError";
    this.code = code;
    this.file = options.file;
    this.step = options.step;
  }
}

/** Any thrown value as plain data. Unknown errors become `internal`, said to be our fault. */
export function toFailure(error: unknown, context: { file?: string; step?: string } = {}): Failure {
  const known = error instanceof CryoloupeError ? error : undefined;
  const name = error instanceof Error ? error.name : "";
  const code: ErrorCode = known?.code ?? (name === "AbortError" ? "cancelled" : "internal");
  const message = error instanceof Error ? error.message : String(error);
  const file = known?.file ?? context.file;
  const step = known?.step ?? context.step;
  return {
    code,
    message:
      known !== undefined
        ? message
        : code === "cancelled"
          ? "Cancelled."
          : `This failed through a fault of Cryoloupe itself${file === undefined ? "" : `, on ${file}`}: ${message}.`.replace(
              /\.+$/,
              ".",
            ),
    ...(file === undefined ? {} : { file }),
    ...(step === undefined ? {} : { step }),
  };
}

/** The error that a failure stands for, to throw it again on the other side of a worker. */
export function fromFailure(failure: Failure): CryoloupeError {
  return new CryoloupeError(failure.code, failure.message, {
    ...(failure.file === undefined ? {} : { file: failure.file }),
    ...(failure.step === undefined ? {} : { step: failure.step }),
  });
}

/**
 * The only door to the browser's folders: everything that may be refused, may vanish or may change goes
 * through here, so that tests can make each of them happen (`armFault`).
 */
export type AccessKind = "list" | "file" | "write" | "permission" | "database";

interface ArmedFault {
  readonly kind: AccessKind;
  /** Name of the browser's own exception, "NotAllowedError". */
  readonly name: string;
  /** Only for names that hold this; "" = all. */
  readonly about: string;
  times: number;
}

const armed: ArmedFault[] = [];

/** From now on the next `times` accesses of that kind fail as the browser would let them fail; 0 = none does any more. */
export function armFault(kind: AccessKind, name: string, about = "", times = 1): void {
  if (times > 0) armed.push({ kind, name, about, times });
  else armed.splice(0, armed.length, ...armed.filter((fault) => fault.kind !== kind));
}

/** Throws what was armed for such an access; nothing outside tests. */
export function passFaults(kind: AccessKind, about: string): void {
  const at = armed.findIndex((fault) => fault.kind === kind && about.includes(fault.about));
  if (at < 0) return;
  const fault = armed[at];
  if (--fault.times <= 0) armed.splice(at, 1);
  throw new DOMException(`${fault.name} of a test.`, fault.name);
}

export function exceptionName(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}

export type FolderMode = "read" | "readwrite";

interface PermittedHandle {
  readonly queryPermission?: (options: { mode: FolderMode }) => Promise<PermissionState>;
  readonly requestPermission?: (options: { mode: FolderMode }) => Promise<PermissionState>;
}

/** Whether a folder or file may be used now. Those of the page's own storage always may. */
export async function mayUse(folder: FileSystemHandle, mode: FolderMode): Promise<boolean> {
  try {
    passFaults("permission", folder.name);
    const handle = folder as PermittedHandle;
    return (
      handle.queryPermission === undefined || (await handle.queryPermission({ mode })) === "granted"
    );
  } catch {
    return false;
  }
}

/** What a folder that was chosen once is now: "empty" is what is left where a disk was unmounted. */
export type Reach = "open" | "empty" | "refused" | "gone";

/** Whether a folder can be read at this moment. */
export async function reach(folder: FileSystemDirectoryHandle): Promise<Reach> {
  if (!(await mayUse(folder, "read"))) return "refused";
  try {
    passFaults("list", folder.name);
    for await (const _entry of folder.entries()) return "open";
    return "empty";
  } catch (error) {
    const name = exceptionName(error);
    return name === "NotAllowedError" || name === "SecurityError" ? "refused" : "gone";
  }
}

/** Asks the user, who has just pressed a button; false = refused. */
export async function askToUse(folder: FileSystemHandle, mode: FolderMode): Promise<boolean> {
  if (await mayUse(folder, mode)) return true;
  const handle = folder as PermittedHandle;
  try {
    return (
      handle.requestPermission !== undefined &&
      (await handle.requestPermission({ mode })) === "granted"
    );
  } catch {
    return false;
  }
}

/** The file behind a handle, as it is now. */
export async function fileOf(handle: FileSystemFileHandle): Promise<File> {
  passFaults("file", handle.name);
  return await handle.getFile();
}

/** Entries that are gone through between two answers to the user. */
const IN_ONE_TASK = 500;

/** Entries of a folder, not of those below. */
export async function entriesOf(
  folder: FileSystemDirectoryHandle,
): Promise<readonly (readonly [string, FileSystemHandle])[]> {
  passFaults("list", folder.name);
  const found: (readonly [string, FileSystemHandle])[] = [];
  for await (const entry of folder.entries()) {
    found.push(entry);
    // The browser has listed them all by now: the loop would go through ten thousand in one task.
    if (found.length % IN_ONE_TASK === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return found;
}

/** Files of a folder in memory by path, and the folder as the browser's handle of it. */
export interface MemoryFolder {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly handle: FileSystemDirectoryHandle;
  /** From now on it holds at most so many bytes. */
  readonly limit: (bytes: number) => void;
}

function notFound(name: string): Error {
  return Object.assign(new Error(`${name} is not there.`), { name: "NotFoundError" });
}

/**
 * A folder in memory that behaves as the File System Access API says: a file that is written has its new
 * content when its stream is closed, and not before.
 */
export function memoryFolder(name: string): MemoryFolder {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const folders = new Set<string>([""]);
  let most = Infinity;

  const fileHandle = (path: string) => ({
    kind: "file",
    name: path.split("/").at(-1),
    getFile: () => {
      const bytes = files.get(path);
      if (bytes === undefined) return Promise.reject(notFound(path));
      return Promise.resolve(new File([bytes], path.split("/").at(-1) ?? "", { lastModified: 0 }));
    },
    createWritable: () => {
      const parts: BlobPart[] = [];
      return Promise.resolve({
        write: (part: BlobPart) => {
          parts.push(part);
          return Promise.resolve();
        },
        close: async () => {
          const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
          const held = [...files].reduce((n, [p, { length }]) => n + (p === path ? 0 : length), 0);
          if (held + bytes.length > most)
            throw Object.assign(new Error("No room."), { name: "QuotaExceededError" });
          files.set(path, bytes);
        },
        abort: () => Promise.resolve(),
      });
    },
    move: (to: string) => {
      const bytes = files.get(path);
      if (bytes === undefined) return Promise.reject(notFound(path));
      files.delete(path);
      files.set(`${path.slice(0, path.lastIndexOf("/") + 1)}${to}`, bytes);
      return Promise.resolve();
    },
  });

  const directoryHandle = (prefix: string): FileSystemDirectoryHandle => {
    const handle = {
      kind: "directory",
      name: prefix === "" ? name : (prefix.split("/").at(-2) ?? ""),
      isSameEntry: (other: unknown) => Promise.resolve(other === handle),
      getDirectoryHandle: (child: string, { create = false } = {}) => {
        const path = `${prefix}${child}/`;
        if (!folders.has(path) && !create) return Promise.reject(notFound(path));
        folders.add(path);
        return Promise.resolve(directoryHandle(path));
      },
      getFileHandle: (child: string, { create = false } = {}) => {
        const path = `${prefix}${child}`;
        if (!files.has(path)) {
          if (!create) return Promise.reject(notFound(path));
          files.set(path, new Uint8Array());
        }
        return Promise.resolve(fileHandle(path));
      },
      removeEntry: (child: string) => {
        files.delete(`${prefix}${child}`);
        for (const path of [...files.keys()])
          if (path.startsWith(`${prefix}${child}/`)) files.delete(path);
        for (const path of [...folders])
          if (path.startsWith(`${prefix}${child}/`)) folders.delete(path);
        return Promise.resolve();
      },
      values: async function* () {
        await Promise.resolve();
        const inside = (path: string): boolean =>
          path.startsWith(prefix) && path.length > prefix.length;
        for (const path of [...folders].filter(inside))
          if (!path.slice(prefix.length, -1).includes("/")) yield directoryHandle(path);
        for (const path of [...files.keys()].filter(inside))
          if (!path.slice(prefix.length).includes("/")) yield fileHandle(path);
      },
      entries: async function* () {
        await Promise.resolve();
        const names = new Map<string, boolean>();
        for (const path of [...folders, ...files.keys()].filter((p) => p.startsWith(prefix))) {
          const [first, ...below] = path.slice(prefix.length).split("/");
          if (first !== "") names.set(first, below.length > 0 || names.get(first) === true);
        }
        for (const [child, isFolder] of names) {
          const path = `${prefix}${child}`;
          yield [child, isFolder ? directoryHandle(`${path}/`) : fileHandle(path)] as const;
        }
      },
      keys: async function* () {
        for await (const [child] of handle.entries()) yield child;
      },
    };
    return handle as unknown as FileSystemDirectoryHandle;
  };
  return { files, handle: directoryHandle(""), limit: (bytes) => void (most = bytes) };
}

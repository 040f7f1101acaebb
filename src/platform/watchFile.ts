/** A file that is looked at again and again. */
export interface FileWatch {
  readonly name: string;
  stop(): void;
}

interface FilePicker {
  readonly showOpenFilePicker?: () => Promise<FileSystemFileHandle[]>;
}

/**
 * Lets the user choose a file and reports it now and whenever it has changed. A change counts when size and time
 * held still between two looks, so that a table is not read in the middle of being written.
 */
export async function watchFile(
  onFile: (file: File) => void,
  onError: (error: unknown) => void,
  everyMs = 2000,
): Promise<FileWatch | null> {
  const { showOpenFilePicker } = window as FilePicker;
  if (showOpenFilePicker === undefined) return null;
  let handle: FileSystemFileHandle;
  try {
    [handle] = await showOpenFilePicker.call(window);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
  const first = await handle.getFile();
  const stampOf = (file: File): string => `${file.size}/${file.lastModified}`;
  let reported = stampOf(first);
  let seen = reported;
  onFile(first);
  const look = async (): Promise<void> => {
    try {
      const file = await handle.getFile();
      const stamp = stampOf(file);
      if (stamp !== reported && stamp === seen) {
        reported = stamp;
        onFile(file);
      }
      seen = stamp;
    } catch (error) {
      clearInterval(timer);
      onError(error);
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  return { name: first.name, stop: () => clearInterval(timer) };
}

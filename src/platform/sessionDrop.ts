import { fileOf } from "./folderAccess.ts";

const SESSION_FILE = "session.json";
/** Begin of a file in which its format is named. */
const HEAD_BYTES = 1024;

/** Whether a file is a session, of page or command: by what it says, or by the name that sessions have. */
export async function isSessionFile(file: File): Promise<boolean> {
  if (!/\.json$/i.test(file.name)) return false;
  // A download that is there already gets a number: "session (1).json".
  if (/^session(?: ?\(\d+\))?\.json$/i.test(file.name)) return true;
  const head = await file
    .slice(0, HEAD_BYTES)
    .text()
    .catch(() => "");
  return head.includes('"cryoloupe-session"');
}

/** The session.json of a results folder; null = it is none. */
export async function sessionIn(folder: FileSystemDirectoryHandle): Promise<File | null> {
  try {
    return await ours(await fileOf(await folder.getFileHandle(SESSION_FILE)));
  } catch {
    return null;
  }
}

/** The same among the entries of a folder that was dropped without a handle. */
export async function sessionAmong(entries: readonly FileSystemEntry[]): Promise<File | null> {
  const entry = entries.find(({ name, isFile }) => isFile && name === SESSION_FILE);
  if (entry === undefined) return null;
  return await ours(
    await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    ),
  );
}

/** Other programs call files session.json too: a folder is judged by the content. */
async function ours(file: File): Promise<File | null> {
  const head = await file.slice(0, HEAD_BYTES).text();
  return head.includes('"cryoloupe-session"') ? file : null;
}

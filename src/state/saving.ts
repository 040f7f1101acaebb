import { saveBlob } from "#src/platform/fileAccess.ts";

/** Saves text as a file of the browser's downloads. */
export function saveText(name: string, text: string, type = "text/plain;charset=utf-8"): void {
  saveBlob(name, new Blob([text], { type }));
}

export function saveBytes(name: string, bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
  saveBlob(name, new Blob([bytes], { type: "application/octet-stream" }));
}

/** Saves a data URL. */
export function saveUrl(name: string, url: string): void {
  const comma = url.indexOf(",");
  const head = url.slice(5, comma);
  const body = url.slice(comma + 1);
  const bytes = head.endsWith(";base64")
    ? Uint8Array.from(atob(body), (c) => c.charCodeAt(0))
    : new TextEncoder().encode(decodeURIComponent(body));
  saveBlob(name, new Blob([bytes], { type: head.split(";")[0] }));
}

import type { Bytes } from "#src/domain/byteSource.ts";

/** Text and the way back to the same bytes. */
export interface TextFile {
  readonly text: string;
  encode(text: string): Bytes;
}

function encodeUtf16(text: string): Bytes {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return bytes;
}

/** Latin-1 both ways, byte for byte. */
function decodeLatin1(bytes: Bytes): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768)
    text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return text;
}

/**
 * The text of a file such that any part of it can be written back byte for byte: UTF-8 (a byte order mark is
 * kept in the text), UTF-16 with its mark, and Latin-1 for what is neither. Null for binary files.
 */
export function decodeText(bytes: Bytes): TextFile | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return {
      text: new TextDecoder("utf-16le", { ignoreBOM: true }).decode(bytes),
      encode: encodeUtf16,
    };
  const head = bytes.subarray(0, 4096);
  if (head.includes(0)) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, encode: (part) => new TextEncoder().encode(part) };
  } catch {
    return {
      text: decodeLatin1(bytes),
      encode: (part) => Uint8Array.from(part, (c) => c.charCodeAt(0) & 0xff),
    };
  }
}

/** Start and end (line end included) of each line. */
export function lineSpans(text: string): Uint32Array {
  const spans: number[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed + 1;
    spans.push(start, end);
    start = end;
  }
  return Uint32Array.from(spans);
}

/** The text without the spans of the rows that are not kept; what lies between rows stays. */
export function cutSpans(
  text: string,
  spans: readonly (readonly [number, number])[],
  keep: readonly number[],
): string {
  const kept = new Set(keep);
  const parts: string[] = [];
  let from = 0;
  spans.forEach(([start, end], row) => {
    if (kept.has(row)) return;
    parts.push(text.slice(from, start));
    from = end;
  });
  parts.push(text.slice(from));
  return parts.join("");
}

/** A CSV table whose records remember where they stand in the text. */
export interface CsvText {
  readonly delimiter: string;
  /** Empty when the table has no line of names. */
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly spans: readonly (readonly [number, number])[];
}

/** The delimiter among comma, semicolon and tab that parts the first lines into the same number, two at least, of values. */
export function findDelimiter(text: string): string | null {
  const lines = text
    .split(/\r\n|\n|\r/, 30)
    .filter((l) => l.trim() !== "" && !l.startsWith("#"))
    .slice(0, 20);
  let best: { delimiter: string; score: number } | null = null;
  for (const delimiter of ["\t", ";", ","]) {
    const counts = lines.map((line) => splitRecord(line, delimiter).length);
    const width = counts[0] ?? 0;
    const score = width > 1 ? counts.filter((c) => c === width).length / counts.length : 0;
    if (score > 0.7 && (best === null || score > best.score)) best = { delimiter, score };
  }
  return best?.delimiter ?? null;
}

function splitRecord(record: string, delimiter: string): string[] {
  if (!record.includes('"')) return record.split(delimiter).map((v) => v.trim());
  const values: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = /\s*"((?:[^"]|"")*)"[^\S\n\t]*/y;
    quoted.lastIndex = at;
    const match = quoted.exec(record);
    if (match !== null) {
      values.push(match[1].replaceAll('""', '"'));
      at = quoted.lastIndex;
    } else {
      const end = record.indexOf(delimiter, at);
      const stop = end < 0 ? record.length : end;
      values.push(record.slice(at, stop).trim());
      at = stop;
    }
    const next = record.indexOf(delimiter, at);
    if (next < 0) return values;
    at = next + 1;
  }
}

/** Reads a CSV table; quoted values may hold delimiters, quotes and line ends. `#` lines and empty lines are no records. */
export function readCsvText(text: string, delimiter: string): CsvText {
  const rows: string[][] = [];
  const spans: [number, number][] = [];
  let start = 0;
  while (start < text.length) {
    let end = start;
    let quotes = 0;
    do {
      const feed = text.indexOf("\n", end);
      const stop = feed < 0 ? text.length : feed + 1;
      for (let i = end; i < stop; i++) if (text.charCodeAt(i) === 34) quotes++;
      end = stop;
    } while (quotes % 2 === 1 && end < text.length);
    const record = text
      .slice(start, end)
      .replace(/[\r\n]+$/, "")
      .replace(/^\uFEFF/, "");
    if (record.trim() !== "" && !record.startsWith("#")) {
      rows.push(splitRecord(record, delimiter));
      spans.push([start, end]);
    }
    start = end;
  }
  const named = rows.length > 0 && rows[0].every((v) => v === "" || !/^[+-]?[\d.]/.test(v));
  return {
    delimiter,
    headers: named ? rows[0] : [],
    rows: named ? rows.slice(1) : rows,
    spans: named ? spans.slice(1) : spans,
  };
}

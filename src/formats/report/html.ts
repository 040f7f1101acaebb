/** Text inside HTML and attributes. */
export function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Thin space for thousands, true minus; an en dash where there is no number. */
export function number(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".") as [
    string,
    string | undefined,
  ];
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f") : whole;
  const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? "−" : "";
  return `${sign}${grouped}${part === undefined ? "" : `.${part}`}`;
}

/** "1 movie", "24 movies". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${number(n, 0)} ${n === 1 ? one : many}`;
}

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [scaled, unit] = [value, 0];
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${number(scaled, unit === 0 || scaled >= 100 ? 0 : 1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Local date and time of a moment: "2024-05-17 21:26". `zone`: minutes that the clock is behind UTC. */
export function dateTime(at: number, zone: number): string {
  const d = new Date(at - zone * 60_000);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

export function timeOfDay(at: number, zone: number): string {
  return dateTime(at, zone).slice(11);
}

/** A table of names and values. */
export function pairsTable(pairs: readonly (readonly [string, string])[]): string {
  const rows = pairs
    .map(
      ([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`,
    )
    .join("");
  return `<table class="pairs">${rows}</table>`;
}

/** A figure with its caption: what, of what, how many, how drawn. */
export function figure(content: string, caption: string): string {
  return `<figure>${content}<figcaption>${escape(caption)}</figcaption></figure>`;
}

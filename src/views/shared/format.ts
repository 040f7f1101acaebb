/** Numbers as the field writes them: thin space for thousands, true minus, no raw floats. */
const THIN = "\u202f";
const MINUS = "\u2212";

/** `value` with fixed decimals; an en dash where there is none. */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(decimals);
  const [whole, part] = text.split(".");
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN) : whole;
  const sign = value < 0 && Number(text) !== 0 ? MINUS : "";
  return `${sign}${grouped}${part === undefined ? "" : `.${part}`}`;
}

export function integer(value: number | null | undefined): string {
  return fixed(value, 0);
}

/** About `digits` significant digits without exponent. */
export function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const order = Math.floor(Math.log10(Math.abs(value)));
  return fixed(value, Math.max(0, Math.min(8, digits - 1 - order)));
}

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${unit === 0 || scaled >= 100 ? integer(scaled) : fixed(scaled, 1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1 movie", "24 movies". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${integer(n)} ${n === 1 ? one : many}`;
}

/** What differs in a list of names: the common beginning cut to "…", never inside a word of digits. */
export function distinctNames(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names;
  let common = 0;
  const [first] = names;
  while (common < first.length && names.every((name) => name[common] === first[common])) common++;
  while (common > 0 && /\d/.test(first[common - 1])) common--;
  return common > 6 ? names.map((name) => `…${name.slice(common)}`) : names;
}

/** What a movie is called among others: its file's name, with the folder where several have that name. */
export function movieLabels(
  rows: Iterable<{ readonly name: string; readonly path: string }>,
): (row: { readonly name: string; readonly path: string }) => string {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { name } of rows) (seen.has(name) ? shared : seen).add(name);
  return ({ name, path }) => (shared.has(name) ? path : name);
}

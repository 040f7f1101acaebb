import type { SessionFile } from "#src/domain/session.ts";
import type { OrientationState } from "./orientationSlice.ts";
import type { SessionState } from "./sessionState.ts";

/** Files of the camera by what they hold, as keys of results name them; by their ids until that is known. */
export function contentsOf(
  { prints }: Pick<SessionState, "prints">,
  {
    reference = null,
    dark = null,
    defects = null,
  }: Partial<Pick<SessionState, "reference" | "dark" | "defects">>,
): Record<"reference" | "dark" | "defects", string | null> {
  const content = (id: string | null): string | null => (id === null ? null : (prints[id] ?? id));
  return { reference: content(reference), dark: content(dark), defects: content(defects) };
}

/**
 * What files hold that were opened just now. Where the session's own reference, dark or bad pixels are not open and
 * a file holds the same, that file takes their place: a copy, or the same file with another time or name.
 */
export function withContents(
  session: Pick<SessionState, "prints" | "reference" | "dark" | "defects" | "files">,
  opened: readonly Pick<SessionFile, "id" | "print">[],
): Partial<Pick<SessionState, "prints" | "reference" | "dark" | "defects">> {
  const fresh = opened.flatMap(({ id, print }) =>
    print === undefined ? [] : [[id, print] as const],
  );
  if (fresh.length === 0) return {};
  const { prints, reference, dark, defects, files } = session;
  const open = new Set(files.map(({ id }) => id));
  const instead = (id: string | null): string | null => {
    if (id === null || open.has(id)) return id;
    return fresh.find(([, print]) => print === prints[id])?.[0] ?? id;
  };
  return {
    prints: { ...prints, ...Object.fromEntries(fresh) },
    reference: instead(reference),
    dark: instead(dark),
    defects: instead(defects),
  };
}

/** The pose that was found for a reference is that of its copy. */
export function withPose(
  orientation: OrientationState,
  before: string | null,
  now: string | null = before,
): OrientationState {
  const { report } = orientation;
  return report === null || now === null || now === before || report.reference !== before
    ? orientation
    : { ...orientation, report: { ...report, reference: now } };
}

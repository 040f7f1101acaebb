import type { ReactElement } from "react";
import type { StatusKind } from "#src/domain/session.ts";

/** Shape first, colour second; the word stands beside the glyph or in its name. */
const glyphs: Readonly<Record<StatusKind, { word: string; tone: string; shape: ReactElement }>> = {
  pass: {
    word: "processed",
    tone: "tone-pass",
    shape: (
      <>
        <circle cx="7" cy="7" r="6" fill="currentColor" />
        <path
          d="m4.200 7.200 2 2 3.700-4.200"
          stroke="var(--surface)"
          strokeWidth="1.600"
          fill="none"
        />
      </>
    ),
  },
  warn: {
    word: "warning",
    tone: "tone-warn",
    shape: (
      <>
        <path d="M7 1 13.400 12.500H.6z" fill="currentColor" />
        <path d="M7 5v3.600M7 10.200v.8" stroke="var(--surface)" strokeWidth="1.600" />
      </>
    ),
  },
  failed: {
    word: "failed",
    tone: "tone-fail",
    shape: (
      <>
        <path
          d="M4.400.8h5.200l3.600 3.600v5.200l-3.600 3.600H4.400L.8 9.600V4.400z"
          fill="currentColor"
        />
        <path
          d="m4.700 4.700 4.600 4.600M9.300 4.700 4.700 9.300"
          stroke="var(--surface)"
          strokeWidth="1.500"
        />
      </>
    ),
  },
  undecided: {
    word: "not decidable",
    tone: "tone-undecided",
    shape: (
      <>
        <circle
          cx="7"
          cy="7"
          r="5.600"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.500"
          strokeDasharray="2.600 2"
        />
        <path d="M4.600 7h4.800" stroke="currentColor" strokeWidth="1.500" />
      </>
    ),
  },
  unprocessed: {
    word: "unprocessed",
    tone: "tone-undecided",
    shape: <circle cx="7" cy="7" r="5.400" fill="none" stroke="currentColor" strokeWidth="1.400" />,
  },
  running: {
    word: "running",
    tone: "tone-accent",
    shape: (
      <>
        <circle
          cx="7"
          cy="7"
          r="5.400"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.400"
          opacity=".35"
        />
        <path
          className="arc"
          d="M7 1.600a5.400 5.400 0 0 1 4.700 8.100"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.200"
        />
      </>
    ),
  },
  outdated: {
    word: "outdated",
    tone: "tone-warn",
    shape: (
      <>
        <circle cx="7" cy="7" r="5.400" fill="none" stroke="currentColor" strokeWidth="1.400" />
        <path d="M7 4v3.200l2 1.300" fill="none" stroke="currentColor" strokeWidth="1.400" />
      </>
    ),
  },
  filtered: {
    word: "filtered out",
    tone: "tone-undecided",
    shape: (
      <path
        d="M1.500 2h11L8.500 7v5l-3-1.500V7z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.400"
      />
    ),
  },
  deselected: {
    word: "deselected by hand",
    tone: "tone-undecided",
    shape: (
      <>
        <circle cx="7" cy="7" r="5.400" fill="none" stroke="currentColor" strokeWidth="1.400" />
        <path d="M3.400 10.600 10.600 3.400" stroke="currentColor" strokeWidth="1.400" />
      </>
    ),
  },
};

export function statusWord(kind: StatusKind): string {
  return glyphs[kind].word;
}

/**
 * A status as a glyph, with a word beside it when `word` is given; else the kind's own word is its
 * accessible name. `hidden` where the word stands elsewhere.
 */
export function StatusGlyph({
  kind,
  word,
  size = 14,
  hidden = false,
}: {
  kind: StatusKind;
  word?: string;
  size?: number;
  hidden?: boolean;
}) {
  const { tone, shape, word: own } = glyphs[kind];
  const silent = hidden || word !== undefined;
  return (
    <span className={`status ${tone} status-${kind}`}>
      <svg
        width={size}
        height={size}
        viewBox="0 0 14 14"
        strokeLinecap="round"
        strokeLinejoin="round"
        {...(silent ? { "aria-hidden": true } : { role: "img", "aria-label": own })}
      >
        {shape}
      </svg>
      {word}
    </span>
  );
}

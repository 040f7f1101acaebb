import type { ReactElement } from "react";

const paths = {
  folder: <path d="M1.500 4.500v8h13v-7h-7l-1.500-2h-4.500z" />,
  file: <path d="M4 1.500h5l3.500 3.500v9.500h-8.500zM9 1.500v3.500h3.500" />,
  play: <path d="M4.500 2.500v11l9-5.500z" />,
  pause: <path d="M5 3v10M11 3v10" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="3" />
      <path d="M8 1.500v1.500M8 13v1.500M1.500 8h1.500M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1" />
    </>
  ),
  moon: <path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z" />,
  help: (
    <>
      <circle cx="8" cy="8" r="6.200" />
      <path d="M6.200 6.300a1.800 1.800 0 1 1 2.600 1.700c-.6.300-.8.600-.8 1.300M8 11.300v.2" />
    </>
  ),
  copy: (
    <>
      <rect x="5.500" y="5.500" width="8" height="8" rx="1" />
      <path d="M10.500 3.500v-1h-8v8h1" />
    </>
  ),
  download: <path d="M8 2v8M4.500 7 8 10.500 11.500 7M2.500 13.500h11" />,
  widen: <path d="M9.500 2.500h4v4M13.500 2.500l-5 5M6.500 13.500h-4v-4M2.500 13.500l5-5" />,
  down: <path d="m4.500 6.500 3.500 3.500 3.500-3.500" />,
  right: <path d="m6.500 4.500 3.500 3.500-3.500 3.500" />,
  left: <path d="M9.500 4 5.500 8l4 4" />,
  invert: (
    <>
      <circle cx="8" cy="8" r="5.500" />
      <path d="M8 2.500v11a5.500 5.500 0 0 0 0-11z" fill="currentColor" />
    </>
  ),
  swipe: (
    <>
      <rect x="2" y="3" width="12" height="10" rx="1" />
      <path d="M8 1.500v13M5.800 6.500 4.300 8l1.500 1.500M10.200 6.500 11.700 8l-1.500 1.500" />
    </>
  ),
  eye: (
    <>
      <path d="M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8z" />
      <circle cx="8" cy="8" r="2" />
    </>
  ),
  fit: <path d="M2.500 5.500v-3h3M10.500 2.500h3v3M13.500 10.500v3h-3M5.500 13.500h-3v-3" />,
  turn: <path d="M2 8h12M5 5.500 8 2.500l3 3zM5 10.500l3 3 3-3z" />,
  lock: (
    <>
      <rect x="3.500" y="7" width="9" height="6.500" rx="1" />
      <path d="M5.500 7V5a2.500 2.500 0 0 1 5 0v2" />
    </>
  ),
  chip: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1" />
      <path d="M6.500 1.500V4M9.500 1.500V4M6.500 12v2.500M9.500 12v2.500M1.500 6.500H4M1.500 9.500H4M12 6.500h2.500M12 9.500h2.500" />
    </>
  ),
  filter: <path d="M2 3h12l-4.500 5.500v4.500l-3-1.500v-3z" />,
  info: (
    <>
      <circle cx="8" cy="8" r="6.200" />
      <path d="M8 7.300v4M8 4.700v.2" />
    </>
  ),
  log: <path d="M2.500 4h11M2.500 8h11M2.500 12h7" />,
  redo: <path d="M13.500 8a5.500 5.500 0 1 1-1.600-3.900M13.500 2v3h-3" />,
  undo: <path d="M3 6.500h6.500a3.500 3.500 0 0 1 0 7h-3M5.500 4 3 6.500 5.500 9" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.500" />
      <path d="m10.500 10.500 3.500 3.500" />
    </>
  ),
  grid: (
    <path d="M2.500 2.500h4v4h-4zM9.500 2.500h4v4h-4zM2.500 9.500h4v4h-4zM9.500 9.500h4v4h-4z" />
  ),
  list: <path d="M2.500 3.500h2v2h-2zM7 4.500h6.500M2.500 10.500h2v2h-2zM7 11.500h6.500" />,
  plus: <path d="M8 3v10M3 8h10" />,
} satisfies Record<string, ReactElement>;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.350"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {paths[name]}
    </svg>
  );
}

export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="currentColor" aria-hidden>
      <circle cx="9.500" cy="9.500" r="7.500" strokeWidth="1.700" />
      <circle cx="9.500" cy="9.500" r="4.600" strokeWidth="1.200" opacity=".6" />
      <circle cx="9.500" cy="9.500" r="1.900" strokeWidth="1.200" />
      <path d="M15 15l5.500 5.500" strokeWidth="2.400" strokeLinecap="round" />
    </svg>
  );
}

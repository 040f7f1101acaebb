import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { TERMS } from "./terms.ts";
import type { TermId } from "./terms.ts";

/** A word that explains itself when it is pointed at or reached with Tab. */
export function Term({
  of,
  more,
  children,
}: {
  of: TermId;
  /** What it means for this result. */
  more?: string;
  children: ReactNode;
}) {
  return (
    <Tooltip
      label={more === undefined ? TERMS[of] : `${TERMS[of]} ${more}`}
      multiline
      w={300}
      openDelay={150}
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className="term">
        {children}
      </button>
    </Tooltip>
  );
}

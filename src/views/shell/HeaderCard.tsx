import { Button, CopyButton, Drawer } from "@mantine/core";
import { useState } from "react";
import { MOVIE_FORMAT_NAMES } from "#src/domain/movie.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { FileRole } from "#src/domain/reading.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { frameSetOf, selectedFile, roleInUse } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { Icon } from "../shared/Icon.tsx";
import { FailureNote, Notice, Section } from "../shared/PanelParts.tsx";
import { bytes, counted, fixed, integer, significant } from "../shared/format.ts";
import { ByteSign, EerReading } from "./ReadingChoices.tsx";
import { PixelSizeAndDose } from "./PixelSizeAndDose.tsx";

/** What the headers of the selected file say, what may be changed about it, and the raw header. */
export function HeaderCard() {
  const open = useAppState((s) => s.view.headerOpen);
  const file = useAppState((s) => selectedFile(s.session));
  const { setView } = useActions();
  return (
    <Drawer
      opened={open}
      onClose={() => setView({ headerOpen: false })}
      position="right"
      size={476}
      title={file?.name ?? "No file selected"}
      withOverlay={false}
      trapFocus={false}
      lockScroll={false}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": "Close" }}
      classNames={{ content: "header-card" }}
    >
      {file !== null && <Card key={file.id} file={file} />}
    </Drawer>
  );
}

function Card({ file }: { file: SessionFile }) {
  const wish = useAppState((s) => s.session.wishes[file.id]);
  const { retryOpening } = useActions();
  const { header } = file;
  // Fields start anew from what the file says after it was read again.
  const reading = JSON.stringify([wish ?? null, header?.pixelSizeA, header?.dosePerFrame]);
  return (
    <>
      {file.failure !== null && (
        <FailureNote failure={file.failure} onRetry={() => void retryOpening(file.id)} />
      )}
      {header !== null && <Facts file={file} header={header} />}
      <UseAs file={file} />
      {header !== null && (
        <>
          {header.warnings.map((warning) => (
            <Notice key={warning}>{warning}</Notice>
          ))}
          <PixelSizeAndDose key={`numbers ${reading}`} file={file} header={header} />
          {header.eer !== undefined && (
            <EerReading key={`eer ${reading}`} file={file} header={header} eer={header.eer} />
          )}
          <ByteSign file={file} header={header} />
          <Frames file={file} />
          <RawHeader header={header} />
        </>
      )}
    </>
  );
}

function Facts({ file, header }: { file: SessionFile; header: MovieHeader }) {
  const { width, height, frames, pixelType, storedType, eer, dosePerFrame } = header;
  const rows: readonly (readonly [string, string])[] = [
    ["Format", MOVIE_FORMAT_NAMES[header.format]],
    ...(file.size > 0 ? [["Size", bytes(file.size)] as const] : []),
    ...(file.parts === undefined ? [] : [["Files", integer(file.parts)] as const]),
    ["Frames", integer(frames)],
    ...(eer === undefined
      ? []
      : [["Raw frames", `${integer(eer.rawFrames)}, ${integer(eer.groupSize)} in each`] as const]),
    ["Picture", `${integer(width)} × ${integer(height)} px`],
    ["Type", storedType === undefined ? pixelType : `${pixelType}, stored as ${storedType}`],
    [
      "Pixel size",
      header.pixelSizeA === null
        ? "not in the file"
        : `${significant(header.pixelSizeA, 4)} Å/px, ${header.pixelSizeSource ?? "source unknown"}`,
    ],
    [
      "Dose",
      dosePerFrame === null
        ? "not in the file"
        : `${fixed(dosePerFrame, 3)} e⁻/Å² a frame, ${fixed(dosePerFrame * frames, 1)} in all`,
    ],
    ...(header.unitsPerElectron === null
      ? []
      : [["Units per electron", significant(header.unitsPerElectron, 4)] as const]),
  ];
  return (
    <Section>
      <dl className="pairs" data-testid="header-facts">
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

type Use = "gain" | "dark" | "defects" | "none";

const EFFECT: Readonly<Record<Use, string>> = {
  gain: "Frames are multiplied by it in the pose that Orientation finds.",
  dark: "Motion subtracts it from every frame before the gain.",
  defects: "Motion replaces these pixels, besides those that the gain marks.",
  none: "No step uses it as a reference.",
};

const LOOKS: Readonly<Record<FileRole, string>> = {
  gain: "Looks like a gain reference",
  dark: "Looks like a dark reference",
  defects: "Looks like bad pixels",
  micrograph: "Looks like a micrograph",
};

/** For single images and lists: what the session takes them as. */
function UseAs({ file }: { file: SessionFile }) {
  const used = useAppState((s) => roleInUse(s.session, file.id)) ?? "none";
  const { takeAs } = useActions();
  if (file.kind !== "image" && file.kind !== "defects") return null;
  const images = [
    { value: "gain" as const, label: "Gain" },
    { value: "dark" as const, label: "Dark" },
  ];
  return (
    <Section title="Use as">
      <Choice<Use>
        label="Use as"
        value={used}
        options={[
          ...(file.kind === "image" ? images : []),
          { value: "defects", label: "Bad pixels" },
          { value: "none", label: file.kind === "image" ? "Picture" : "Not used" },
        ]}
        onChange={(next) => takeAs(file.id, next === "none" ? null : next)}
      />
      <p className="caption" style={{ marginTop: 6 }}>
        {file.role == null ? "" : `${LOOKS[file.role]}. `}
        {file.reason ?? ""} {EFFECT[used]}
      </p>
    </Section>
  );
}

/** Separate frames: put together as one movie by choice, and taken apart again. */
function Frames({ file }: { file: SessionFile }) {
  const session = useAppState((s) => s.session);
  const { joinAsMovie, separate } = useActions();
  const set = frameSetOf(session, file.id);
  if (file.parts !== undefined)
    return (
      <Section title="Separate frames" caption={counted(file.parts, "file")}>
        <Button variant="default" onClick={() => void separate(file.id)}>
          Take the files apart again
        </Button>
      </Section>
    );
  if (set.length < 2) return null;
  const name = (id: string): string => session.files.find((f) => f.id === id)?.name ?? "";
  return (
    <Section title="Separate frames">
      <p className="caption">
        {name(set[0])} to {name(set[set.length - 1])} are single frames of one size.
      </p>
      <Button mt={6} variant="default" onClick={() => void joinAsMovie(set)}>
        Read {integer(set.length)} files as one movie
      </Button>
    </Section>
  );
}

function RawHeader({ header }: { header: MovieHeader }) {
  const [open, setOpen] = useState(false);
  const { fields } = header;
  if (fields.length === 0) return null;
  const text = fields.map(({ name, value }) => `${name}\t${value}`).join("\n");
  return (
    <Section>
      <div className="section-head">
        <button
          type="button"
          className="text-button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "down" : "right"} size={13} />
          Raw header
        </button>
        <span className="caption">{counted(fields.length, "field")}</span>
      </div>
      {open && (
        <>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={<Icon name="copy" size={14} />} onClick={copy}>
                {copied ? "Copied" : "Copy all"}
              </Button>
            )}
          </CopyButton>
          <dl className="pairs raw-header">
            {fields.map(({ name, value }, i) => (
              <div key={`${i} ${name}`} style={{ display: "contents" }}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Section>
  );
}

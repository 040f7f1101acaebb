import { useEffect, useMemo, useRef } from "react";
import type { GainReport, GainThumbnail } from "#src/domain/gainReport.ts";
import type { OrientedGainReport } from "#src/domain/orientation.ts";
import type { GallerySet } from "#src/state/gallerySlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { Empty } from "../shared/PanelParts.tsx";
import { PictureViewer } from "../shared/PictureViewer.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { useGallery } from "./useGallery.ts";
import { answerStatus, answerWord } from "./gainText.ts";
import "./gallery.css";

/** Grey limits that all pictures of a gallery share: medians of their own limits. */
function sharedLimits(thumbnails: readonly GainThumbnail[]): { low: number; high: number } {
  const middle = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[values.length >> 1] ?? 1;
  // Thumbnails reach beyond their percentiles by a quarter of their range on both sides.
  const low = middle(thumbnails.map((t) => t.low + (t.high - t.low) / 4));
  const high = middle(thumbnails.map((t) => t.high - (t.high - t.low) / 4));
  return { low, high };
}

function Small({
  thumbnail,
  limits,
  inverted,
}: {
  thumbnail: GainThumbnail;
  limits: { readonly low: number; readonly high: number };
  inverted: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { low, high } = limits;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null) return;
    const { columns, rows, grey } = thumbnail;
    const image = context.createImageData(columns, rows);
    const step = (thumbnail.high - thumbnail.low) / 255;
    const span = high > low ? high - low : 1;
    for (let i = 0; i < grey.length; i++) {
      const value = (255 * (thumbnail.low + step * grey[i] - low)) / span;
      image.data.fill(inverted ? 255 - value : value, 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [thumbnail, low, high, inverted]);
  return <canvas ref={canvas} width={thumbnail.columns} height={thumbnail.rows} aria-hidden />;
}

/** The place of a picture has its shape before it is drawn. */
const shapeOf = ({ columns, rows }: GainThumbnail) => ({ aspectRatio: `${columns} / ${rows}` });

const WORDS: Readonly<Record<GallerySet, string>> = {
  estimated: "Estimated pixel gain G",
  residual: "Residual pixel gain G",
  oriented: "Pixel gain G of the oriented reference",
};

/** The gains of a set in small, on one scale of grey; a click puts one large in their place. */
export function GalleryViewer() {
  const gallery = useGallery();
  const { set, items, oriented, chosen } = gallery;
  const large = useAppState((s) => s.gallery.large);
  const failure = useAppState((s) => s.gallery.failure);
  const { setGallery } = useActions();
  const tools = (
    <Choice
      label="Set of gains"
      value={set}
      options={[
        { value: "estimated", label: `Estimated ${integer(gallery.counts.estimated)}` },
        { value: "residual", label: `Residual ${integer(gallery.counts.residual)}` },
        { value: "oriented", label: "Oriented" },
      ]}
      onChange={(value) => setGallery({ set: value, large: false })}
    />
  );
  if (large && set === "oriented" && oriented !== null) return <LargeOriented report={oriented} />;
  if (large && chosen !== null) return <LargeGain report={chosen} set={set} />;
  return (
    <main className="column" aria-label="Picture">
      <div className="viewer-bar" role="toolbar" aria-label="Gallery">
        {tools}
      </div>
      <div className="gallery-body">
        {set === "oriented" ? (
          oriented === null ? (
            <Empty>
              {failure?.message ??
                (gallery.reference
                  ? "The reference is being turned."
                  : "There is no gain reference in this session. Drop one to see it in its pose.")}
            </Empty>
          ) : (
            <div className="gallery-grid">
              <OrientedTile report={oriented} />
            </div>
          )
        ) : items.length === 0 ? (
          <Empty>
            {set === "residual"
              ? "No residual gain has been made: it is what a reference leaves. Run the protocol with a reference, or estimate with the reference applied."
              : "No gain has been estimated yet."}
          </Empty>
        ) : (
          <Grid items={items} />
        )}
      </div>
      <div className="gallery-caption caption">
        {set === "oriented"
          ? `${WORDS.oriented}; row 0 at the top`
          : `${WORDS[set]} of ${counted(items.length, "movie")}, one scale of grey for all; row 0 at the top`}
      </div>
    </main>
  );
}

function Grid({ items }: { items: readonly { report: GainReport; name: string }[] }) {
  const selected = useAppState((s) => s.session.selected);
  const inverted = useAppState((s) => s.view.inverted);
  const { select, setGallery } = useActions();
  const limits = useMemo(() => sharedLimits(items.map((i) => i.report.thumbnail)), [items]);
  return (
    <div className="gallery-grid" role="list" aria-label="Gains">
      {items.map(({ report, name }) => {
        const { answer } = report.verdict;
        return (
          <div role="listitem" key={report.kept}>
            <button
              type="button"
              className="gallery-tile"
              aria-pressed={report.id === selected}
              aria-label={`${name}, ${answerWord[answer]}, sd of G ${fixed(report.statistics.std, 3)}: show large`}
              onClick={() => {
                select(report.id);
                setGallery({ large: true });
              }}
            >
              <span className="gallery-picture" style={shapeOf(report.thumbnail)}>
                <Small thumbnail={report.thumbnail} limits={limits} inverted={inverted} />
              </span>
              <span className="gallery-name">
                <StatusGlyph kind={answerStatus[answer]} size={12} />
                <span className="ellipsis">{name}</span>
                <span className="spacer" />
                <span className="second">{fixed(report.statistics.std, 3)}</span>
              </span>
            </button>
          </div>
        );
      })}
    </div>
  );
}

function OrientedTile({ report }: { report: OrientedGainReport }) {
  const inverted = useAppState((s) => s.view.inverted);
  const { setGallery } = useActions();
  return (
    <button
      type="button"
      className="gallery-tile"
      aria-label={`${report.referenceName}, ${report.poseName}: show large`}
      onClick={() => setGallery({ large: true })}
    >
      <span className="gallery-picture" style={shapeOf(report.thumbnail)}>
        <Small
          thumbnail={report.thumbnail}
          limits={sharedLimits([report.thumbnail])}
          inverted={inverted}
        />
      </span>
      <span className="gallery-name">
        <span className="ellipsis">{report.referenceName}</span>
        <span className="spacer" />
        <span className="second">{fixed(report.statistics.std, 3)}</span>
      </span>
    </button>
  );
}

function Back({ word }: { word: string }) {
  const { setGallery } = useActions();
  return (
    <button type="button" className="text-button" onClick={() => setGallery({ large: false })}>
      <Icon name="left" size={14} />
      {word}
    </button>
  );
}

function LargeGain({ report, set }: { report: GainReport; set: GallerySet }) {
  const file = useAppState((s) => s.session.files.find((f) => f.id === report.id));
  const name = `${WORDS[set]}, ${report.name}`;
  return (
    <main className="column" aria-label="Picture">
      <PictureViewer
        pictureKey={{ kind: "stored", id: `${report.pictures}/G` }}
        name={name}
        caption={`${name}; row 0 at the top. ${report.verdict.text}`}
        contrastGroup={set === "residual" ? "G residual" : "G"}
        unit="G"
        decimals={4}
        pixelSizeA={file?.header?.pixelSizeA ?? null}
        profiles
        tools={<Back word="All gains" />}
      />
    </main>
  );
}

function LargeOriented({ report }: { report: OrientedGainReport }) {
  const name = `Pixel gain G of ${report.referenceName}, ${report.poseName}`;
  return (
    <main className="column" aria-label="Picture">
      <PictureViewer
        pictureKey={{ kind: "stored", id: `${report.pictures}/G` }}
        name={name}
        caption={`${name}; row 0 at the top`}
        contrastGroup="G"
        unit="G"
        decimals={4}
        pixelSizeA={null}
        profiles
        tools={<Back word="All gains" />}
      />
    </main>
  );
}

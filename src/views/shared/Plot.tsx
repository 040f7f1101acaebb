import { Button, Menu, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { saveText, saveUrl } from "#src/state/saving.ts";
import { readToken } from "../theme.ts";
import type { Token } from "../theme.ts";
import { Icon } from "./Icon.tsx";
import { drawInTurn, loadPlotly } from "./plotQueue.ts";
import { useStable } from "./useStable.ts";
import { useElementSize } from "./useElementSize.ts";

/** One series: a line, points, or zero-based bars. Blue and solid is after or estimate, grey before. */
export interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Outliers are points drawn as triangles. */
  readonly kind: "line" | "points" | "outliers" | "bars" | "area";
  readonly colour: Token;
  readonly dash?: boolean;
  readonly opacity?: number;
  /** Points: a number each, shown in viridis (frames of a trajectory). */
  readonly shades?: readonly number[];
  /** Second axis at the right. */
  readonly right?: boolean;
}

/** A vertical or horizontal line with its value written at its end. */
export interface PlotMark {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly text: string;
  readonly side?: "left" | "right";
  readonly dash?: boolean;
  /** How far up the mark reaches, and where its text stands: part of the plot's height. */
  readonly height?: number;
}

/** A word in the plot instead of a legend. */
export interface PlotLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: Token;
  readonly strong?: boolean;
  readonly anchor?: "left" | "right" | "center";
  /** Distance from its place towards the side it is written on, screen px. */
  readonly gap?: number;
}

export interface PlotProps {
  /** Sentence that says what the plot shows. */
  readonly summary: string;
  /** Base name of exported files. */
  readonly name: string;
  /** "quantity, unit" */
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
  readonly marks?: readonly PlotMark[];
  readonly labels?: readonly PlotLabel[];
  readonly height: number;
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** x and y on one scale, y down as in the picture. */
  readonly equalAxes?: boolean;
  readonly hideY?: boolean;
  /** x counts things: ticks at whole numbers. */
  readonly wholeX?: boolean;
  readonly xTicks?: { readonly at: readonly number[]; readonly text: readonly string[] };
  readonly yTicks?: { readonly at: readonly number[]; readonly text: readonly string[] };
}

/** rgba() of a token, because plotly knows no color-mix. */
function faded(colour: string, opacity: number): string {
  const value = Number.parseInt(colour.slice(1), 16);
  return `rgba(${value >> 16}, ${(value >> 8) & 255}, ${value & 255}, ${opacity})`;
}

function trace(series: Series, colour: string) {
  const line = { color: colour, width: 1.7, dash: series.dash === true ? "4px,3px" : "solid" };
  const axis = series.right === true ? { yaxis: "y2" } : {};
  const base = {
    x: series.x,
    y: series.y,
    name: series.name,
    opacity: series.opacity ?? 1,
    ...axis,
  };
  switch (series.kind) {
    case "bars":
      return { ...base, type: "bar", marker: { color: colour, line: { width: 0 } } };
    case "outliers":
      return {
        ...base,
        type: "scatter",
        mode: "markers",
        marker: { color: colour, size: 8, symbol: "triangle-up" },
      };
    case "points":
      return {
        ...base,
        type: "scatter",
        mode: "markers",
        marker:
          series.shades === undefined
            ? { color: colour, size: 4.4 }
            : {
                color: series.shades,
                colorscale: "Viridis",
                size: 7,
                line: { width: 0.6, color: readToken("--line-strong") },
              },
      };
    case "area":
      return {
        ...base,
        type: "scatter",
        mode: "lines",
        line,
        fill: "tozeroy",
        fillcolor: faded(colour, 0.14),
      };
    case "line":
      return { ...base, type: "scatter", mode: "lines", line };
  }
}

/** Ticks of a logarithmic axis at 1, 2 and 5 of every decade that the values touch. */
function logTicks(values: readonly number[]): { tickvals: number[]; ticktext: string[] } {
  const positive = values.filter((v) => v > 0);
  const first = Math.floor(Math.log10(Math.min(...positive)));
  const last = Math.ceil(Math.log10(Math.max(...positive)));
  const wide = last - first > 2;
  const tickvals: number[] = [];
  for (let decade = first; decade <= last; decade++)
    for (const digit of wide ? [1] : [1, 2, 5]) tickvals.push(digit * 10 ** decade);
  return { tickvals, ticktext: tickvals.map((v) => String(Number(v.toPrecision(1)))) };
}

/** Step of ticks at whole numbers: at most about eight of them. */
function wholeStep(series: readonly Series[]): number {
  const longest = series.reduce((most, { x }) => Math.max(most, x.at(-1) ?? 1), 1);
  return Math.max(1, Math.ceil(longest / 8));
}

/** Equal decimals on all ticks, as many as their step needs. */
function tickFormat(
  range: readonly [number, number] | undefined,
  series: readonly Series[],
  axis: "x" | "y",
  ticks: number,
): string {
  const values = range ?? series.flatMap((s) => s[axis]);
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const step = (high - low) / ticks;
  const decimals = step > 0 && Number.isFinite(step) ? Math.ceil(-Math.log10(step)) : 0;
  return `.${Math.max(0, Math.min(6, decimals))}f`;
}

function csv(series: readonly Series[], xTitle: string): string {
  const lines = [`series,"${xTitle}",value`];
  for (const { name, x, y } of series) x.forEach((v, i) => lines.push(`"${name}",${v},${y[i]}`));
  return `${lines.join("\n")}\n`;
}

/** A plot in the design's manner: transparent, no frame, horizontal hairlines, direct labels. */
export function Plot(given: PlotProps) {
  // Parents make new arrays at every drawing; plotly is called only when something has changed.
  const props = useStable(given, JSON.stringify(given));
  const { summary, name, xTitle, yTitle, series, height } = props;
  const outer = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(outer);
  const scheme = useComputedColorScheme("light");
  const [table, setTable] = useState(false);

  useEffect(() => {
    const element = inner.current;
    if (element === null || width === 0) return undefined;
    let live = true;
    const text = readToken("--text-3");
    const second = readToken("--text-2");
    const axis = {
      showgrid: false,
      zeroline: false,
      tickfont: { size: 11, color: text },
      linecolor: readToken("--line-strong"),
      tickcolor: readToken("--line-strong"),
      fixedrange: true,
      tickangle: 0,
      automargin: false,
    };
    const marks = props.marks ?? [];
    const data = series.map((s) => trace(s, readToken(s.colour)));
    const layout = {
      width,
      height,
      margin: { l: props.hideY === true ? 8 : 44, r: 10, t: 18, b: 38 },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      font: { family: "Inter Variable, Segoe UI, sans-serif", size: 11, color: text },
      showlegend: false,
      bargap: 0.08,
      hovermode: "closest",
      hoverlabel: { font: { size: 11 } },
      xaxis: {
        ...axis,
        showline: true,
        ticks: "outside",
        ticklen: 4,
        ...(props.logX === true ? { type: "log" } : {}),
        ...(props.xRange === undefined ? {} : { range: props.xRange }),
        ...(props.xTicks === undefined
          ? {
              ...(props.wholeX === true ? { tick0: 1, dtick: wholeStep(series) } : { nticks: 7 }),
              ...(props.logX === true
                ? {}
                : {
                    tickformat:
                      props.wholeX === true ? "d" : tickFormat(props.xRange, series, "x", 7),
                  }),
            }
          : { tickvals: props.xTicks.at, ticktext: props.xTicks.text }),
      },
      yaxis: {
        ...axis,
        showline: false,
        showgrid: props.hideY !== true,
        gridcolor: readToken("--grid"),
        showticklabels: props.hideY !== true,
        ticks: "",
        nticks: 5,
        ...(props.logY === true ? {} : { tickformat: tickFormat(props.yRange, series, "y", 5) }),
        ...(props.logY === true ? { type: "log", ...logTicks(series.flatMap((s) => s.y)) } : {}),
        ...(props.yTicks === undefined
          ? {}
          : { tickvals: props.yTicks.at, ticktext: props.yTicks.text }),
        ...(props.yRange === undefined ? {} : { range: props.yRange }),
        ...(props.equalAxes === true
          ? { scaleanchor: "x", scaleratio: 1, autorange: "reversed" }
          : {}),
      },
      shapes: marks.map((mark) => ({
        type: "line",
        xref: mark.axis === "x" ? "x" : "paper",
        yref: mark.axis === "x" ? "paper" : "y",
        x0: mark.axis === "x" ? mark.at : 0,
        x1: mark.axis === "x" ? mark.at : 1,
        y0: mark.axis === "x" ? 0 : mark.at,
        y1: mark.axis === "x" ? (mark.height ?? 0.98) : mark.at,
        line: { color: text, width: 1, dash: mark.dash === false ? "solid" : "2px,2px" },
      })),
      annotations: [
        ...marks.map((mark) => ({
          text: mark.text,
          showarrow: false,
          font: { size: 11, color: text },
          xref: mark.axis === "x" ? "x" : "paper",
          yref: mark.axis === "x" ? "paper" : "y",
          x: mark.axis === "x" ? mark.at : 1,
          y: mark.axis === "x" ? (mark.height ?? 1) : mark.at,
          xanchor: mark.axis === "x" ? (mark.side === "left" ? "right" : "left") : "right",
          yanchor: mark.axis === "x" ? "top" : "bottom",
          xshift: mark.axis === "x" ? (mark.side === "left" ? -3 : 3) : 0,
        })),
        ...(props.labels ?? []).map((label) => ({
          text: label.strong === true ? `<b>${label.text}</b>` : label.text,
          showarrow: false,
          x: label.x,
          y: label.y,
          xanchor: label.anchor ?? "left",
          xshift: (label.gap ?? 0) * (label.anchor === "right" ? -1 : 1),
          yanchor: "middle",
          bgcolor: readToken("--surface"),
          borderpad: 1,
          font: { size: 11, color: readToken(label.colour) },
        })),
        {
          text: yTitle,
          showarrow: false,
          xref: "paper",
          yref: "paper",
          x: 0,
          y: 1,
          xshift: props.hideY === true ? 0 : -36,
          xanchor: "left",
          yanchor: "bottom",
          font: { size: 11, color: second },
        },
        {
          text: xTitle,
          showarrow: false,
          xref: "paper",
          yref: "paper",
          x: 1,
          y: 0,
          yshift: -37,
          xanchor: "right",
          yanchor: "bottom",
          font: { size: 11, color: second },
        },
      ],
    };
    void drawInTurn(async (plotly) => {
      if (live) await plotly.react(element, data, layout, { displayModeBar: false });
    });
    return () => {
      live = false;
    };
  }, [props, series, width, height, scheme, xTitle, yTitle]);

  useEffect(() => {
    const element = inner.current;
    return () => {
      if (element === null) return;
      void drawInTurn((plotly) => {
        plotly.purge(element);
      });
    };
  }, []);

  const exportImage = async (format: "svg" | "png"): Promise<void> => {
    const element = inner.current;
    if (element === null) return;
    const plotly = await loadPlotly();
    saveUrl(
      `${name}.${format}`,
      await plotly.toImage(element, { format, width, height, scale: 2 }),
    );
  };

  return (
    <figure className="plot-figure" ref={outer} aria-label={summary}>
      <div ref={inner} style={{ height }} aria-hidden />
      <Menu position="bottom-end">
        <Menu.Target>
          <button type="button" className="plot-menu" aria-label={`Save or read: ${summary}`}>
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void exportImage("svg")}>SVG</Menu.Item>
          <Menu.Item onClick={() => void exportImage("png")}>PNG</Menu.Item>
          <Menu.Item onClick={() => saveText(`${name}.csv`, csv(series, xTitle))}>CSV</Menu.Item>
          <Menu.Item onClick={() => setTable(!table)}>
            {table ? "Hide the table" : "Show as table"}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {table && (
        <div className="plot-table">
          <table className="numbers">
            <thead>
              <tr>
                <th>series</th>
                <th className="right">{xTitle}</th>
                <th className="right">{yTitle}</th>
              </tr>
            </thead>
            <tbody>
              {series.flatMap((s) =>
                s.x.slice(0, 500).map((x, i) => (
                  <tr key={`${s.name}-${i}`}>
                    <td>{s.name}</td>
                    <td className="right">{Number(x.toPrecision(5))}</td>
                    <td className="right">{Number(s.y[i].toPrecision(5))}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
          <Button data-size="xs" variant="default" onClick={() => setTable(false)}>
            Hide the table
          </Button>
        </div>
      )}
    </figure>
  );
}

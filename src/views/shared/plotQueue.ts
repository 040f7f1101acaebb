const importPlotly = () => import("plotly.js-basic-dist-min").then((module) => module.default);
type Plotly = Awaited<ReturnType<typeof importPlotly>>;

let loading: Promise<Plotly> | null = null;

export function loadPlotly(): Promise<Plotly> {
  loading ??= importPlotly();
  return loading;
}

/** The end of the task: keys and clicks that wait are answered before the next one. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

let last: Promise<unknown> = Promise.resolve();

/**
 * Draws in turn, each plot in a task of its own: a panel has up to five, and together they would keep keys waiting.
 */
export function drawInTurn(draw: (plotly: Plotly) => unknown): Promise<void> {
  const drawn = last.then(async () => {
    const plotly = await loadPlotly();
    await rest();
    await draw(plotly);
  });
  // A plot that fails keeps no other from being drawn.
  last = drawn.catch(() => undefined);
  return drawn;
}

/** Draws a plot that nobody sees: what is compiled and measured on first use is not waited for later. */
async function drawFirst(plotly: Plotly): Promise<void> {
  const hidden = document.createElement("div");
  hidden.ariaHidden = "true";
  hidden.style.cssText = "position: fixed; visibility: hidden; pointer-events: none";
  document.body.append(hidden);
  const size = { width: 120, height: 90, margin: { l: 20, r: 4, t: 4, b: 20 }, showlegend: false };
  const axis = { showgrid: true, ticks: "outside", nticks: 3 };
  const [x, y] = [
    [1, 2],
    [1, 3],
  ];
  const annotations = [{ text: "1", x: 1, y: 1, showarrow: false }];
  const shapes = [{ type: "line", x0: 1, x1: 1, y0: 1, y1: 2 }];
  const layout = { ...size, xaxis: axis, yaxis: axis, annotations, shapes };
  const bar = { x, y, type: "bar" };
  const points = { x, y, type: "scatter", mode: "lines+markers" };
  try {
    await plotly.react(hidden, [bar, points], layout, { displayModeBar: false });
    plotly.purge(hidden);
  } finally {
    hidden.remove();
  }
}

/**
 * Loads what draws plots while the page begins, before there is anything to look at: running its megabyte is one task
 * that cannot be parted, and came in the way of the first keys of a session when it ran with the first result.
 */
export function warmPlots(): void {
  const begin = (): void => void drawInTurn(drawFirst).catch(() => undefined);
  if ("requestIdleCallback" in window) requestIdleCallback(begin, { timeout: 3000 });
  else setTimeout(begin, 500);
}

/** The few calls of plotly that are used; its own typings lag behind. */
declare module "plotly.js-basic-dist-min" {
  interface PlotlyStatic {
    react(
      element: HTMLElement,
      data: readonly object[],
      layout: object,
      config: object,
    ): Promise<unknown>;
    purge(element: HTMLElement): void;
    toImage(
      element: HTMLElement,
      options: { format: "svg" | "png"; width: number; height: number; scale?: number },
    ): Promise<string>;
  }
  const plotly: PlotlyStatic;
  export = plotly;
}

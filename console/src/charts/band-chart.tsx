import { useMantineColorScheme, useMantineTheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime } from "../layout/moments";
import { useWording } from "../wording/use-wording";
import { drawLimits } from "./draw-limits";
import { type LimitLine, reach } from "./limits";

interface Given {
  /** seconds since the epoch */
  times: readonly number[];
  low: readonly (number | null)[];
  high: readonly (number | null)[];
  mean: readonly (number | null)[];
  /** limits that are agreed */
  limits: readonly LimitLine[];
  /** what stands for the chart where it can't be seen */
  summary: string;
  height?: number;
  /** charts with the same name show the same moment under the pointer */
  together: string;
}

/** A mean as a line within the band from the lowest to the highest. */
export function BandChart({ times, low, high, mean, limits, summary, height = 130, together }: Given) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useMantineTheme();
  const { colorScheme } = useMantineColorScheme();
  const { language } = useWording();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, whose scheme may change
  useEffect(() => {
    const at = box.current;
    if (at === null) return;
    const style = getComputedStyle(at);
    const ink = style.color;
    const colour = (name: string) => style.getPropertyValue(name).trim() || ink;
    const line = colour("--chart-1");
    const grid = colour("--chart-grid");
    const axis = {
      stroke: ink,
      grid: { stroke: grid, width: 1 },
      ticks: { stroke: grid, width: 1 },
      font: `12px ${theme.fontFamily}`,
    };
    const dates = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { day: "numeric", month: "short" });
    const plot = new uPlot(
      {
        width: at.clientWidth,
        height,
        legend: { show: false },
        cursor: { sync: { key: together }, drag: { x: false, y: false } },
        scales: { y: { range: (_, least, most) => padded(...reach(least, most, limits)) } },
        axes: [
          {
            ...axis,
            size: 30,
            values: (_, moments) =>
              moments.map((moment) => {
                const date = new Date(moment * 1000);
                return date.getHours() === 0 && date.getMinutes() === 0
                  ? dates.format(date)
                  : clockTime(date, language, false);
              }),
          },
          // A line of text is 12 px high.
          { ...axis, size: 46, space: 18 },
        ],
        series: [
          {},
          { stroke: "transparent", points: { show: false } },
          { stroke: "transparent", points: { show: false } },
          { stroke: line, width: 2, points: { show: times.length < 40, size: 6, fill: line } },
        ],
        hooks: { draw: [(drawn) => drawLimits(drawn, limits, colour)] },
        bands: [{ series: [2, 1], fill: `color-mix(in srgb, ${line} 18%, transparent)` }],
      },
      [[...times], [...low], [...high], [...mean]],
      at,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [times, low, high, mean, limits, height, together, language, colorScheme, theme]);
  return <div ref={box} role="img" aria-label={summary} style={{ minWidth: 0, overflow: "hidden" }} />;
}

/** A little air above and below, and never a flat line's empty scale. */
function padded(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [0, 1];
  const air = Math.max((most - least) * 0.1, 1);
  return [least - air, most + air];
}

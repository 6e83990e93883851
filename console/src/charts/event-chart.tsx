import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime } from "../layout/moments";
import { useWording } from "../wording/use-wording";
import { drawLimits } from "./draw-limits";
import classes from "./event-chart.module.css";
import { type LimitLine, reach } from "./limits";

export interface Curve {
  readonly label: string;
  readonly values: readonly (number | null | undefined)[];
  readonly kind: "line" | "bars" | "dots";
  /** which of the page's chart colours */
  readonly colour: 1 | 2 | 3 | 4;
  readonly width?: number;
}

interface Given {
  /** seconds: since the epoch, or before and after the event */
  readonly times: readonly number[];
  readonly curves: readonly Curve[];
  /** the moment of the event, in the unit of `times` */
  readonly event: number;
  readonly eventLabel: string;
  /** what is seen at least, seconds */
  readonly from: number;
  readonly to: number;
  /** times are seconds before and after the event */
  readonly relative?: boolean;
  readonly height?: number;
  /** names of the values 1, 2, 3 … in place of figures */
  readonly lanes?: readonly string[];
  /** zero belongs to the picture */
  readonly fromZero?: boolean;
  /** limits that are agreed */
  readonly limits?: readonly LimitLine[];
  /** charts with the same name show the same moment under the pointer */
  readonly together: string;
  /** what stands for the chart where it can't be seen */
  readonly summary: string;
}

const NO_LIMITS: readonly LimitLine[] = [];
const ONLY_VALUES: Intl.NumberFormatOptions = { maximumFractionDigits: 2 };

/** A chart around the moment when it happened, which a line marks. */
export function EventChart(given: Given) {
  const {
    times,
    curves,
    event,
    eventLabel,
    from,
    to,
    relative,
    height = 120,
    lanes,
    fromZero,
    limits = NO_LIMITS,
    together,
    summary,
  } = given;
  const box = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  const { language } = useWording();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, whose scheme may change
  useEffect(() => {
    const at = box.current;
    if (at === null) return;
    const style = getComputedStyle(at);
    const colour = (name: string) => style.getPropertyValue(name).trim() || style.color;
    const figure = new Intl.NumberFormat(language, ONLY_VALUES);
    const axis = {
      stroke: style.color,
      grid: { stroke: colour("--chart-grid"), width: 1 },
      ticks: { stroke: colour("--chart-grid"), width: 1 },
      font: `12px ${style.fontFamily}`,
    };
    const plot = new uPlot(
      {
        width: Math.max(at.clientWidth, 40),
        height,
        legend: { show: false },
        cursor: { sync: { key: together }, drag: { x: false, y: false }, points: { show: false } },
        scales: {
          x: { time: !relative, range: (_, least, most) => [Math.min(from, least ?? from), Math.max(to, most ?? to)] },
          y: {
            range: (_, least, most) =>
              lanes ? [0.4, lanes.length + 0.6] : air(...reach(least, most, limits), fromZero === true),
          },
        },
        axes: [
          {
            ...axis,
            size: 30,
            values: (_, marks) =>
              marks.map((mark) => (relative ? `${figure.format(mark)} s` : clockTime(mark * 1000, language, false))),
          },
          {
            ...axis,
            size: lanes ? 92 : 52,
            // A line of text is 12 px high.
            space: 18,
            ...(lanes
              ? {
                  splits: () => lanes.map((_, place) => place + 1),
                  values: (_: uPlot, marks: number[]) => marks.map((mark) => lanes[mark - 1] ?? ""),
                }
              : {}),
          },
        ],
        series: [
          {},
          ...curves.map((curve): uPlot.Series => {
            const ink = colour(`--chart-${curve.colour}`);
            const common = { label: curve.label, stroke: ink, width: curve.width ?? 2 };
            if (curve.kind === "bars") {
              const paths = uPlot.paths.bars?.({ size: [0.8, 14] });
              return { ...common, fill: ink, points: { show: false }, ...(paths ? { paths } : {}) };
            }
            if (curve.kind === "dots") {
              return { ...common, paths: () => null, points: { show: true, size: 8, width: 0, fill: ink } };
            }
            return { ...common, points: { show: curve.values.length < 60, size: 5, fill: ink } };
          }),
        ],
        hooks: {
          draw: [
            (drawn) => drawLimits(drawn, limits, colour),
            (drawn) => mark(drawn, event, eventLabel, colour, style.fontFamily),
          ],
        },
      },
      [[...times], ...curves.map((curve) => [...curve.values])],
      at,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(at.clientWidth, 40), height }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [
    times,
    curves,
    event,
    eventLabel,
    from,
    to,
    relative,
    height,
    lanes,
    fromZero,
    limits,
    together,
    language,
    colorScheme,
  ]);
  return <div ref={box} role="img" aria-label={summary} className={classes.chart} />;
}

/** The line of the event, with its word. */
function mark(plot: uPlot, event: number, label: string, colour: (name: string) => string, font: string): void {
  const x = Math.round(plot.valToPos(event, "x", true));
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  const pen = plot.ctx;
  const scale = uPlot.pxRatio;
  pen.save();
  pen.strokeStyle = colour("--chart-event");
  pen.lineWidth = 2 * scale;
  pen.setLineDash([5 * scale, 4 * scale]);
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x, top + height);
  pen.stroke();
  pen.font = `600 ${11 * scale}px ${font}`;
  const wide = pen.measureText(label).width;
  const right = x + 5 * scale + wide < left + width;
  pen.textAlign = right ? "left" : "right";
  pen.textBaseline = "top";
  // A curve that runs there does not run through the word.
  pen.fillStyle = colour("--mantine-color-body");
  pen.fillRect(right ? x + 3 * scale : x - 7 * scale - wide, top, wide + 4 * scale, 14 * scale);
  pen.fillStyle = colour("--chart-event");
  pen.fillText(label, right ? x + 5 * scale : x - 5 * scale, top + 2 * scale);
  pen.restore();
}

/** A little air above and below, and never a flat line's empty scale. */
function air(least: number | null, most: number | null, zero: boolean): [number, number] {
  if (least === null || most === null) return [0, 1];
  const some = Math.max((most - least) * 0.12, Math.abs(most) * 0.02, 0.1);
  return [zero ? 0 : least - some, most + some];
}

import uPlot from "uplot";
import type { LimitLine } from "./limits";

/** The limits across the whole chart, dashed. colour: what a CSS variable says. */
export function drawLimits(plot: uPlot, lines: readonly LimitLine[], colour: (name: string) => string): void {
  const { left, top, width, height } = plot.bbox;
  const scale = uPlot.pxRatio;
  const pen = plot.ctx;
  pen.save();
  pen.lineWidth = 1.5 * scale;
  pen.setLineDash([7 * scale, 5 * scale]);
  for (const line of lines) {
    const y = Math.round(plot.valToPos(line.value, "y", true));
    if (y < top || y > top + height) continue;
    pen.strokeStyle = colour(line.colour);
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(left + width, y);
    pen.stroke();
  }
  pen.restore();
}

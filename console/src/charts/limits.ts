// The limits that a care plan sets for a metric, as lines of a chart.

/** As the care plan has them, in the metric's own unit; null: none on that side. */
export interface Limits {
  readonly low: number | null;
  readonly high: number | null;
}

export interface LimitLine {
  readonly value: number;
  /** the colour of the curve that it is about: a CSS variable of the chart */
  readonly colour: string;
}

export interface LimitedMetric {
  readonly metric: string;
  readonly limits: Limits;
  readonly colour: string;
}

/** Those of a chart's metrics for which the plan has limits. colours: of the metrics, in the same order. */
export function limitedMetrics(
  plan: Readonly<Record<string, Limits>> | undefined,
  metrics: readonly string[],
  colours: readonly string[],
): readonly LimitedMetric[] {
  return metrics.flatMap((metric, place) => {
    const limits = plan?.[metric];
    if (limits === undefined || (limits.low === null && limits.high === null)) return [];
    return [{ metric, limits, colour: colours[place] ?? "" }];
  });
}

export function linesOf(limited: readonly LimitedMetric[]): readonly LimitLine[] {
  return limited.flatMap(({ limits, colour }) =>
    [limits.low, limits.high].filter((value) => value !== null).map((value) => ({ value, colour })),
  );
}

/** From the lowest to the highest value that has to be in the picture: of the data, and the limits. */
export function reach(
  least: number | null,
  most: number | null,
  lines: readonly LimitLine[],
): [number | null, number | null] {
  if (least === null || most === null) return [least, most];
  const values = lines.map((line) => line.value);
  return [Math.min(least, ...values), Math.max(most, ...values)];
}

/** Name of the message that says them. */
export function wordingOf({ low, high }: Limits): "limits-both" | "limits-low" | "limits-high" {
  if (low === null) return "limits-high";
  return high === null ? "limits-low" : "limits-both";
}

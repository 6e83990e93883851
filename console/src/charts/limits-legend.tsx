import { Group, Text } from "@mantine/core";
import { useWording, type Wording } from "../wording/use-wording";
import { type LimitedMetric, wordingOf } from "./limits";
import classes from "./limits-legend.module.css";

/** "Limits of the care plan: 90 to 180 mmHg"; with the metric's name where the chart has several. */
export function limitsText({ metric, limits }: LimitedMetric, several: boolean, { language, say }: Wording): string {
  const figure = (value: number | null) => new Intl.NumberFormat(language).format(value ?? 0);
  const said = say(wordingOf(limits), {
    low: figure(limits.low),
    high: figure(limits.high),
    unit: say(`unit-${metric}`),
  });
  return several ? say("limits-of", { name: say(`metric-${metric}`), limits: said }) : said;
}

/** What the dashed lines of a chart are. several: the chart has more metrics than one. */
export function LimitsLegend({ limited, several }: { limited: readonly LimitedMetric[]; several: boolean }) {
  const wording = useWording();
  if (limited.length === 0) return null;
  return (
    <Group gap="md" className={classes.legend}>
      {limited.map((each) => (
        <Text key={each.metric} size="sm" c="dimmed">
          <span className={classes.line} style={{ borderColor: `var(${each.colour})` }} aria-hidden />{" "}
          {limitsText(each, several, wording)}
        </Text>
      ))}
    </Group>
  );
}

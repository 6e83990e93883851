import { SimpleGrid, Text } from "@mantine/core";
import { useMemo } from "react";
import { type Curve, EventChart } from "../charts/event-chart";
import { limitedMetrics, linesOf } from "../charts/limits";
import { LimitsLegend, limitsText } from "../charts/limits-legend";
import { Loaded, Nothing } from "../layout/loaded";
import { clockTime } from "../layout/moments";
import { Section } from "../layout/section";
import { useCarePlan } from "../residents/use-care-plan";
import { useWording } from "../wording/use-wording";
import { aligned, extentOf, pointsOf, withGaps } from "./series";
import { BEFORE, type Detail, type Reading, useReadings } from "./use-incident";

/** One chart each; blood pressure is two curves of one. */
const CHARTS = [
  { name: "heart_rate", metrics: ["heart_rate"], digits: 0 },
  { name: "spo2", metrics: ["spo2"], digits: 0 },
  { name: "blood_pressure", metrics: ["systolic_bp", "diastolic_bp"], digits: 0 },
  { name: "respiratory_rate", metrics: ["respiratory_rate"], digits: 0 },
  { name: "body_temperature", metrics: ["body_temperature"], digits: 1 },
  { name: "blood_glucose", metrics: ["blood_glucose"], digits: 1 },
] as const;
const METRICS = CHARTS.flatMap((chart) => chart.metrics);
// A wearable sends each minute or few: after so many seconds of nothing the line is broken.
const LONGEST = 1_200;

/** Vital signs some hours around the event. */
export function Vitals({ incident, live }: { incident: Detail; live: boolean }) {
  const { say } = useWording();
  const readings = useReadings(incident.resident_id, METRICS, incident.event_time, live);
  return (
    <Section title={say("around-vitals")}>
      <Loaded query={readings}>{(found) => <Charts incident={incident} readings={found} />}</Loaded>
    </Section>
  );
}

function Charts({ incident, readings }: { incident: Detail; readings: readonly Reading[] }) {
  const { say } = useWording();
  const present = CHARTS.filter(({ metrics }) =>
    readings.some(({ metric }) => metrics.some((each) => each === metric)),
  );
  if (present.length === 0) return <Nothing>{say("around-no-vitals")}</Nothing>;
  return (
    <SimpleGrid cols={1} spacing="sm">
      {present.map((chart) => (
        <Chart key={chart.name} incident={incident} readings={readings} {...chart} />
      ))}
    </SimpleGrid>
  );
}

interface ChartGiven {
  readonly incident: Detail;
  readonly readings: readonly Reading[];
  readonly name: string;
  readonly metrics: readonly string[];
  readonly digits: number;
}

// The first curve of a chart and the second.
const COLOURS = [1, 4] as const;

function Chart({ incident, readings, name, metrics, digits }: ChartGiven) {
  const wording = useWording();
  const { language, say } = wording;
  const plan = useCarePlan(incident.resident_id).data;
  const { limited, limits } = useMemo(() => {
    const found = limitedMetrics(
      plan?.limits,
      metrics,
      COLOURS.map((colour) => `--chart-${colour}`),
    );
    return { limited: found, limits: linesOf(found) };
  }, [plan, metrics]);
  const { times, curves, extents } = useMemo(() => {
    const points = metrics.map((metric) => pointsOf(readings, metric));
    const columns = aligned(points.map((each) => withGaps(each, LONGEST)));
    return {
      times: columns.times,
      curves: columns.columns.map(
        (values, place): Curve => ({ label: metrics[place] ?? "", values, kind: "line", colour: COLOURS[place] ?? 1 }),
      ),
      extents: points.map(extentOf),
    };
  }, [readings, metrics]);
  const event = Date.parse(incident.event_time) / 1000;
  const title = say(name === "blood_pressure" ? "around-blood-pressure" : `metric-${name}`);
  const unit = say(`unit-${metrics[0]}`);
  const figure = (value: number) => value.toFixed(digits);
  const said = extents
    .filter((each) => each !== null)
    .map((each) =>
      say("around-range", { last: figure(each.last), low: figure(each.low), high: figure(each.high), unit }),
    )
    .join("; ");
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <figcaption>
        <Text span fw={600}>
          {title}
        </Text>{" "}
        <Text span size="sm">
          {said}
        </Text>
      </figcaption>
      <EventChart
        times={times}
        curves={curves}
        event={event}
        eventLabel={clockTime(incident.event_time, language, false)}
        from={event - BEFORE / 1000}
        to={Math.max(event + 600, ...times.slice(-1))}
        together={`incident-${incident.id}`}
        summary={[`${title}: ${said}`, ...limited.map((each) => limitsText(each, metrics.length > 1, wording))].join(
          "; ",
        )}
        limits={limits}
        height={110}
      />
      <LimitsLegend limited={limited} several={metrics.length > 1} />
    </figure>
  );
}

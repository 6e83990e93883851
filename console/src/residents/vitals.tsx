import { Box, Group, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { now } from "../api/clock";
import { useNow } from "../api/use-now";
import { BandChart } from "../charts/band-chart";
import { limitedMetrics, linesOf } from "../charts/limits";
import { LimitsLegend, limitsText } from "../charts/limits-legend";
import { Loaded, Nothing } from "../layout/loaded";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import { columns, extent } from "./hours";
import { useCarePlan } from "./use-care-plan";
import { type Hour, useHours, useLatest } from "./use-resident";

const METRICS = [
  "heart_rate",
  "spo2",
  "respiratory_rate",
  "body_temperature",
  "systolic_bp",
  "diastolic_bp",
  "blood_glucose",
  "body_weight",
] as const;
type Metric = (typeof METRICS)[number];

const DIGITS: Readonly<Record<Metric, number>> = {
  heart_rate: 0,
  spo2: 0,
  respiratory_rate: 0,
  body_temperature: 1,
  systolic_bp: 0,
  diastolic_bp: 0,
  blood_glucose: 1,
  body_weight: 1,
};

/** Vital signs of the last days, hour by hour. */
export function Vitals({ residentId }: { residentId: number }) {
  const { say } = useWording();
  const [days, setDays] = useState(3);
  const hours = useHours(residentId, METRICS, days, now);
  return (
    <Section
      title={say("vitals-title")}
      beside={
        <SegmentedControl
          size="xs"
          aria-label={say("vitals-days")}
          value={String(days)}
          onChange={(value) => setDays(Number(value))}
          data={[1, 3, 7, 30].map((each) => ({ value: String(each), label: say("vitals-last-days", { days: each }) }))}
        />
      }
    >
      <Loaded query={hours}>{(figures) => <Charts residentId={residentId} figures={figures} />}</Loaded>
    </Section>
  );
}

function Charts({ residentId, figures }: { residentId: number; figures: readonly Hour[] }) {
  const { say } = useWording();
  const present = METRICS.filter((metric) => figures.some((each) => each.metric === metric));
  if (present.length === 0) return <Nothing>{say("vitals-none")}</Nothing>;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      {present.map((metric) => (
        <Chart key={metric} residentId={residentId} metric={metric} figures={figures} />
      ))}
    </SimpleGrid>
  );
}

function Chart({ residentId, metric, figures }: { residentId: number; metric: Metric; figures: readonly Hour[] }) {
  const wording = useWording();
  const { language, say } = wording;
  const plan = useCarePlan(residentId).data;
  const { limited, limits } = useMemo(() => {
    const found = limitedMetrics(plan?.limits, [metric], ["--chart-1"]);
    return { limited: found, limits: linesOf(found) };
  }, [plan, metric]);
  const latest = useLatest(residentId);
  const moment = useNow();
  const drawn = useMemo(() => columns(figures, metric), [figures, metric]);
  const newest = latest.data
    ?.filter((reading) => reading.metric === metric)
    .reduce<{ time: string; value: number } | null>(
      (best, each) => (best === null || each.time > best.time ? each : best),
      null,
    );
  const range = extent(drawn);
  const figure = (value: number) => value.toFixed(DIGITS[metric]);
  const name = say(`metric-${metric}`);
  const unit = say(`unit-${metric}`);
  return (
    <Box component="figure" m={0} miw={0}>
      <Group component="figcaption" justify="space-between" gap="xs" align="baseline">
        <Text fw={600}>{name}</Text>
        {newest ? (
          <Text size="sm">
            <Text span fw={700} size="lg">
              {figure(newest.value)}
            </Text>{" "}
            {unit} · {when(newest.time, moment, language)}
          </Text>
        ) : null}
      </Group>
      <BandChart
        times={drawn.hours}
        low={drawn.low}
        high={drawn.high}
        mean={drawn.mean}
        limits={limits}
        together={`vitals-${residentId}`}
        summary={[
          range ? say("vitals-summary", { name, low: figure(range.low), high: figure(range.high), unit }) : name,
          ...limited.map((each) => limitsText(each, false, wording)),
        ].join("; ")}
      />
      {range ? (
        <Stack gap={0}>
          <Text size="sm" c="dimmed">
            {say("vitals-range", { low: figure(range.low), high: figure(range.high), unit })}
          </Text>
        </Stack>
      ) : null}
      <LimitsLegend limited={limited} several={false} />
    </Box>
  );
}

import { Text } from "@mantine/core";
import { useMemo } from "react";
import { useNow } from "../api/use-now";
import { type Curve, EventChart } from "../charts/event-chart";
import { Loaded, Nothing } from "../layout/loaded";
import { clockTime } from "../layout/moments";
import { Section } from "../layout/section";
import { ago } from "../layout/spans";
import { type Seen, useLastSeen } from "../residents/use-resident";
import { useWording } from "../wording/use-wording";
import { aligned, lanesOf, stepsPerBin } from "./series";
import { BEFORE, type Detail, type Reading, useReadings } from "./use-incident";

const METRICS = ["motion", "door_open", "bed_occupied", "steps"];
const BIN = 600;

/** Who moved where before and after it: motion, doors and bed in lanes, steps in columns. */
export function Activity({ incident, live }: { incident: Detail; live: boolean }) {
  const { say } = useWording();
  const readings = useReadings(incident.resident_id, METRICS, incident.event_time, live);
  const devices = useLastSeen(incident.resident_id).data;
  return (
    <Section title={say("around-activity")}>
      <Loaded query={readings}>
        {(found) =>
          found.length === 0 ? (
            <Nothing>{say("around-no-activity")}</Nothing>
          ) : (
            <>
              <Lanes incident={incident} readings={found} devices={devices ?? []} />
              <Steps incident={incident} readings={found} />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

function useEdge(incident: Detail, times: readonly number[]) {
  const event = Date.parse(incident.event_time) / 1000;
  return { event, from: event - BEFORE / 1000, to: Math.max(event + 600, ...times.slice(-1)) };
}

interface Given {
  readonly incident: Detail;
  readonly readings: readonly Reading[];
}

function Lanes({ incident, readings, devices }: Given & { devices: readonly Seen[] }) {
  const { language, say, sayOr } = useWording();
  const now = useNow();
  const { times, curves, lanes, last } = useMemo(() => {
    const found = lanesOf(readings);
    const name = (id: number) => {
      const device = devices.find((each) => each.device_id === id);
      if (!device) return `#${id}`;
      return device.room ? sayOr(`room-${device.room}`, device.room) : sayOr(`device-kind-${device.kind}`, device.kind);
    };
    const columns = aligned(
      found.map((lane, place) => ({ times: [...lane.times], values: lane.times.map(() => place + 1) })),
    );
    const newest = found.reduce<{ id: number; at: number } | null>((best, lane) => {
      const at = lane.times.at(-1) ?? 0;
      return best === null || at > best.at ? { id: lane.id, at } : best;
    }, null);
    return {
      times: columns.times,
      curves: columns.columns.map((values): Curve => ({ label: "", values, kind: "dots", colour: 1 })),
      lanes: found.map((lane) => name(lane.id)),
      last: newest && { name: name(newest.id), at: newest.at * 1000 },
    };
  }, [readings, devices, sayOr]);
  const edge = useEdge(incident, times);
  if (last === null) return <Nothing>{say("around-no-motion")}</Nothing>;
  const said = say("around-last-motion", {
    room: last.name,
    time: clockTime(last.at, language),
    ago: ago(last.at, now, language),
  });
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <figcaption>
        <Text span fw={600}>
          {say("around-motion")}
        </Text>{" "}
        <Text span size="sm">
          {said}
        </Text>
      </figcaption>
      <EventChart
        times={times}
        curves={curves}
        {...edge}
        eventLabel={clockTime(incident.event_time, language, false)}
        lanes={lanes}
        height={52 + lanes.length * 24}
        together={`incident-${incident.id}`}
        summary={`${say("around-motion")}: ${said}`}
      />
    </figure>
  );
}

function Steps({ incident, readings }: Given) {
  const { language, say } = useWording();
  const { times, curves, whole } = useMemo(() => {
    const points = stepsPerBin(readings, BIN);
    return {
      times: points.times,
      curves: [{ label: "", values: points.values, kind: "bars", colour: 4 } satisfies Curve],
      whole: points.values.reduce<number>((sum, each) => sum + (each ?? 0), 0),
    };
  }, [readings]);
  const edge = useEdge(incident, times);
  if (times.length === 0) return null;
  const said = say("around-steps-sum", { steps: Math.round(whole) });
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <figcaption>
        <Text span fw={600}>
          {say("around-steps")}
        </Text>{" "}
        <Text span size="sm">
          {said}
        </Text>
      </figcaption>
      <EventChart
        times={times}
        curves={curves}
        {...edge}
        eventLabel={clockTime(incident.event_time, language, false)}
        fromZero
        height={100}
        together={`incident-${incident.id}`}
        summary={`${say("around-steps")}: ${said}`}
      />
    </figure>
  );
}

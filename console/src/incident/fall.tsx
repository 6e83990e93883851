import { Text } from "@mantine/core";
import { useMemo } from "react";
import type { Schemas } from "../api/client";
import { type Curve, EventChart } from "../charts/event-chart";
import { Loaded, Nothing } from "../layout/loaded";
import { clockTime } from "../layout/moments";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import { accelerationOf, extentOf } from "./series";
import { type Detail, useClips, type Waveform } from "./use-incident";

interface Given {
  readonly incident: Detail;
  readonly falls: readonly Schemas["Alert"][];
}

/** What the wearable felt when somebody fell: the length of the acceleration and its three axes, in g. */
export function Fall({ incident, falls }: Given) {
  const { say } = useWording();
  const first = falls.reduce((best, each) => (each.event_time < best.event_time ? each : best));
  const clips = useClips(incident.resident_id, first.event_time, true);
  return (
    <Section title={say("clip-title")}>
      <Loaded query={clips}>{(found) => <Clip incident={incident} event={first.event_time} clips={found} />}</Loaded>
    </Section>
  );
}

function Clip({ incident, event, clips }: { incident: Detail; event: string; clips: readonly Waveform[] }) {
  const { language, say } = useWording();
  const { curve, curves, extent } = useMemo(() => {
    const drawn = accelerationOf(clips, Date.parse(event));
    return {
      curve: drawn,
      extent: extentOf({ times: drawn.times, values: drawn.whole }),
      curves: [
        { label: "x", values: drawn.x, kind: "line", colour: 2, width: 1 },
        { label: "y", values: drawn.y, kind: "line", colour: 3, width: 1 },
        { label: "z", values: drawn.z, kind: "line", colour: 4, width: 1 },
        { label: "g", values: drawn.whole, kind: "line", colour: 1, width: 2 },
      ] satisfies Curve[],
    };
  }, [clips, event]);
  if (extent === null) return <Nothing>{say("clip-no-clip")}</Nothing>;
  const said = say("clip-peak", { peak: extent.high.toFixed(1), seconds: Math.abs(extent.highAt).toFixed(1) });
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <figcaption>
        <Text size="sm">{said}</Text>
        <Text size="sm" c="dimmed">
          {say("clip-legend")}
        </Text>
      </figcaption>
      <EventChart
        times={curve.times}
        curves={curves}
        event={0}
        eventLabel={clockTime(event, language)}
        from={curve.times[0] ?? 0}
        to={curve.times.at(-1) ?? 0}
        relative
        height={170}
        together={`fall-${incident.id}`}
        summary={`${say("clip-title")}: ${said}`}
      />
    </figure>
  );
}

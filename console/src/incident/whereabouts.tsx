import { Anchor, Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import { useNow } from "../api/use-now";
import { useSettings } from "../api/use-settings";
import { Section } from "../layout/section";
import { ago } from "../layout/spans";
import { isOver } from "../queue/merge";
import { useCarePlan, type Zone } from "../residents/use-care-plan";
import { useWording } from "../wording/use-wording";
import { distance, isHome, type Place } from "./place";
import type { Detail } from "./use-incident";

const PlaceMap = lazy(async () => ({ default: (await import("./map")).PlaceMap }));
const NO_ZONES: readonly Zone[] = [];

/** Where the person is: on a map, and in words for whoever does not see it. */
export function Whereabouts({ incident }: { incident: Detail }) {
  const { language, say } = useWording();
  const now = useNow();
  const settings = useSettings();
  const zones = useCarePlan(incident.resident_id).data?.zones ?? NO_ZONES;
  const { latitude, longitude } = incident.person;
  const { position } = incident;
  const home = useMemo<Place | null>(
    () => (latitude !== null && longitude !== null ? { latitude, longitude } : null),
    [latitude, longitude],
  );
  const fix = useMemo(
    () => position && { latitude: position.latitude, longitude: position.longitude, accuracy: position.accuracy },
    [position?.latitude, position?.longitude, position?.accuracy, position],
  );
  const words = useMemo(
    () => ({ home: say("map-home"), person: incident.resident, map: say("map-title") }),
    [say, incident.resident],
  );
  const away = home && position ? distance(home, position) : null;
  return (
    <Section title={say("map-title")}>
      {position ? (
        <Text>
          <Text span fw={700}>
            {away === null
              ? say("map-fix")
              : isHome(away, position.accuracy)
                ? say("map-at-home")
                : say("map-away", { metres: Math.round(away) })}
          </Text>
          {[
            "",
            ...(position.accuracy === null ? [] : [say("map-accuracy", { metres: Math.round(position.accuracy) })]),
            ago(position.time, now, language),
          ].join(" · ")}
          {" · "}
          <Anchor href={`geo:${position.latitude},${position.longitude}`} className="figures" underline="always">
            {position.latitude.toFixed(5)}, {position.longitude.toFixed(5)}
          </Anchor>
        </Text>
      ) : (
        <Text>{say(isOver(incident) ? "map-over" : "map-no-fix")}</Text>
      )}
      {settings.data && (home || fix || zones.length > 0) ? (
        <Suspense fallback={<Skeleton h="19rem" />}>
          <PlaceMap
            home={home}
            position={fix}
            zones={zones}
            tiles={settings.data.tiles_url}
            attribution={settings.data.tiles_attribution}
            words={words}
          />
        </Suspense>
      ) : null}
      {zones.length > 0 ? (
        <Text size="sm">
          {say("map-zones")}{" "}
          {zones
            .map((zone) =>
              say(zone.inside ? "map-zone" : "map-avoid", { name: zone.name, metres: Math.round(zone.radius) }),
            )
            .join(" · ")}
        </Text>
      ) : null}
    </Section>
  );
}

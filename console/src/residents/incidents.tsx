import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { useNow } from "../api/use-now";
import { Loaded, Nothing } from "../layout/loaded";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { Tag } from "../layout/tag";
import { useRefresh } from "../live/use-refresh";
import { isOver } from "../queue/merge";
import { useWording } from "../wording/use-wording";
import { useHistory } from "./use-resident";

type Incident = Schemas["Incident"];

/** What is open about a resident, and what has been. */
export function Incidents({ residentId }: { residentId: number }) {
  const { say } = useWording();
  const history = useHistory(residentId);
  useRefresh(["resident", residentId, "incidents"], (change) => change.incident.resident_id === residentId);
  return (
    <Section title={say("resident-incidents")}>
      <Loaded query={history}>
        {(all) => {
          const open = all.filter((incident) => !isOver(incident));
          const over = all.filter(isOver);
          return (
            <>
              {open.length === 0 ? <Nothing>{say("resident-incidents-none-open")}</Nothing> : <List incidents={open} />}
              {over.length > 0 ? (
                <details>
                  <summary>{say("resident-incidents-over", { count: over.length })}</summary>
                  <List incidents={over} />
                </details>
              ) : null}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function List({ incidents }: { incidents: readonly Incident[] }) {
  const { language, say, sayOr } = useWording();
  const now = useNow();
  return (
    <Stack component="ul" gap={6} p={0} my="xs" style={{ listStyle: "none" }}>
      {incidents.map((incident) => (
        <li key={incident.id}>
          <Group gap="xs">
            <Anchor component={Link} to={`/incidents/${incident.id}`} fw={600}>
              {sayOr(`kind-${incident.kind}`, incident.kind)}
            </Anchor>
            <Tag kind={incident.queue === "emergency" && !isOver(incident) ? "danger" : "neutral"}>
              {say(`queue-${incident.queue}`)}
            </Tag>
            <Text size="sm">{when(incident.raised_at, now, language)}</Text>
            <Text size="sm" c="dimmed">
              {incident.closure_code
                ? sayOr(`closure-${incident.closure_code}`, incident.closure_code)
                : (incident.claimed_by?.name ?? say("devices-nobody"))}
            </Text>
          </Group>
        </li>
      ))}
    </Stack>
  );
}

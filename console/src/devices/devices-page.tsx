import { Anchor, Box, Button, Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useNow } from "../api/use-now";
import { AreaSelect, useChosenArea } from "../areas/area-select";
import { useAreaName } from "../areas/use-areas";
import { Loaded, Nothing } from "../layout/loaded";
import { when } from "../layout/moments";
import { Note } from "../layout/note";
import { PageHead } from "../layout/page-head";
import { ago } from "../layout/spans";
import { Tag } from "../layout/tag";
import { useWording } from "../wording/use-wording";
import { DeviceName } from "./device-name";
import { byStorm, counted, GROUPS, type Group as Grouped, groupOf } from "./groups";
import { Retire } from "./retire";
import { type Storm, type Trouble, useStorms, useTroubles } from "./use-troubles";

const SHOWN_AT_FIRST = 100;

/** The maintenance queue: what is wrong with which device. */
export function Page() {
  const { say } = useWording();
  const area = useChosenArea();
  const troubles = useTroubles(area);
  const storms = useStorms();
  const [group, setGroup] = useState<Grouped | "all">("all");
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  return (
    <Stack>
      <PageHead title={say("devices-title")}>
        <AreaSelect />
      </PageHead>
      <Text c="dimmed" maw="50rem">
        {say("devices-text")}
      </Text>
      <Loaded query={troubles}>
        {({ items, more }) => {
          const counts = counted(items);
          const chosen = group === "all" ? items : items.filter((trouble) => groupOf(trouble) === group);
          const { of, single } = byStorm(chosen, storms.data ?? []);
          return (
            <>
              <SegmentedControl
                aria-label={say("devices-filter")}
                value={group}
                onChange={(value) => {
                  setGroup(value as Grouped | "all");
                  setShown(SHOWN_AT_FIRST);
                }}
                data={[
                  { value: "all", label: say("devices-all", { count: items.length }) },
                  ...GROUPS.map((each) => ({ value: each, label: say(`devices-${each}`, { count: counts[each] }) })),
                ]}
                fullWidth
                style={{ flexWrap: "wrap" }}
              />
              {more ? <Note kind="warning">{say("devices-more-than-shown", { count: items.length })}</Note> : null}
              {chosen.length === 0 ? <Nothing>{say("devices-none")}</Nothing> : null}
              <Storms storms={storms.data ?? []} of={of} />
              <Troubles troubles={single.slice(0, shown)} />
              {single.length > shown ? (
                <Button variant="default" onClick={() => setShown(shown + SHOWN_AT_FIRST)}>
                  {say("show-more", { count: single.length - shown })}
                </Button>
              ) : null}
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}

/** What has one cause stands together: it is mended once. A message about one leads here (`?storm=`), and it is open. */
function Storms({ storms, of }: { storms: readonly Storm[]; of: ReadonlyMap<number, readonly Trouble[]> }) {
  const [search] = useSearchParams();
  const asked = Number(search.get("storm"));
  return storms.map((storm) => {
    const ofIt = of.get(storm.id) ?? [];
    return ofIt.length === 0 ? null : <OneStorm key={storm.id} storm={storm} ofIt={ofIt} asked={storm.id === asked} />;
  });
}

function OneStorm({ storm, ofIt, asked }: { storm: Storm; ofIt: readonly Trouble[]; asked: boolean }) {
  const { language, say, sayOr } = useWording();
  const now = useNow();
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const summary = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!asked) return;
    summary.current?.scrollIntoView({ block: "center" });
    summary.current?.focus();
  }, [asked]);
  return (
    <Note
      kind="warning"
      title={say("storm-title", {
        kind: sayOr(`kind-${storm.kind}`, storm.kind),
        area: storm.area_name,
        count: storm.count,
      })}
    >
      <Text>
        {say("storm-since", { since: when(storm.since, now, language), last: when(storm.last_at, now, language) })}{" "}
        {storm.told_at ? say("storm-told", { time: when(storm.told_at, now, language) }) : say("storm-not-told")}
      </Text>
      <details open={asked}>
        <summary ref={summary}>{say("storm-all", { count: ofIt.length })}</summary>
        <Box bg="var(--mantine-color-body)" c="var(--mantine-color-text)" p="xs" mt="xs" bdrs="sm">
          <Troubles troubles={ofIt.slice(0, shown)} />
          {ofIt.length > shown ? (
            <Button variant="default" mt="xs" onClick={() => setShown(shown + SHOWN_AT_FIRST)}>
              {say("show-more", { count: ofIt.length - shown })}
            </Button>
          ) : null}
        </Box>
      </details>
    </Note>
  );
}

function Troubles({ troubles }: { troubles: readonly Trouble[] }) {
  const { say } = useWording();
  if (troubles.length === 0) return null;
  return (
    <>
      <Table visibleFrom="md" striped verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("devices-what")}</Table.Th>
            <Table.Th>{say("devices-device")}</Table.Th>
            <Table.Th>{say("devices-whose")}</Table.Th>
            <Table.Th>{say("devices-since")}</Table.Th>
            <Table.Th>{say("devices-incident")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {troubles.map((trouble) => (
            <Table.Tr key={trouble.id}>
              <Table.Td maw="22rem">
                <What trouble={trouble} />
              </Table.Td>
              <Table.Td>
                <Device trouble={trouble} />
              </Table.Td>
              <Table.Td>
                <Whose trouble={trouble} />
              </Table.Td>
              <Table.Td>
                <Since trouble={trouble} />
              </Table.Td>
              <Table.Td>
                <InHand trouble={trouble} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Stack hiddenFrom="md" gap="xs" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {troubles.map((trouble) => (
          <Box key={trouble.id} component="li" p="sm" bd="1px solid var(--mantine-color-default-border)" bdrs="md">
            <What trouble={trouble} />
            <Device trouble={trouble} />
            <Whose trouble={trouble} />
            <Group justify="space-between" mt={4}>
              <Since trouble={trouble} />
              <InHand trouble={trouble} />
            </Group>
          </Box>
        ))}
      </Stack>
    </>
  );
}

function What({ trouble }: { trouble: Trouble }) {
  const { say, sayOr } = useWording();
  return (
    <div>
      <Group gap="xs" wrap="nowrap">
        <Text fw={600}>{sayOr(`kind-${trouble.kind}`, trouble.kind)}</Text>
        {trouble.severity >= 3 ? <Tag kind="warning">{say(`severity-${trouble.severity}`)}</Tag> : null}
      </Group>
      <Text size="sm">{trouble.reason}</Text>
    </div>
  );
}

function Device({ trouble }: { trouble: Trouble }) {
  const { say, sayOr } = useWording();
  if (trouble.device_id === null || trouble.device === null || trouble.device_kind === null) {
    return <Text>{say("devices-whole-home")}</Text>;
  }
  const kind = sayOr(`device-kind-${trouble.device_kind}`, trouble.device_kind);
  return (
    <Group gap="xs">
      <DeviceName kind={trouble.device_kind} room={trouble.room} code={trouble.device} />
      <Retire deviceId={trouble.device_id} name={`${kind} ${trouble.device} (${trouble.resident})`} retired={false} />
    </Group>
  );
}

function Whose({ trouble }: { trouble: Trouble }) {
  const areaName = useAreaName();
  return (
    <div>
      <Anchor component={Link} to={`/residents/${trouble.resident_id}`}>
        {trouble.resident}
      </Anchor>
      <Text size="sm">{trouble.address || trouble.household}</Text>
      <Text size="sm" c="dimmed">
        {areaName(trouble.area)}
      </Text>
    </div>
  );
}

function Since({ trouble }: { trouble: Trouble }) {
  const { language } = useWording();
  const now = useNow();
  return (
    <time
      style={{ whiteSpace: "nowrap" }}
      dateTime={trouble.event_time}
      title={when(trouble.event_time, now, language)}
    >
      {ago(trouble.event_time, now, language)}
    </time>
  );
}

function InHand({ trouble }: { trouble: Trouble }) {
  const { say } = useWording();
  return (
    <div style={{ whiteSpace: "nowrap" }}>
      <Anchor component={Link} to={`/incidents/${trouble.incident_id}`}>
        {say("devices-open-incident", { id: trouble.incident_id })}
      </Anchor>
      <Text size="sm" c="dimmed">
        {trouble.claimed_by === null ? say("devices-nobody") : say("devices-held-by", { name: trouble.claimed_by })}
      </Text>
    </div>
  );
}

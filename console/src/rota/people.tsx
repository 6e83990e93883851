import { Group, Stack, Text } from "@mantine/core";
import { useAreaName, useAreas } from "../areas/use-areas";
import { StaffChannels } from "../channels/staff-channels";
import { Loaded, Nothing } from "../layout/loaded";
import { Note } from "../layout/note";
import { Section } from "../layout/section";
import { useMay, useUser } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import classes from "./rota.module.css";
import { useStaff } from "./use-rota";

/** Who works here and how each is reached; who can't be reached comes first. */
export function People({ area }: { area: string | undefined }) {
  const { say } = useWording();
  const user = useUser();
  const areas = useAreas();
  const areaName = useAreaName();
  const staff = useStaff(area);
  const mayOthers = useMay("staff:write");
  return (
    <Section title={say("people-title")}>
      <Text size="sm" c="dimmed" maw="46rem">
        {say("channels-text")}
      </Text>
      <Loaded query={staff}>
        {(all) => {
          const unreachable = all.filter((person) => !person.reachable);
          return (
            <>
              {all.length === 0 ? <Nothing>{say("people-none")}</Nothing> : null}
              {unreachable.length > 0 ? (
                <Note kind="danger" title={say("people-unreachable", { count: unreachable.length })}>
                  {unreachable.map((person) => person.display_name).join(say("plan-comma"))}
                </Note>
              ) : null}
              <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }}>
                {[...unreachable, ...all.filter((person) => person.reachable)].map((person) => (
                  <li key={person.id} className={classes.card}>
                    <Stack gap="xs">
                      <Group gap="xs">
                        <Text fw={600}>{person.display_name}</Text>
                        <Text c="dimmed">
                          {say(`role-${person.role}`)} · {areaName(person.area)}
                        </Text>
                      </Group>
                      <StaffChannels
                        person={person}
                        // Who works above the supervisor's own area is not theirs to change.
                        may={
                          person.id === user.id ||
                          (mayOthers && areas.data?.some((each) => each.code === person.area) === true)
                        }
                      />
                    </Stack>
                  </li>
                ))}
              </Stack>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

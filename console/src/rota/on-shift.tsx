import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useNow } from "../api/use-now";
import { Loaded } from "../layout/loaded";
import { when } from "../layout/moments";
import { Note } from "../layout/note";
import { Section } from "../layout/section";
import { Tag } from "../layout/tag";
import { useWording } from "../wording/use-wording";
import { useOnShift } from "./use-rota";

/** Who would be told of an emergency now. */
export function OnShift({ area }: { area: string | undefined }) {
  const { language, say } = useWording();
  const now = useNow();
  const told = useOnShift(area);
  const [search] = useSearchParams();
  const peopleTab = new URLSearchParams(search);
  peopleTab.set("tab", "people");
  return (
    <Section title={say("on-shift-title")}>
      <Loaded query={told}>
        {({ items, fallback, has_rota }) => (
          <>
            {fallback ? (
              <Note kind={has_rota ? "warning" : "info"} title={say(has_rota ? "on-shift-nobody" : "on-shift-no-rota")}>
                {say("on-shift-everybody")}
              </Note>
            ) : null}
            {items.length === 0 ? (
              <Note kind="danger" urgent>
                {say("on-shift-no-staff")}
              </Note>
            ) : null}
            <Stack component="ul" gap={6} p={0} m={0} style={{ listStyle: "none" }}>
              {items.map(({ user, reachable, until }) => (
                <li key={user.id}>
                  <Group gap="xs">
                    <Text fw={600}>{user.display_name}</Text>
                    <Text c="dimmed">{say(`role-${user.role}`)}</Text>
                    {until ? <Text>{say("on-shift-until", { time: when(until, now, language, false) })}</Text> : null}
                    {reachable ? null : (
                      <Anchor component={Link} to={{ search: peopleTab.toString() }}>
                        <Tag kind="danger">{say("on-shift-unreachable")}</Tag>
                      </Anchor>
                    )}
                  </Group>
                </li>
              ))}
            </Stack>
          </>
        )}
      </Loaded>
    </Section>
  );
}

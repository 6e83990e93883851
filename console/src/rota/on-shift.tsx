import { Alert, Badge, Group, Stack, Text } from "@mantine/core";
import { useNow } from "../api/use-now";
import { Loaded } from "../layout/loaded";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import { useOnShift } from "./use-rota";

/** Who would be told of an emergency now. */
export function OnShift({ area }: { area: string | undefined }) {
  const { language, say } = useWording();
  const now = useNow();
  const told = useOnShift(area);
  return (
    <Section title={say("on-shift-title")}>
      <Loaded query={told}>
        {({ items, fallback, has_rota }) => (
          <>
            {fallback ? (
              <Alert
                color={has_rota ? "orange" : "blue"}
                title={say(has_rota ? "on-shift-nobody" : "on-shift-no-rota")}
              >
                {say("on-shift-everybody")}
              </Alert>
            ) : null}
            {items.length === 0 ? (
              <Alert color="red" role="alert">
                {say("on-shift-no-staff")}
              </Alert>
            ) : null}
            <Stack component="ul" gap={6} p={0} m={0} style={{ listStyle: "none" }}>
              {items.map(({ user, reachable, until }) => (
                <li key={user.id}>
                  <Group gap="xs">
                    <Text fw={600}>{user.display_name}</Text>
                    <Text c="dimmed">{say(`role-${user.role}`)}</Text>
                    {until ? <Text>{say("on-shift-until", { time: when(until, now, language) })}</Text> : null}
                    {reachable ? null : <Badge color="red.9">{say("on-shift-unreachable")}</Badge>}
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

import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useAreaName } from "../areas/use-areas";
import { failureText } from "../layout/failure";
import { Loaded, Nothing } from "../layout/loaded";
import { dateTime } from "../layout/moments";
import { Section } from "../layout/section";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { OverrideDialog } from "./override-dialog";
import { type Override, useDeleteOverride, useOverrides } from "./use-rota";

/** Who stands in for whom, from now on. */
export function Overrides({ area }: { area: string | undefined }) {
  const { say } = useWording();
  const may = useMay("rota:write");
  const overrides = useOverrides(area);
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title={say("overrides-title")}
      beside={
        may ? (
          <Button variant="default" onClick={() => setAdding(true)}>
            {say("override-new")}
          </Button>
        ) : null
      }
    >
      <Loaded query={overrides}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{say("overrides-none")}</Nothing>
          ) : (
            <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }}>
              {all.map((override) => (
                <li key={override.id}>
                  <OneOverride override={override} />
                </li>
              ))}
            </Stack>
          )
        }
      </Loaded>
      {adding ? <OverrideDialog area={area} shift={null} close={() => setAdding(false)} /> : null}
    </Section>
  );
}

function OneOverride({ override }: { override: Override }) {
  const wording = useWording();
  const { language, say } = wording;
  const areaName = useAreaName();
  const may = useMay("rota:write");
  const remove = useDeleteOverride();
  const who = override.instead_of
    ? say("override-who-for", { name: override.user.display_name, other: override.instead_of.display_name })
    : say("override-who-besides", { name: override.user.display_name });
  return (
    <Group justify="space-between" gap="xs">
      <div>
        <Text fw={600}>{who}</Text>
        <Text size="sm">
          {dateTime(override.starts_at, language)} – {dateTime(override.ends_at, language)} · {areaName(override.area)}
          {override.note ? ` · ${override.note}` : ""}
        </Text>
      </div>
      {may ? (
        <Button
          size="compact-sm"
          variant="default"
          loading={remove.isPending}
          aria-label={`${say("remove")}: ${who}`}
          onClick={() =>
            remove.mutate(override.id, {
              onSuccess: () => notifications.show({ color: "green", message: say("override-removed") }),
              onError: (error) =>
                notifications.show({ color: "red", message: failureText(error, wording), role: "alert" }),
            })
          }
        >
          {say("remove")}
        </Button>
      ) : null}
    </Group>
  );
}

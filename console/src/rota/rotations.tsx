import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useAreaName } from "../areas/use-areas";
import { Loaded, Nothing } from "../layout/loaded";
import { Section } from "../layout/section";
import { day } from "../layout/spans";
import { SureDialog } from "../layout/sure-dialog";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { hoursText } from "./hours-fields";
import classes from "./rota.module.css";
import { RotationDialog } from "./rotation-dialog";
import { type Rotation, useDeleteRotation, useRotations } from "./use-rota";

/** Who takes turns with whom. */
export function Rotations({ area }: { area: string | undefined }) {
  const { say } = useWording();
  const may = useMay("rota:write");
  const rotations = useRotations(area);
  const remove = useDeleteRotation();
  const [changed, setChanged] = useState<Rotation | "new" | null>(null);
  const [removed, setRemoved] = useState<Rotation | null>(null);
  return (
    <Section
      title={say("rotations-title")}
      beside={
        may ? (
          <Button variant="default" onClick={() => setChanged("new")}>
            {say("rotation-new")}
          </Button>
        ) : null
      }
    >
      <Text size="sm" c="dimmed">
        {say("rotations-text")}
      </Text>
      <Loaded query={rotations}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{say("rotations-none")}</Nothing>
          ) : (
            <Stack gap="xs">
              {all.map((rotation) => (
                <OneRotation
                  key={rotation.id}
                  rotation={rotation}
                  change={() => setChanged(rotation)}
                  remove={() => setRemoved(rotation)}
                />
              ))}
            </Stack>
          )
        }
      </Loaded>
      {changed ? (
        <RotationDialog area={area} rotation={changed === "new" ? null : changed} close={() => setChanged(null)} />
      ) : null}
      {removed ? (
        <SureDialog
          title={say("rotation-remove", { name: removed.name })}
          question={say("rotation-remove-question")}
          busy={remove.isPending}
          failure={remove.error}
          close={() => {
            remove.reset();
            setRemoved(null);
          }}
          sure={() => remove.mutate(removed.id, { onSuccess: () => setRemoved(null) })}
        />
      ) : null}
    </Section>
  );
}

function OneRotation({ rotation, change, remove }: { rotation: Rotation; change: () => void; remove: () => void }) {
  const wording = useWording();
  const { language, say } = wording;
  const areaName = useAreaName();
  const may = useMay("rota:write");
  return (
    <Group className={classes.card} justify="space-between" align="start" gap="xs">
      <Stack gap={2}>
        <Group gap="xs">
          <Text fw={600}>{rotation.name}</Text>
          <Text c="dimmed">{areaName(rotation.area)}</Text>
        </Group>
        <Text>{rotation.members.map((member) => member.display_name).join(" → ")}</Text>
        <Text size="sm">{rotation.shifts.map((hours) => hoursText(hours, wording)).join("; ")}</Text>
        <Text size="sm" c="dimmed">
          {say("rotation-turns", { days: rotation.days_each, day: day(rotation.starts_on, language) })} ·{" "}
          {rotation.timezone}
        </Text>
      </Stack>
      {may ? (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={change}
            aria-label={`${say("change")}: ${rotation.name}`}
          >
            {say("change")}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            onClick={remove}
            aria-label={`${say("remove")}: ${rotation.name}`}
          >
            {say("remove")}
          </Button>
        </Group>
      ) : null}
    </Group>
  );
}

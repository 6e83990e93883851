import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { now } from "../api/clock";
import { useAreas } from "../areas/use-areas";
import { Dialog } from "../layout/dialog";
import { useWording } from "../wording/use-wording";
import { HoursFields } from "./hours-fields";
import { type Rotation, useSaveRotation, useStaff, type WorkingHours } from "./use-rota";

interface Given {
  area: string | undefined;
  /** null: a new one */
  rotation: Rotation | null;
  close: () => void;
}

const DAYTIME: WorkingHours = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: "08:00", to: "20:00" };

/** Writes a rotation: who takes turns, in which order, and when each works. */
export function RotationDialog({ area, rotation, close }: Given) {
  const { say } = useWording();
  const areas = useAreas();
  const save = useSaveRotation();
  const [where, setWhere] = useState(rotation?.area ?? area ?? areas.data?.[0]?.code ?? "");
  const staff = useStaff(where);
  const [members, setMembers] = useState<readonly number[]>(rotation?.members.map((member) => member.id) ?? []);
  const [days, setDays] = useState(rotation?.days_each ?? 1);
  // Each set of hours keeps its key while others come and go.
  const [shifts, setShifts] = useState(() => (rotation?.shifts ?? [DAYTIME]).map((hours, key) => ({ key, hours })));
  const able = staff.data?.filter((person) => person.sees_all) ?? [];
  const nameOf = (id: number) =>
    staff.data?.find((person) => person.id === id)?.display_name ??
    rotation?.members.find((member) => member.id === id)?.display_name ??
    String(id);
  function move(id: number, by: number) {
    const next = members.filter((each) => each !== id);
    next.splice(Math.max(0, members.indexOf(id) + by), 0, id);
    setMembers(next);
  }
  function send(form: FormData) {
    save.mutate(
      {
        id: rotation?.id ?? null,
        details: {
          area: where,
          name: String(form.get("name")),
          timezone: String(form.get("timezone")),
          starts_on: String(form.get("starts_on")),
          days_each: days,
          member_ids: [...members],
          shifts: shifts.map(({ hours }) => hours),
        },
      },
      { onSuccess: close },
    );
  }
  return (
    <Dialog
      size="lg"
      title={rotation ? say("rotation-change", { name: rotation.name }) : say("rotation-new")}
      close={close}
      action={say("save")}
      act={send}
      busy={save.isPending}
      ready={members.length > 0 && shifts.every(({ hours }) => hours.weekdays.length > 0)}
      failure={save.error}
    >
      <TextInput
        name="name"
        label={say("rotation-name")}
        defaultValue={rotation?.name ?? ""}
        required
        maxLength={200}
        data-autofocus
      />
      <NativeSelect
        label={say("area")}
        value={where}
        onChange={(event) => setWhere(event.currentTarget.value)}
        data={(areas.data ?? []).map((each) => ({ value: each.code, label: each.name }))}
      />
      <Checkbox.Group
        label={say("rotation-members")}
        value={members.map(String)}
        onChange={(chosen) => setMembers(chosen.map(Number))}
      >
        <Group gap="sm" mt={4}>
          {able.map((person) => (
            <Checkbox
              key={person.id}
              value={String(person.id)}
              label={`${person.display_name} (${say(`role-${person.role}`)})`}
            />
          ))}
        </Group>
      </Checkbox.Group>
      {members.length > 1 ? (
        <Fieldset legend={say("rotation-order")}>
          <Stack component="ol" gap={4} m={0} ps="1.2rem">
            {members.map((id, index) => (
              <li key={id}>
                <Group gap="xs">
                  <Text>{nameOf(id)}</Text>
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={index === 0}
                    onClick={() => move(id, -1)}
                    aria-label={say("rotation-earlier", { name: nameOf(id) })}
                  >
                    ↑
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={index === members.length - 1}
                    onClick={() => move(id, 1)}
                    aria-label={say("rotation-later", { name: nameOf(id) })}
                  >
                    ↓
                  </Button>
                </Group>
              </li>
            ))}
          </Stack>
        </Fieldset>
      ) : null}
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="md">
        <NumberInput
          label={say("rotation-days-each")}
          min={1}
          max={366}
          value={days}
          onChange={(value) => setDays(Number(value) || 1)}
        />
        <TextInput
          type="date"
          name="starts_on"
          label={say("rotation-starts")}
          defaultValue={rotation?.starts_on ?? new Date(now()).toLocaleDateString("sv")}
          required
        />
      </SimpleGrid>
      <TextInput
        name="timezone"
        label={say("rotation-timezone")}
        defaultValue={rotation?.timezone ?? "Asia/Shanghai"}
        required
      />
      {shifts.map(({ key, hours }) => (
        <Fieldset key={key} legend={say("rotation-hours")}>
          <HoursFields
            hours={hours}
            change={(next) => setShifts(shifts.map((each) => (each.key === key ? { key, hours: next } : each)))}
          />
          {shifts.length > 1 ? (
            <Button
              mt="xs"
              size="compact-sm"
              variant="default"
              onClick={() => setShifts(shifts.filter((each) => each.key !== key))}
            >
              {say("remove")}
            </Button>
          ) : null}
        </Fieldset>
      ))}
      <Group>
        <Button
          variant="default"
          onClick={() =>
            setShifts([
              ...shifts,
              {
                key: Math.max(...shifts.map((each) => each.key)) + 1,
                hours: { ...DAYTIME, from: "20:00", to: "08:00" },
              },
            ])
          }
        >
          {say("rotation-more-hours")}
        </Button>
      </Group>
    </Dialog>
  );
}

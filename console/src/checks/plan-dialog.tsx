import {
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  SimpleGrid,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { now } from "../api/clock";
import { Dialog } from "../layout/dialog";
import { Loaded } from "../layout/loaded";
import { weekday } from "../layout/spans";
import { useStaff } from "../rota/use-rota";
import { useWording } from "../wording/use-wording";
import { type Plan, type PlanDetails, useSavePlan } from "./use-checks";

interface Given {
  /** the plan to change; null: a new one */
  plan: Plan | null;
  residentId: number;
  resident: string;
  /** where the resident lives: who works there can be given the task */
  area: string;
  close: () => void;
}

const WEEK = [1, 2, 3, 4, 5, 6, 7];

/** Writes a plan of regular visits or calls. */
export function PlanDialog({ plan, residentId, resident, area, close }: Given) {
  const { language, say } = useWording();
  const save = useSavePlan();
  const staff = useStaff(area);
  const [kind, setKind] = useState<Plan["kind"]>(plan?.kind ?? "call");
  const [rhythm, setRhythm] = useState<"weekdays" | "days">(plan?.every_days ? "days" : "weekdays");
  const [weekdays, setWeekdays] = useState<readonly number[]>(plan?.weekdays ?? [1, 3, 5]);
  const [days, setDays] = useState(plan?.every_days ?? 7);
  const [grace, setGrace] = useState(plan?.grace_hours ?? 4);
  function send(form: FormData) {
    const details: PlanDetails = {
      kind,
      weekdays: rhythm === "weekdays" ? [...weekdays].sort() : null,
      every_days: rhythm === "days" ? days : null,
      due_by: String(form.get("due_by")),
      grace_hours: grace,
      assignee_id: Number(form.get("assignee")) || null,
      starts_on: String(form.get("starts_on")),
      ends_on: String(form.get("ends_on")) || null,
      note: String(form.get("note")),
    };
    save.mutate({ id: plan?.id ?? null, residentId, details }, { onSuccess: close });
  }
  return (
    <Dialog
      title={say(plan ? "plan-change-title" : "plan-new-title", { name: resident })}
      close={close}
      action={say("save")}
      act={send}
      busy={save.isPending}
      ready={staff.data !== undefined && (rhythm === "days" || weekdays.length > 0)}
      failure={save.error}
    >
      <SegmentedControl
        aria-label={say("plan-kind")}
        value={kind}
        onChange={(value) => setKind(value as Plan["kind"])}
        data={(["call", "visit"] as const).map((each) => ({ value: each, label: say(`check-kind-${each}`) }))}
      />
      <NativeSelect
        label={say("plan-rhythm")}
        value={rhythm}
        onChange={(event) => setRhythm(event.currentTarget.value as "weekdays" | "days")}
        data={[
          { value: "weekdays", label: say("plan-on-weekdays") },
          { value: "days", label: say("plan-every-days") },
        ]}
      />
      {rhythm === "weekdays" ? (
        <Checkbox.Group
          label={say("plan-weekdays")}
          value={weekdays.map(String)}
          onChange={(chosen) => setWeekdays(chosen.map(Number))}
        >
          <Group gap="sm" mt={4}>
            {WEEK.map((each) => (
              <Checkbox key={each} value={String(each)} label={weekday(each, language)} />
            ))}
          </Group>
        </Checkbox.Group>
      ) : (
        <NumberInput
          label={say("plan-days")}
          min={1}
          max={366}
          value={days}
          onChange={(value) => setDays(Number(value) || 1)}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="md">
        <TextInput
          type="time"
          name="due_by"
          label={say("plan-due-by")}
          defaultValue={plan?.due_by ?? "10:00"}
          required
        />
        <NumberInput
          label={say("plan-grace")}
          min={0}
          max={72}
          value={grace}
          onChange={(value) => setGrace(Number(value) || 0)}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="md">
        <TextInput
          type="date"
          name="starts_on"
          label={say("plan-starts")}
          defaultValue={plan?.starts_on ?? new Date(now()).toLocaleDateString("sv")}
          required
        />
        <TextInput type="date" name="ends_on" label={say("plan-ends")} defaultValue={plan?.ends_on ?? ""} />
      </SimpleGrid>
      <Loaded query={staff}>
        {(all) => (
          <NativeSelect
            name="assignee"
            label={say("plan-assignee")}
            defaultValue={plan?.assignee_id ? String(plan.assignee_id) : ""}
            data={[
              { value: "", label: say("plan-anybody") },
              ...all.map((person) => ({ value: String(person.id), label: person.display_name })),
            ]}
          />
        )}
      </Loaded>
      <Textarea name="note" label={say("plan-note")} defaultValue={plan?.note ?? ""} maxLength={4000} autosize />
    </Dialog>
  );
}

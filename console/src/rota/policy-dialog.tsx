import { Button, Checkbox, Fieldset, Group, NativeSelect, NumberInput, SimpleGrid, Stack } from "@mantine/core";
import { useState } from "react";
import { useAreas } from "../areas/use-areas";
import { Dialog } from "../layout/dialog";
import { useWording } from "../wording/use-wording";
import { HoursFields } from "./hours-fields";
import { type PolicyDetails, type StoredPolicy, type Target, useSavePolicy, type WorkingHours } from "./use-rota";

interface Given {
  area: string | undefined;
  /** null: a new one */
  policy: StoredPolicy | null;
  close: () => void;
}

interface Step {
  key: number;
  after: number;
  targets: readonly Target[];
}

const QUEUES = ["emergency", "care", "maintenance"] as const;
const TARGETS: readonly Target[] = ["queue", "supervisors", "family_next", "family"];
const NIGHT: WorkingHours = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: "22:00", to: "06:00" };
const FIRST: readonly Step[] = [
  { key: 0, after: 0, targets: ["queue", "family_next"] },
  { key: 1, after: 60, targets: ["queue", "supervisors", "family"] },
];

/** Writes an escalation policy. What it leaves open is said in the list once it is saved. */
export function PolicyDialog({ area, policy, close }: Given) {
  const { say } = useWording();
  const areas = useAreas();
  const save = useSavePolicy();
  const [where, setWhere] = useState(policy?.area ?? area ?? areas.data?.[0]?.code ?? "");
  const [queue, setQueue] = useState<PolicyDetails["queue"]>(policy?.queue ?? "emergency");
  const [severity, setSeverity] = useState(policy?.min_severity ?? 1);
  const [hours, setHours] = useState<WorkingHours | null>(policy?.hours ?? null);
  const [steps, setSteps] = useState<readonly Step[]>(
    policy?.policy.steps.map(({ after_s, targets }, key) => ({ key, after: after_s, targets })) ?? FIRST,
  );
  const [rounds, setRounds] = useState(policy?.policy.rounds ?? 3);
  const [again, setAgain] = useState(policy?.policy.repeat_after_s ?? 180);
  const [last, setLast] = useState(policy?.policy.repeat_last_s ?? 300);
  function change(step: Step) {
    setSteps(steps.map((each) => (each.key === step.key ? step : each)));
  }
  function send() {
    save.mutate(
      {
        id: policy?.id ?? null,
        details: {
          area: where,
          queue,
          min_severity: severity,
          hours,
          timezone: policy?.timezone ?? "Asia/Shanghai",
          policy: {
            steps: steps.map(({ after, targets }) => ({ after_s: after, targets: [...targets] })),
            rounds,
            repeat_after_s: again,
            repeat_last_s: last,
          },
        },
      },
      { onSuccess: close },
    );
  }
  return (
    <Dialog
      size="lg"
      title={say(policy ? "policy-change" : "policy-new")}
      close={close}
      action={say("save")}
      act={send}
      busy={save.isPending}
      ready={steps.every((step) => step.targets.length > 0) && hours?.weekdays.length !== 0}
      failure={save.error}
    >
      <SimpleGrid cols={{ base: 1, xs: 3 }} verticalSpacing="md">
        <NativeSelect
          label={say("area")}
          value={where}
          onChange={(event) => setWhere(event.currentTarget.value)}
          data={(areas.data ?? []).map((each) => ({ value: each.code, label: each.name }))}
          data-autofocus
        />
        <NativeSelect
          label={say("policy-queue")}
          value={queue}
          onChange={(event) => setQueue(event.currentTarget.value as PolicyDetails["queue"])}
          data={QUEUES.map((each) => ({ value: each, label: say(`queue-${each}`) }))}
        />
        <NativeSelect
          label={say("policy-severity")}
          value={String(severity)}
          onChange={(event) => setSeverity(Number(event.currentTarget.value))}
          data={[1, 2, 3, 4, 5].map((each) => ({ value: String(each), label: say(`severity-${each}`) }))}
        />
      </SimpleGrid>
      <Checkbox
        label={say("policy-some-hours")}
        checked={hours !== null}
        onChange={(event) => setHours(event.currentTarget.checked ? NIGHT : null)}
      />
      {hours ? <HoursFields hours={hours} change={setHours} /> : null}
      {steps.map((step, index) => (
        <Fieldset key={step.key} legend={say("policy-step", { number: index + 1 })}>
          <Stack gap="xs">
            <NumberInput
              label={say(index === 0 ? "policy-first-after" : "policy-next-after")}
              min={0}
              max={604_800}
              value={step.after}
              onChange={(value) => change({ ...step, after: Number(value) || 0 })}
            />
            <Checkbox.Group
              label={say("policy-told")}
              value={[...step.targets]}
              onChange={(chosen) => change({ ...step, targets: TARGETS.filter((target) => chosen.includes(target)) })}
            >
              <Stack gap={6} mt={4}>
                {TARGETS.map((target) => (
                  <Checkbox key={target} value={target} label={say(`target-${target}`)} />
                ))}
              </Stack>
            </Checkbox.Group>
            {steps.length > 1 ? (
              <Group>
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => setSteps(steps.filter((each) => each.key !== step.key))}
                  aria-label={say("policy-remove-step", { number: index + 1 })}
                >
                  {say("remove")}
                </Button>
              </Group>
            ) : null}
          </Stack>
        </Fieldset>
      ))}
      <Group>
        <Button
          variant="default"
          onClick={() =>
            setSteps([
              ...steps,
              { key: Math.max(...steps.map((each) => each.key)) + 1, after: 60, targets: ["queue", "supervisors"] },
            ])
          }
        >
          {say("policy-add-step")}
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, xs: 3 }} verticalSpacing="md">
        <NumberInput
          label={say("policy-rounds-field")}
          min={1}
          max={20}
          value={rounds}
          onChange={(value) => setRounds(Number(value) || 1)}
        />
        <NumberInput
          label={say("policy-again-field")}
          min={1}
          value={again}
          onChange={(value) => setAgain(Number(value) || 1)}
        />
        <NumberInput
          label={say("policy-last-field")}
          min={60}
          value={last}
          onChange={(value) => setLast(Number(value) || 60)}
        />
      </SimpleGrid>
    </Dialog>
  );
}

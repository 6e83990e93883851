import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { Dialog } from "../layout/dialog";
import { Loaded, Nothing } from "../layout/loaded";
import { day, weekday } from "../layout/spans";
import { useMay } from "../session/use-session";
import { useWording, type Wording } from "../wording/use-wording";
import { PlanDialog } from "./plan-dialog";
import { type Plan, useEndPlan, usePlans } from "./use-checks";

interface Given {
  area?: string | undefined;
  /** only this resident's, for whom one can be added here */
  resident?: { id: number; name: string; area: string };
}

/** Who is visited or called when. */
export function Plans({ area, resident }: Given) {
  const { say } = useWording();
  const may = useMay("check:write");
  const plans = usePlans({ area, residentId: resident?.id });
  const [changed, setChanged] = useState<Plan | null>(null);
  const [ended, setEnded] = useState<Plan | null>(null);
  const [adding, setAdding] = useState(false);
  return (
    <Stack gap="xs">
      <Loaded query={plans}>
        {({ items, more }) => (
          <>
            {items.length === 0 ? <Nothing>{say("plans-none")}</Nothing> : null}
            <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }}>
              {items.map((plan) => (
                <li key={plan.id}>
                  <OnePlan
                    plan={plan}
                    withName={resident === undefined}
                    change={() => setChanged(plan)}
                    end={() => setEnded(plan)}
                  />
                </li>
              ))}
            </Stack>
            {more ? <Text c="dimmed">{say("plans-more", { count: items.length })}</Text> : null}
          </>
        )}
      </Loaded>
      {may && resident ? (
        <Group>
          <Button variant="default" onClick={() => setAdding(true)}>
            {say("plan-add")}
          </Button>
        </Group>
      ) : null}
      {adding && resident ? (
        <PlanDialog
          plan={null}
          residentId={resident.id}
          resident={resident.name}
          area={resident.area}
          close={() => setAdding(false)}
        />
      ) : null}
      {changed ? (
        <PlanDialog
          plan={changed}
          residentId={changed.resident_id}
          resident={changed.resident}
          area={changed.area}
          close={() => setChanged(null)}
        />
      ) : null}
      {ended ? <EndPlan plan={ended} close={() => setEnded(null)} /> : null}
    </Stack>
  );
}

/** "Mon, Wed, Fri by 10:00, overdue 4 h later". */
export function rhythm(plan: Plan, { language, say }: Wording): string {
  const days =
    plan.weekdays && plan.weekdays.length < 7
      ? plan.weekdays.map((each) => weekday(each, language)).join(say("plan-comma"))
      : say("plan-each-days", { days: plan.every_days ?? 1 });
  return say("plan-rhythm-text", { days, time: plan.due_by, hours: plan.grace_hours });
}

function OnePlan({
  plan,
  withName,
  change,
  end,
}: {
  plan: Plan;
  withName: boolean;
  change: () => void;
  end: () => void;
}) {
  const wording = useWording();
  const { language, say } = wording;
  const may = useMay("check:write");
  return (
    <Group justify="space-between" gap="xs">
      <div>
        <Group gap="xs">
          {withName ? (
            <Anchor component={Link} to={`/residents/${plan.resident_id}`} fw={600}>
              {plan.resident}
            </Anchor>
          ) : null}
          <Text fw={withName ? 400 : 600}>{say(`check-kind-${plan.kind}`)}</Text>
          <Text>{rhythm(plan, wording)}</Text>
        </Group>
        <Text size="sm" c="dimmed">
          {[
            say("plan-from", { day: day(plan.starts_on, language) }),
            plan.ends_on ? say("plan-until", { day: day(plan.ends_on, language) }) : null,
            plan.assignee ? say("check-assigned", { name: plan.assignee }) : null,
            plan.note || null,
          ]
            .filter((each) => each !== null)
            .join(" · ")}
        </Text>
      </div>
      {may ? (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={change}
            aria-label={say("plan-change-title", { name: plan.resident })}
          >
            {say("change")}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            onClick={end}
            aria-label={say("plan-end-title", { name: plan.resident })}
          >
            {say("plan-end")}
          </Button>
        </Group>
      ) : null}
    </Group>
  );
}

function EndPlan({ plan, close }: { plan: Plan; close: () => void }) {
  const { say } = useWording();
  const end = useEndPlan();
  return (
    <Dialog
      title={say("plan-end-title", { name: plan.resident })}
      close={close}
      action={say("plan-end")}
      act={() => end.mutate(plan, { onSuccess: close })}
      busy={end.isPending}
      failure={end.error}
      danger
    >
      <Text>{say("plan-end-question")}</Text>
    </Dialog>
  );
}

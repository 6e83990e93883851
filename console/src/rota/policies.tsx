import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useAreaName } from "../areas/use-areas";
import { Loaded } from "../layout/loaded";
import { Note } from "../layout/note";
import { Section } from "../layout/section";
import { span } from "../layout/spans";
import { SureDialog } from "../layout/sure-dialog";
import { Tag } from "../layout/tag";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { hoursText } from "./hours-fields";
import { PolicyDialog } from "./policy-dialog";
import classes from "./rota.module.css";
import { type StoredPolicy, useDeletePolicy, usePolicies } from "./use-rota";

const QUEUES = ["emergency", "care", "maintenance"] as const;

/** Who is told in which order, for how long, of which incidents. */
export function Policies({ area }: { area: string | undefined }) {
  const { say } = useWording();
  const may = useMay("policy:write");
  const policies = usePolicies(area);
  const remove = useDeletePolicy();
  const [changed, setChanged] = useState<StoredPolicy | "new" | null>(null);
  const [removed, setRemoved] = useState<StoredPolicy | null>(null);
  return (
    <Stack>
      <Group justify="space-between" gap="xs">
        <Text c="dimmed" maw="46rem">
          {say("policies-text")}
        </Text>
        {may ? (
          <Button variant="default" onClick={() => setChanged("new")}>
            {say("policy-new")}
          </Button>
        ) : null}
      </Group>
      <Loaded query={policies}>
        {(all) =>
          QUEUES.map((queue) => (
            <Section key={queue} title={say(`queue-${queue}`)}>
              <Stack gap="xs">
                {all
                  .filter((policy) => policy.queue === queue)
                  .map((policy) => (
                    <OnePolicy
                      key={policy.id ?? `built-in-${queue}`}
                      policy={policy}
                      change={() => setChanged(policy)}
                      remove={() => setRemoved(policy)}
                    />
                  ))}
              </Stack>
            </Section>
          ))
        }
      </Loaded>
      {changed ? (
        <PolicyDialog area={area} policy={changed === "new" ? null : changed} close={() => setChanged(null)} />
      ) : null}
      {removed ? (
        <SureDialog
          title={say("policy-remove")}
          question={say("policy-remove-question")}
          busy={remove.isPending}
          failure={remove.error}
          close={() => {
            remove.reset();
            setRemoved(null);
          }}
          sure={() =>
            removed.id === null ? undefined : remove.mutate(removed.id, { onSuccess: () => setRemoved(null) })
          }
        />
      ) : null}
    </Stack>
  );
}

function OnePolicy({ policy, change, remove }: { policy: StoredPolicy; change: () => void; remove: () => void }) {
  const wording = useWording();
  const { language, say } = wording;
  const areaName = useAreaName();
  const may = useMay("policy:write");
  const { steps, rounds, repeat_after_s, repeat_last_s } = policy.policy;
  const name = [
    policy.area === null ? say("policy-everywhere") : areaName(policy.area),
    policy.min_severity > 1 ? say("policy-from-severity", { severity: say(`severity-${policy.min_severity}`) }) : null,
    policy.hours ? hoursText(policy.hours, wording) : null,
  ]
    .filter((each) => each !== null)
    .join(" · ");
  return (
    <div className={classes.card}>
      <Group justify="space-between" align="start" gap="xs">
        <Group gap="xs">
          <Text fw={600}>{name}</Text>
          {policy.id === null ? <Tag kind="neutral">{say("policy-built-in")}</Tag> : null}
        </Group>
        {may && policy.id !== null && policy.area !== null ? (
          <Group gap="xs">
            <Button size="compact-sm" variant="default" onClick={change} aria-label={`${say("change")}: ${name}`}>
              {say("change")}
            </Button>
            <Button size="compact-sm" variant="default" onClick={remove} aria-label={`${say("remove")}: ${name}`}>
              {say("remove")}
            </Button>
          </Group>
        ) : null}
      </Group>
      <ol className={classes.steps}>
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <li key={index}>
            {say(index === 0 && step.after_s === 0 ? "policy-at-once" : "policy-after", {
              span: span(step.after_s, language),
              targets: step.targets.map((target) => say(`target-${target}`)).join(say("plan-comma")),
            })}
          </li>
        ))}
      </ol>
      <Text size="sm" c="dimmed">
        {say("policy-rounds", {
          rounds,
          again: span(repeat_after_s, language),
          last: span(repeat_last_s, language),
        })}
      </Text>
      {policy.holes.length > 0 ? (
        <Note kind="warning" title={say("policy-holes")}>
          <ul className={classes.steps}>
            {policy.holes.map((hole) => (
              <li key={hole}>{hole}</li>
            ))}
          </ul>
        </Note>
      ) : null}
    </div>
  );
}

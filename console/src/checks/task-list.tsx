import { Anchor, Box, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPhone } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useNow } from "../api/use-now";
import { Dialog } from "../layout/dialog";
import { failureText } from "../layout/failure";
import { Nothing } from "../layout/loaded";
import { when } from "../layout/moments";
import { ago } from "../layout/spans";
import { Tag } from "../layout/tag";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import classes from "./checks.module.css";
import { type Outcome, type Task, useRecord } from "./use-checks";

interface Given {
  tasks: readonly Task[];
  /** what it says where there is none */
  none: string;
  /** on a resident's own page the name need not be repeated */
  withName?: boolean;
}

/** Checks, each with what came of it one press away. */
export function TaskList({ tasks, none, withName = true }: Given) {
  const [asked, setAsked] = useState<Task | null>(null);
  if (tasks.length === 0) return <Nothing>{none}</Nothing>;
  return (
    <>
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }}>
        {tasks.map((task) => (
          <li key={task.id}>
            <OneTask task={task} withName={withName} askWhatIsWrong={() => setAsked(task)} />
          </li>
        ))}
      </Stack>
      {asked ? <NeedsHelp task={asked} close={() => setAsked(null)} /> : null}
    </>
  );
}

const KINDS = { overdue: "danger", due: "info", upcoming: "neutral", done: "good", missed: "neutral" } as const;

function OneTask({ task, withName, askWhatIsWrong }: { task: Task; withName: boolean; askWhatIsWrong: () => void }) {
  const { language, say } = useWording();
  const now = useNow();
  const may = useMay("check:work");
  const open = task.state === "due" || task.state === "overdue" || Date.parse(task.opens_at) <= now;
  return (
    <Box className={classes.task}>
      <Stack gap={2} miw={0}>
        <Group gap="xs">
          {withName ? (
            <Anchor component={Link} to={`/residents/${task.resident_id}`} fw={600}>
              {task.resident}
            </Anchor>
          ) : null}
          <Text fw={withName ? 400 : 600}>{say(`check-kind-${task.kind}`)}</Text>
          <Tag kind={KINDS[task.state]}>{say(`check-state-${task.state}`)}</Tag>
        </Group>
        <Text size="sm">
          {task.state === "done" && task.done_at
            ? say("check-done-by", {
                time: when(task.done_at, now, language),
                name: task.done_by?.name ?? "–",
                outcome: say(`check-outcome-${task.outcome ?? "well"}`),
              })
            : say("check-due-at", {
                time: when(task.due_at, now, language, false),
                ago: ago(task.due_at, now, language),
              })}
          {task.assignee ? ` · ${say("check-assigned", { name: task.assignee })}` : ""}
        </Text>
        {task.kind === "call" && task.phone ? (
          <Anchor href={`tel:${task.phone}`} size="sm">
            <Group gap={4} component="span">
              <IconPhone size={14} aria-hidden />
              {task.phone}
            </Group>
          </Anchor>
        ) : (
          <Text size="sm">{task.address}</Text>
        )}
        {task.attempts > 0 && task.state !== "done" && task.last_attempt_at ? (
          <Text size="sm" c="dimmed">
            {say("check-attempts", { count: task.attempts, time: when(task.last_attempt_at, now, language) })}
          </Text>
        ) : null}
        {task.plan_note ? (
          <Text size="sm" c="dimmed">
            {task.plan_note}
          </Text>
        ) : null}
        {task.note ? <Text size="sm">{say("check-note", { note: task.note })}</Text> : null}
      </Stack>
      {may && open && task.state !== "done" ? <Outcomes task={task} askWhatIsWrong={askWhatIsWrong} /> : null}
    </Box>
  );
}

function Outcomes({ task, askWhatIsWrong }: { task: Task; askWhatIsWrong: () => void }) {
  const wording = useWording();
  const { say } = wording;
  const record = useRecord();
  function tell(outcome: Outcome) {
    record.mutate(
      { task, outcome, note: "" },
      {
        onSuccess: () =>
          notifications.show({
            color: "green",
            message: say("check-recorded", { name: task.resident, outcome: say(`check-outcome-${outcome}`) }),
          }),
        onError: (error) => notifications.show({ color: "red", message: failureText(error, wording), role: "alert" }),
      },
    );
  }
  const named = (outcome: Outcome) => `${say(`check-outcome-${outcome}`)}: ${task.resident}`;
  return (
    <Group gap="xs">
      <Button loading={record.isPending} onClick={() => tell("well")} aria-label={named("well")}>
        {say("check-outcome-well")}
      </Button>
      <Button
        variant="default"
        disabled={record.isPending}
        onClick={() => tell("not_reached")}
        aria-label={named("not_reached")}
      >
        {say("check-outcome-not_reached")}
      </Button>
      <Button color="red.9" disabled={record.isPending} onClick={askWhatIsWrong} aria-label={named("needs_help")}>
        {say("check-outcome-needs_help")}
      </Button>
    </Group>
  );
}

function NeedsHelp({ task, close }: { task: Task; close: () => void }) {
  const { say } = useWording();
  const record = useRecord();
  const [note, setNote] = useState("");
  function send() {
    record.mutate(
      { task, outcome: "needs_help", note },
      {
        onSuccess: () => {
          notifications.show({ color: "green", message: say("check-help-opened", { name: task.resident }) });
          close();
        },
      },
    );
  }
  return (
    <Dialog
      title={say("check-help-title", { name: task.resident })}
      close={close}
      action={say("check-outcome-needs_help")}
      act={send}
      busy={record.isPending}
      failure={record.error}
      danger
    >
      <Text>{say("check-help-text")}</Text>
      <Textarea
        label={say("check-help-note")}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={3}
        data-autofocus
      />
    </Dialog>
  );
}

import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { now } from "../api/clock";
import { AreaSelect, useChosenArea } from "../areas/area-select";
import { CheckFigures } from "../figures/check-figures";
import { monthName, monthOf } from "../figures/months";
import { Loaded } from "../layout/loaded";
import { PageHead } from "../layout/page-head";
import { Section } from "../layout/section";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { Plans } from "./plans";
import { TaskList } from "./task-list";
import { type TaskState, useTasks } from "./use-checks";

const STATES: readonly TaskState[] = ["overdue", "due", "upcoming", "done", "missed"];

/** Regular checks (探访关爱): what is to be done, by when, and how many were reached. */
export function Page() {
  const { say } = useWording();
  const area = useChosenArea();
  const [state, setState] = useState<TaskState>("due");
  const mayFigures = useMay("figure:read");
  // How many are waiting stands on the tabs, whichever is open.
  const overdue = useTasks({ states: ["overdue"], area });
  const due = useTasks({ states: ["due"], area });
  const tasks = useTasks({ states: [state], area });
  const counts: Partial<Record<TaskState, string>> = {};
  for (const [each, query] of [
    ["overdue", overdue],
    ["due", due],
  ] as const) {
    if (query.data) counts[each] = `${query.data.items.length}${query.data.more ? "+" : ""}`;
  }
  return (
    <Stack>
      <PageHead title={say("checks-title")}>
        <AreaSelect />
      </PageHead>
      <Text c="dimmed" maw="50rem">
        {say("checks-text")}
      </Text>
      <SegmentedControl
        aria-label={say("checks-which")}
        value={state}
        onChange={(value) => setState(value as TaskState)}
        data={STATES.map((each) => ({
          value: each,
          label: `${say(`check-state-${each}`)}${counts[each] === undefined ? "" : ` (${counts[each]})`}`,
        }))}
        fullWidth
        style={{ flexWrap: "wrap" }}
      />
      <Loaded query={tasks}>
        {({ items, more }) => (
          <>
            <TaskList tasks={items} none={say(`checks-none-${state}`)} />
            {more ? <Text c="dimmed">{say("plans-more", { count: items.length })}</Text> : null}
          </>
        )}
      </Loaded>
      {mayFigures ? <Reached area={area} /> : null}
      <Section title={say("plans-title")}>
        <Text size="sm" c="dimmed">
          {say("plans-text")}
        </Text>
        <Plans area={area} />
      </Section>
    </Stack>
  );
}

/** How many residents have been reached this month. */
function Reached({ area }: { area: string | undefined }) {
  const { language, say } = useWording();
  const month = monthOf(now());
  const figures = useQuery({
    queryKey: ["checks", "figures", month, area],
    queryFn: async ({ signal }) => {
      const query = { month, ...(area ? { area } : {}) };
      return (await body(api.GET("/api/v1/checks/figures", { params: { query }, signal }))).rows;
    },
  });
  return (
    <Section title={say("checks-reached-title", { month: monthName(month, language) })}>
      <Loaded query={figures}>{(rows) => <CheckFigures rows={rows} />}</Loaded>
    </Section>
  );
}

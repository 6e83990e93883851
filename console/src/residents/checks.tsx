import { Plans } from "../checks/plans";
import { TaskList } from "../checks/task-list";
import { useTasks } from "../checks/use-checks";
import { Loaded } from "../layout/loaded";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import type { Resident } from "./use-resident";

/** Regular visits and calls of one resident: what is to be done, and when it comes again. */
export function Checks({ resident }: { resident: Resident }) {
  const { say } = useWording();
  const tasks = useTasks({ states: ["overdue", "due", "upcoming"], residentId: resident.id });
  return (
    <Section title={say("checks-title")}>
      <Loaded query={tasks}>
        {({ items }) => <TaskList tasks={items.slice(0, 3)} none={say("checks-none-waiting")} withName={false} />}
      </Loaded>
      <Plans resident={resident} />
    </Section>
  );
}

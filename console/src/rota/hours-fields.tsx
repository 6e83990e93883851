import { Checkbox, Group, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { weekday } from "../layout/spans";
import { useWording, type Wording } from "../wording/use-wording";
import type { WorkingHours } from "./use-rota";

const WEEK = [1, 2, 3, 4, 5, 6, 7];

/** Hours in words: "Mon–Fri 20:00–08:00". */
export function hoursText({ weekdays, from, to }: WorkingHours, { language, say }: Wording): string {
  const [first = 1] = weekdays;
  const last = weekdays.at(-1) ?? first;
  const names = (each: number) => weekday(each, language);
  const days =
    weekdays.length === 7
      ? say("hours-daily")
      : weekdays.length > 2 && last - first === weekdays.length - 1
        ? `${names(first)}–${names(last)}`
        : weekdays.map(names).join(say("plan-comma"));
  return `${days} ${from}–${to}${to <= from ? ` ${say("week-next-day")}` : ""}`;
}

interface Given {
  hours: WorkingHours;
  change: (hours: WorkingHours) => void;
}

/** Weekdays, and from when to when. */
export function HoursFields({ hours, change }: Given) {
  const { language, say } = useWording();
  return (
    <Stack gap="xs">
      <Checkbox.Group
        label={say("hours-weekdays")}
        value={hours.weekdays.map(String)}
        onChange={(chosen) => change({ ...hours, weekdays: chosen.map(Number).sort() })}
      >
        <Group gap="sm" mt={4}>
          {WEEK.map((each) => (
            <Checkbox key={each} value={String(each)} label={weekday(each, language)} />
          ))}
        </Group>
      </Checkbox.Group>
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="md">
        <TextInput
          type="time"
          label={say("hours-from")}
          value={hours.from}
          onChange={(event) => change({ ...hours, from: event.currentTarget.value })}
          required
        />
        <TextInput
          type="time"
          label={say("hours-to")}
          value={hours.to}
          onChange={(event) => change({ ...hours, to: event.currentTarget.value })}
          required
        />
      </SimpleGrid>
    </Stack>
  );
}

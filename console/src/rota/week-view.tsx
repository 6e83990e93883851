import { Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { now } from "../api/clock";
import { useNow } from "../api/use-now";
import { useAreaName } from "../areas/use-areas";
import { Loaded, Nothing } from "../layout/loaded";
import { clockTime } from "../layout/moments";
import { Section } from "../layout/section";
import { Tag } from "../layout/tag";
import { useMay } from "../session/use-session";
import type { Language } from "../wording/languages";
import { useWording } from "../wording/use-wording";
import { OverrideDialog } from "./override-dialog";
import classes from "./rota.module.css";
import { type Shift, useShifts } from "./use-rota";
import { beginning, days, holds, monday } from "./week";

/** A week of shifts, rotations and overrides worked out. A press on a shift lets somebody stand in. */
export function Week({ area }: { area: string | undefined }) {
  const { language, say } = useWording();
  const [weeks, setWeeks] = useState(0);
  const [changed, setChanged] = useState<Shift | null>(null);
  const all = days(monday(now(), weeks));
  const [first = 0] = all;
  const last = all[7] ?? first;
  const shifts = useShifts(area, first, last);
  return (
    <Section
      title={say("week-title", { first: dayName(first, language), last: dayName(all[6] ?? first, language) })}
      beside={
        <Group gap="xs">
          <Button variant="default" onClick={() => setWeeks(weeks - 1)} aria-label={say("week-before")}>
            ‹
          </Button>
          <Button variant="default" onClick={() => setWeeks(0)} disabled={weeks === 0}>
            {say("week-this")}
          </Button>
          <Button variant="default" onClick={() => setWeeks(weeks + 1)} aria-label={say("week-after")}>
            ›
          </Button>
        </Group>
      }
    >
      <Loaded query={shifts}>
        {(found) => (
          <>
            {found.length === 0 ? <Nothing>{say("week-none")}</Nothing> : null}
            <div className={classes.week}>
              {all.slice(0, 7).map((day, index) => (
                <Day
                  key={day}
                  day={day}
                  shifts={beginning(found, day, all[index + 1] ?? last, index === 0)}
                  choose={setChanged}
                />
              ))}
            </div>
          </>
        )}
      </Loaded>
      {changed ? <OverrideDialog area={area} shift={changed} close={() => setChanged(null)} /> : null}
    </Section>
  );
}

function dayName(day: number, language: Language): string {
  const format = { weekday: "short", day: "numeric", month: "short" } as const;
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, format).format(new Date(day));
}

function Day({ day, shifts, choose }: { day: number; shifts: readonly Shift[]; choose: (shift: Shift) => void }) {
  const { language, say } = useWording();
  const moment = useNow();
  const today = new Date(moment).toDateString() === new Date(day).toDateString();
  return (
    <section className={classes.day} data-today={today || undefined}>
      <Text component="h3" fw={700} size="sm" m={0}>
        {dayName(day, language)}
        {today ? ` · ${say("week-today")}` : ""}
      </Text>
      {shifts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {say("week-day-none")}
        </Text>
      ) : null}
      {shifts.map((shift) => (
        <OneShift
          key={`${shift.area} ${shift.rotation_id} ${shift.override_id} ${shift.user.id} ${shift.starts_at}`}
          shift={shift}
          now={moment}
          choose={() => choose(shift)}
        />
      ))}
    </section>
  );
}

function OneShift({ shift, now: moment, choose }: { shift: Shift; now: number; choose: () => void }) {
  const { language, say } = useWording();
  const areaName = useAreaName();
  const may = useMay("rota:write");
  const over = new Date(shift.starts_at).toDateString() !== new Date(shift.ends_at).toDateString();
  const about = (
    <Stack gap={0}>
      <Text size="sm" className="figures">
        {clockTime(shift.starts_at, language, false)}–{clockTime(shift.ends_at, language, false)}
        {over ? ` ${say("week-next-day")}` : ""}
      </Text>
      <Text fw={600}>{shift.user.display_name}</Text>
      {shift.override_id === null ? null : (
        <Tag kind="warning">
          {shift.instead_of ? say("week-instead-of", { name: shift.instead_of.display_name }) : say("week-besides")}
        </Tag>
      )}
      <Text size="xs" c="dimmed">
        {[shift.rotation, areaName(shift.area)].filter(Boolean).join(" · ")}
      </Text>
    </Stack>
  );
  const working = holds(shift, moment);
  if (!may || Date.parse(shift.ends_at) <= moment) {
    return (
      <div className={classes.shift} data-now={working || undefined}>
        {about}
      </div>
    );
  }
  return (
    <UnstyledButton
      className={classes.shift}
      data-now={working || undefined}
      onClick={choose}
      title={say("week-stand-in")}
    >
      {about}
    </UnstyledButton>
  );
}

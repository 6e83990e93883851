import { Button, Loader, Select, Stack, Text, Title } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { type Area, useAreas } from "../areas/use-areas";
import { useFreshEmergencies, usePageTitle } from "../attention/use-attention";
import { CoverageBanner } from "../coverage/coverage-banner";
import { useKeys } from "../keys/use-keys";
import { Failure } from "../layout/failure";
import { useMay, useUser } from "../session/use-session";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import { type Filter, filtered, filterOf, type Standing, searchOf } from "./filter";
import type { Incident } from "./merge";
import { QueueList } from "./queue-list";
import classes from "./queue-page.module.css";
import { QueueTiles } from "./queue-tiles";
import { useQueue } from "./use-queue";

const NO_AREAS: readonly Area[] = [];
const STANDINGS: readonly Standing[] = ["waits", "held", "mine"];

/** The live queue: who needs help, the most urgent first. */
export function Page() {
  const { say } = useWording();
  const user = useUser();
  const mayWork = useMay("incident:work");
  const navigate = useNavigate();
  const queue = useQueue();
  const areas = useAreas().data ?? NO_AREAS;
  const fresh = useFreshEmergencies();
  const { step } = useStep();
  const [search, setSearch] = useSearchParams();
  const filter = useMemo(() => filterOf(search), [search]);
  const [selected, setSelected] = useState<number | null>(null);
  const [moved, setMoved] = useState(0);
  const [claiming, setClaiming] = useState<number | null>(null);
  usePageTitle(say("queue-title"));

  const all = queue.data;
  const shown = useMemo(() => (all ? filtered(all, filter, areas, user.id) : []), [all, filter, areas, user.id]);

  function narrow(change: Partial<Filter>) {
    setSearch(searchOf({ ...filter, ...change }), { replace: true });
  }

  const claim = useCallback(
    async (incident: Incident) => {
      setClaiming(incident.id);
      const done = await step(incident.id, { kind: "claim" });
      setClaiming(null);
      if (done) void navigate(`/incidents/${incident.id}`);
    },
    [step, navigate],
  );

  function move(by: number) {
    const at = shown.findIndex((incident) => incident.id === selected);
    const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (!next) return;
    setSelected(next.id);
    setMoved((count) => count + 1);
  }

  const chosen = shown.find((incident) => incident.id === selected) ?? null;
  useKeys("queue-title", [
    { chord: "j", wording: "keys-next", run: () => move(1) },
    { chord: "k", wording: "keys-previous", run: () => move(-1) },
    { chord: "Enter", wording: "keys-open", run: () => chosen && void navigate(`/incidents/${chosen.id}`) },
    ...(mayWork
      ? [{ chord: "c", wording: "keys-claim", run: () => chosen?.state === "open" && void claim(chosen) }]
      : []),
    { chord: "1", wording: "keys-emergency", run: () => toggle("emergency") },
    { chord: "2", wording: "keys-care", run: () => toggle("care") },
    { chord: "3", wording: "keys-maintenance", run: () => toggle("maintenance") },
    { chord: "0", wording: "keys-all", run: () => setSearch(new URLSearchParams(), { replace: true }) },
  ]);

  function toggle(name: Incident["queue"]) {
    narrow({ queue: filter.queue === name ? null : name });
  }

  const narrowed = search.size > 0;
  return (
    <Stack gap="sm">
      <div className={classes.head}>
        <Title order={1} size="h3">
          {say("queue-title")}
        </Title>
        <Text className={classes.count} role="status">
          {all ? say("queue-count", { shown: shown.length, all: all.length }) : ""}
        </Text>
        <Select
          aria-label={say("filter-standing")}
          placeholder={say("filter-standing-all")}
          value={filter.standing}
          onChange={(standing) => narrow({ standing: STANDINGS.find((each) => each === standing) ?? null })}
          data={STANDINGS.map((each) => ({ value: each, label: say(`standing-${each}`) }))}
          clearable
          clearButtonProps={{ "aria-label": say("filter-clear") }}
        />
        {areas.length > 1 ? (
          <Select
            aria-label={say("area")}
            placeholder={say("area-all")}
            value={filter.area}
            onChange={(area) => narrow({ area })}
            data={areas.map((area) => ({ value: area.code, label: "　".repeat(depth(area.path) - 1) + area.name }))}
            searchable
            clearable
            clearButtonProps={{ "aria-label": say("filter-clear") }}
          />
        ) : null}
      </div>
      <CoverageBanner />
      <QueueTiles queue={all ?? []} chosen={filter.queue} onChoose={toggle} />
      {queue.isError && !all ? <Failure error={queue.error} again={() => void queue.refetch()} /> : null}
      {all === undefined && !queue.isError ? <Loader role="status" aria-label={say("loading")} /> : null}
      {all && shown.length === 0 ? (
        <div className={classes.empty}>
          <IconChecks size={40} aria-hidden />
          <Text fw={600}>{say(narrowed ? "queue-none-here" : "queue-none")}</Text>
          {narrowed ? (
            <Button variant="light" onClick={() => setSearch(new URLSearchParams(), { replace: true })}>
              {say("queue-show-all")}
            </Button>
          ) : null}
        </div>
      ) : null}
      <QueueList
        incidents={shown}
        areas={areas}
        user={user.id}
        fresh={fresh}
        selected={selected}
        mayWork={mayWork}
        busy={claiming}
        label={say("queue-title")}
        onClaim={claim}
        onSelect={setSelected}
        moved={moved}
      />
    </Stack>
  );
}

function depth(path: string): number {
  return path.split("/").length - 2;
}

import { Anchor, Button, SimpleGrid, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { AreaSelect, useChosenArea } from "../areas/area-select";
import { useAreaName } from "../areas/use-areas";
import { useKeys } from "../keys/use-keys";
import { Failure } from "../layout/failure";
import { Loaded, Nothing } from "../layout/loaded";
import { PageHead } from "../layout/page-head";
import { useWording } from "../wording/use-wording";
import { AnswerSign } from "./answer-sign";
import classes from "./board.module.css";
import { Reasons } from "./reasons";
import { ANSWERS, type BoardEntry, type Protected, useBoard, useFound, useSummary } from "./use-board";

/** Who can call for help at this moment and would be answered, and who not, with the reasons. */
export function Page() {
  const { say } = useWording();
  const area = useChosenArea();
  const [search, setSearch] = useSearchParams();
  const only = ANSWERS.find((each) => each === search.get("protected")) ?? null;
  const [name, setName] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useKeys("board-title", [{ chord: "/", wording: "board-find-key", run: () => field.current?.focus() }]);
  function choose(next: Protected | null) {
    setSearch(
      (before) => {
        if (next === null) before.delete("protected");
        else before.set("protected", next);
        return before;
      },
      { replace: true },
    );
  }
  return (
    <Stack>
      <PageHead title={say("board-title")}>
        <AreaSelect />
      </PageHead>
      <Tiles area={area} only={only} choose={choose} />
      <TextInput
        ref={field}
        label={say("board-find")}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        type="search"
        maxLength={100}
        maw="26rem"
      />
      {name.trim() === "" ? <List area={area} only={only} /> : <Found name={name.trim()} />}
    </Stack>
  );
}

function Tiles({
  area,
  only,
  choose,
}: {
  area: string | undefined;
  only: Protected | null;
  choose: (answer: Protected | null) => void;
}) {
  const { say } = useWording();
  const summary = useSummary(area);
  return (
    <Loaded query={summary}>
      {(counts) => (
        <SimpleGrid cols={3} spacing="sm">
          {ANSWERS.map((answer) => (
            <UnstyledButton
              key={answer}
              className={classes.tile}
              data-answer={answer}
              aria-pressed={only === answer}
              onClick={() => choose(only === answer ? null : answer)}
            >
              <div className={classes.count}>{counts[answer]}</div>
              <Text fw={600} fz={{ base: "sm", sm: "md" }}>
                {say(`protected-${answer}`)}
              </Text>
              <Text size="sm" c="dimmed" visibleFrom="sm">
                {say(`protected-${answer}-means`)}
              </Text>
            </UnstyledButton>
          ))}
        </SimpleGrid>
      )}
    </Loaded>
  );
}

function List({ area, only }: { area: string | undefined; only: Protected | null }) {
  const { say } = useWording();
  const board = useBoard(area, only);
  return (
    <Loaded query={board}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.items);
        if (entries.length === 0) return <Nothing>{say(only === null ? "board-nobody" : "board-none")}</Nothing>;
        return (
          <>
            <ul style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {entries.map((entry) => (
                <Entry key={entry.resident_id} entry={entry} />
              ))}
            </ul>
            {board.hasNextPage ? (
              <Button variant="default" loading={board.isFetchingNextPage} onClick={() => void board.fetchNextPage()}>
                {say("board-more")}
              </Button>
            ) : null}
          </>
        );
      }}
    </Loaded>
  );
}

function Entry({ entry }: { entry: BoardEntry }) {
  const { say } = useWording();
  const areaName = useAreaName();
  return (
    <li className={classes.entry}>
      <div>
        <AnswerSign answer={entry.protected} />
      </div>
      <div>
        <Anchor component={Link} to={`/residents/${entry.resident_id}`} fw={600}>
          {entry.resident}
        </Anchor>
        <Text size="sm">{entry.address || entry.household}</Text>
        <Text size="sm" c="dimmed">
          {areaName(entry.area)}
        </Text>
      </div>
      {entry.reasons.length > 0 ? <Reasons reasons={entry.reasons} /> : <Text c="dimmed">{say("board-all-well")}</Text>}
      {entry.open_incident_id === null ? (
        <span />
      ) : (
        <Anchor component={Link} to={`/incidents/${entry.open_incident_id}`}>
          {say("board-open-incident")}
        </Anchor>
      )}
    </li>
  );
}

function Found({ name }: { name: string }) {
  const { say } = useWording();
  const [asked] = useDebouncedValue(name, 250);
  const areaName = useAreaName();
  const found = useFound(asked);
  if (found.isError) return <Failure error={found.error} again={() => void found.refetch()} />;
  return (
    <Loaded query={found}>
      {(residents) => (
        <>
          <Text size="sm" c="dimmed" role="status">
            {say("board-found", { count: residents.length, name: asked })}
          </Text>
          <ul style={{ listStyle: "none", padding: 0, margin: 0 }}>
            {residents.map((resident) => (
              <li key={resident.id} className={classes.entry}>
                <Anchor component={Link} to={`/residents/${resident.id}`} fw={600}>
                  {resident.name}
                </Anchor>
                <Text>{resident.address || resident.household}</Text>
                <Text c="dimmed">{areaName(resident.area)}</Text>
              </li>
            ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}

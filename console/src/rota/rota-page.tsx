import { Stack, Tabs } from "@mantine/core";
import { useSearchParams } from "react-router";
import { AreaSelect, useChosenArea } from "../areas/area-select";
import { PageHead } from "../layout/page-head";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { Coverage } from "./coverage";
import { OnShift } from "./on-shift";
import { Overrides } from "./overrides";
import { People } from "./people";
import { Policies } from "./policies";
import { Rotations } from "./rotations";
import { Week } from "./week-view";

/** Who answers when, and who is told in which order. */
export function Page() {
  const { say } = useWording();
  const area = useChosenArea();
  const [search, setSearch] = useSearchParams();
  const may = { policies: useMay("policy:read"), coverage: useMay("coverage:read"), people: useMay("staff:read") };
  const tab = search.get("tab") ?? "week";
  function show(next: string | null) {
    setSearch(
      (before) => {
        before.set("tab", next ?? "week");
        return before;
      },
      { replace: true },
    );
  }
  return (
    <Stack>
      <PageHead title={say("rota-title")}>
        <AreaSelect />
      </PageHead>
      <Tabs value={tab} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="week">{say("rota-tab-week")}</Tabs.Tab>
          <Tabs.Tab value="rotations">{say("rota-tab-rotations")}</Tabs.Tab>
          {may.policies ? <Tabs.Tab value="policies">{say("rota-tab-policies")}</Tabs.Tab> : null}
          {may.people ? <Tabs.Tab value="people">{say("rota-tab-people")}</Tabs.Tab> : null}
          {may.coverage ? <Tabs.Tab value="coverage">{say("rota-tab-coverage")}</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="week">
          <Stack>
            <OnShift area={area} />
            <Week area={area} />
            <Overrides area={area} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="rotations">
          <Rotations area={area} />
        </Tabs.Panel>
        {may.policies ? (
          <Tabs.Panel value="policies">
            <Policies area={area} />
          </Tabs.Panel>
        ) : null}
        {may.people ? (
          <Tabs.Panel value="people">
            <People area={area} />
          </Tabs.Panel>
        ) : null}
        {may.coverage ? (
          <Tabs.Panel value="coverage">
            <Coverage area={area} />
          </Tabs.Panel>
        ) : null}
      </Tabs>
    </Stack>
  );
}

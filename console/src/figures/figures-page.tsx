import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { now } from "../api/clock";
import { download } from "../api/download";
import { AreaSelect, useChosenArea } from "../areas/area-select";
import { failureText } from "../layout/failure";
import { Loaded, Nothing } from "../layout/loaded";
import { dateTime } from "../layout/moments";
import { PageHead } from "../layout/page-head";
import { Section } from "../layout/section";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { CheckFigures } from "./check-figures";
import { FigureTable } from "./figure-table";
import classes from "./figures.module.css";
import { Gaps, Storms } from "./gaps-and-storms";
import { isMonth, monthName, monthOf, shifted, spanOf } from "./months";
import { Targets, Times } from "./targets";
import { type Report, useReport } from "./use-report";

/** The standing figures of a month: how fast people were answered. Printed, it is the monthly report. */
export function Page() {
  const { say } = useWording();
  const area = useChosenArea();
  const [search, setSearch] = useSearchParams();
  const given = search.get("month") ?? "";
  const month = isMonth(given) ? given : monthOf(now());
  const report = useReport(month, area);
  function choose(next: string) {
    if (!isMonth(next)) return;
    setSearch(
      (before) => {
        before.set("month", next);
        return before;
      },
      { replace: true },
    );
  }
  return (
    <Stack className={classes.report}>
      <PageHead title={say("figures-title")}>
        <Group align="end" gap="xs" className="no-print">
          <Button variant="default" onClick={() => choose(shifted(month, -1))} aria-label={say("figures-month-before")}>
            ‹
          </Button>
          <TextInput
            type="month"
            label={say("figures-month")}
            value={month}
            onChange={(event) => choose(event.currentTarget.value)}
          />
          <Button variant="default" onClick={() => choose(shifted(month, 1))} aria-label={say("figures-month-after")}>
            ›
          </Button>
          <AreaSelect />
        </Group>
      </PageHead>
      <Downloads month={month} area={area} />
      <Loaded query={report}>{(made) => <Whole report={made} />}</Loaded>
    </Stack>
  );
}

function Downloads({ month, area }: { month: string; area: string | undefined }) {
  const wording = useWording();
  const { language, say } = wording;
  const [busy, setBusy] = useState("");
  const mayAudit = useMay("audit:read");
  const where = area ? { area } : {};
  async function keep(path: string, query: Record<string, string>) {
    setBusy(path);
    try {
      await download(path, query);
    } catch (error) {
      notifications.show({ color: "red", message: failureText(error, wording), role: "alert" });
    } finally {
      setBusy("");
    }
  }
  const report = "/api/v1/figures/report.csv";
  const audit = "/api/v1/audit.csv";
  return (
    <Group gap="xs" className="no-print">
      <Button
        variant="default"
        leftSection={<IconDownload size={18} aria-hidden />}
        loading={busy === report}
        onClick={() => void keep(report, { month, lang: language, ...where })}
      >
        {say("figures-download-report")}
      </Button>
      {mayAudit ? (
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          loading={busy === audit}
          onClick={() => void keep(audit, { ...spanOf(month), ...where })}
        >
          {say("figures-download-audit")}
        </Button>
      ) : null}
      <Button variant="default" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => window.print()}>
        {say("figures-print")}
      </Button>
    </Group>
  );
}

function Whole({ report }: { report: Report }) {
  const { language, say } = useWording();
  const groups = [
    { rows: report.by_area, by: "area" },
    // Where there is a rota its shifts say more than the hours of the clock.
    report.by_rota.length > 0 ? { rows: report.by_rota, by: "rota" } : { rows: report.by_shift, by: "shift" },
    { rows: report.by_kind, by: "kind" },
    { rows: report.by_detector, by: "detector" },
  ] as const;
  return (
    <>
      <Text>
        {say("figures-about", {
          area: report.area_name,
          month: monthName(report.month, language),
          incidents: report.total.incidents,
          time: dateTime(report.made_at, language),
        })}
      </Text>
      {report.total.incidents === 0 ? <Nothing>{say("figures-none")}</Nothing> : null}
      <Targets total={report.total} targets={report.targets} />
      <Section title={say("figures-times")}>
        <Times total={report.total} />
      </Section>
      {groups.map(({ rows, by }) =>
        rows.length === 0 ? null : (
          <Section key={by} title={say(`figures-by-${by}`)}>
            <FigureTable rows={rows} head={say(`figures-group-${by}`)} targets={report.targets} />
          </Section>
        ),
      )}
      {report.queues.length > 0 ? (
        <Section title={say("figures-queues")}>
          <FigureTable rows={report.queues} head={say("figures-queue")} />
        </Section>
      ) : null}
      <Section title={say("figures-gaps")}>
        <Gaps gaps={report.gaps} />
      </Section>
      <Section title={say("figures-storms")}>
        <Storms storms={report.storms} />
      </Section>
      <Section title={say("figures-checks")}>
        <CheckFigures rows={report.checks} />
      </Section>
      <Text size="sm" c="dimmed">
        {say("figures-how")}
      </Text>
    </>
  );
}

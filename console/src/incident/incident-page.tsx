import { Loader, Stack } from "@mantine/core";
import { useEffect } from "react";
import { useParams } from "react-router";
import { looked } from "../attention/attention";
import { usePageTitle } from "../attention/use-attention";
import { Failure } from "../layout/failure";
import { NotFound } from "../layout/not-found";
import { isOver } from "../queue/merge";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { Activity } from "./activity";
import { CallList } from "./call-list";
import { Fall } from "./fall";
import { Files } from "./files";
import { Head } from "./head";
import classes from "./incident-page.module.css";
import { Messages } from "./messages";
import { PersonCard } from "./person-card";
import { Timeline } from "./timeline-list";
import { type Detail, useIncident } from "./use-incident";
import { Vitals } from "./vitals";
import { Whereabouts } from "./whereabouts";
import { Why } from "./why";

const FALLS: ReadonlySet<string> = new Set(["fall", "long_lie"]);

/** One incident with everything about it, and everything that can be done. */
export function Page() {
  const { id = "" } = useParams();
  if (!/^[1-9]\d{0,15}$/.test(id)) return <NotFound />;
  return <OneIncident key={id} id={Number(id)} />;
}

function OneIncident({ id }: { id: number }) {
  const { say, sayOr } = useWording();
  const incident = useIncident(id);
  const { data } = incident;
  usePageTitle(data ? `${sayOr(`kind-${data.kind}`, data.kind)} · ${data.resident}` : say("incident-title"));
  useEffect(() => looked(id), [id]);
  if (data) {
    return (
      <Stack gap="sm">
        {incident.isError ? <Failure error={incident.error} again={() => void incident.refetch()} /> : null}
        <Whole incident={data} />
      </Stack>
    );
  }
  if (incident.isError) return <Failure error={incident.error} again={() => void incident.refetch()} />;
  return <Loader role="status" aria-label={say("loading")} />;
}

function Whole({ incident }: { incident: Detail }) {
  const reads = useMay("reading:read");
  const works = useMay("incident:work");
  const live = !isOver(incident);
  const falls = incident.alerts.filter((alert) => FALLS.has(alert.kind));
  const equipment = incident.queue === "maintenance";
  return (
    <>
      <Head incident={incident} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <div className={classes.first}>
            <Why incident={incident} />
          </div>
          <div className={classes.third}>
            <CallList incident={incident} />
          </div>
          <div className={classes.fifth}>
            <Timeline incident={incident} />
          </div>
          <div className={classes.last}>
            <Messages incident={incident} />
          </div>
          {works ? (
            <div className={classes.files}>
              <Files incident={incident} />
            </div>
          ) : null}
        </div>
        <div className={classes.column}>
          <div className={classes.second}>
            <PersonCard incident={incident} />
          </div>
          {equipment ? null : (
            <div className={classes.fourth}>
              <Whereabouts incident={incident} />
            </div>
          )}
          {reads ? (
            <div className={classes.charts}>
              {falls.length > 0 ? <Fall incident={incident} falls={falls} /> : null}
              <Vitals incident={incident} live={live} />
              <Activity incident={incident} live={live} />
            </div>
          ) : null}
        </div>
      </div>
    </>
  );
}

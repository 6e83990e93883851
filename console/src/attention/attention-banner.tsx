import { Button, Group } from "@mantine/core";
import { IconUrgent } from "@tabler/icons-react";
import { useEffect, useSyncExternalStore } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useAreaName } from "../areas/use-areas";
import { useQueue } from "../queue/use-queue";
import { useWording } from "../wording/use-wording";
import { titleOf } from "./alarm";
import { forget, looked, onAttention, pageTitle, queueChanged } from "./attention";
import classes from "./attention-banner.module.css";
import { noticeOf } from "./notices";
import { closeNotices, keepNotices, noticing, onNoticing } from "./noticing";
import { ring, unlockOnFirstTouch } from "./sound";
import { useFreshEmergencies } from "./use-attention";

// Between two rings, milliseconds.
const AGAIN = 6_000;
// A movement that was under way when it came is not a look.
const A_LOOK = 1_500;

/** Rings, sets the title and shows the newest emergency above every page, until somebody has looked. */
export function Attention() {
  const { data } = useQueue();
  const fresh = useFreshEmergencies();
  const title = useSyncExternalStore(onAttention, pageTitle);
  const { say, sayOr } = useWording();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const areaName = useAreaName();
  const told = useSyncExternalStore(onNoticing, noticing);
  const ringing = fresh.length > 0;
  const onQueue = pathname === "/";

  useEffect(() => unlockOnFirstTouch(), []);
  useEffect(() => {
    if (data) queueChanged(data);
  }, [data]);
  useEffect(() => forget, []);
  useEffect(() => {
    document.title = titleOf(title, say("name"), fresh.length, say("queue-emergency"));
  }, [title, fresh.length, say]);
  useEffect(() => {
    const words = {
      emergency: say("attention-new", { count: 1 }),
      kind: (kind: string) => sayOr(`kind-${kind}`, kind),
      area: areaName,
    };
    if (told !== "none") {
      keepNotices(
        fresh,
        (incident) => noticeOf(incident, words),
        (id) => void navigate(`/incidents/${id}`),
      );
    }
  }, [fresh, told, say, sayOr, areaName, navigate]);
  useEffect(() => closeNotices, []);
  useEffect(() => {
    if (!ringing) return;
    ring();
    const timer = setInterval(ring, AGAIN);
    return () => clearInterval(timer);
  }, [ringing]);
  useEffect(() => {
    if (!ringing || !onQueue) return;
    const since = performance.now();
    // On the queue itself whoever moves there has it before their eyes.
    const look = () => {
      if (performance.now() - since > A_LOOK && document.hasFocus()) looked("all");
    };
    const events = ["pointermove", "pointerdown", "keydown", "wheel"] as const;
    for (const event of events) window.addEventListener(event, look, { passive: true });
    return () => {
      for (const event of events) window.removeEventListener(event, look);
    };
  }, [ringing, onQueue]);

  const first = fresh[0];
  return (
    <div role="alert" className="no-print">
      {first ? (
        <div className={classes.banner}>
          <IconUrgent size={30} aria-hidden className={classes.sign} />
          <div className={classes.text}>
            <strong>
              {say("attention-new", { count: fresh.length })} {sayOr(`kind-${first.kind}`, first.kind)} ·{" "}
              {first.resident}
            </strong>
            <div>{first.address}</div>
          </div>
          <Group gap="xs" wrap="nowrap">
            <Button component={Link} to={`/incidents/${first.id}`} variant="white" color="red.9">
              {say("attention-open")}
            </Button>
            <Button variant="outline" color="white" c="white" onClick={() => looked("all")}>
              {say("attention-seen")}
            </Button>
          </Group>
        </div>
      ) : null}
    </div>
  );
}

import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { useNow } from "../api/use-now";
import { useConnection } from "../live/use-connection";
import { useWording } from "../wording/use-wording";
import classes from "./connection-sign.module.css";
import { clockTime, stopwatch } from "./moments";

/** Whether what is on the screen is live: in the head of each page. */
export function ConnectionSign() {
  const { kind } = useConnection();
  const { say } = useWording();
  const Icon = kind === "lost" ? IconPlugConnectedX : IconPlugConnected;
  return (
    <span className={classes.sign} data-kind={kind} role="status">
      <Icon size={18} aria-hidden />
      {say(`connection-${kind}`)}
    </span>
  );
}

/** Says loudly since when the screen may be old. It goes by itself. */
export function ConnectionBanner() {
  const connection = useConnection();
  if (connection.kind !== "lost") return null;
  return <LostSince since={connection.since} />;
}

function LostSince({ since }: { since: number }) {
  const { language, say } = useWording();
  const now = useNow();
  return (
    <Alert
      color="red"
      variant="filled"
      radius={0}
      icon={<IconAlertTriangle aria-hidden />}
      title={say("connection-lost-title")}
    >
      <span role="alert">{say("connection-lost-since", { time: clockTime(since, language) })}</span>{" "}
      <span className="figures">{say("connection-lost-for", { span: stopwatch(now - since) })}</span>
    </Alert>
  );
}

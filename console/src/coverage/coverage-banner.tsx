import { Alert, Anchor, Text } from "@mantine/core";
import { IconPhoneOff } from "@tabler/icons-react";
import { Link } from "react-router";
import { useNow } from "../api/use-now";
import { when } from "../layout/moments";
import { useCoverage } from "../rota/use-rota";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import classes from "./coverage-banner.module.css";
import { gapsOf, isOld } from "./gaps";

/** "Would anybody answer now?" Says where the answer is no; nothing where it is yes. */
export function CoverageBanner() {
  const { language, say } = useWording();
  const now = useNow();
  const { data } = useCoverage(undefined, useMay("coverage:read"));
  if (!data) return null;
  if (isOld(data, now)) {
    const text = data.checked_at === null ? "coverage-never" : "coverage-old";
    return (
      <Alert color="red" icon={<IconPhoneOff aria-hidden />} title={say("coverage-unknown")} role="alert">
        {say(text, { time: when(data.checked_at ?? 0, now, language) })}
      </Alert>
    );
  }
  const { gaps, residents } = gapsOf(data);
  return (
    <>
      {gaps.length > 0 ? (
        <details className={classes.gaps} data-emergency={gaps.some((gap) => gap.queue === "emergency") || undefined}>
          <summary>
            <IconPhoneOff size={20} aria-hidden />
            <span role="alert">
              <b>{say("coverage-nobody")}</b>{" "}
              {[...new Set(gaps.map((gap) => say(`queue-${gap.queue}`)))].join(say("coverage-between"))} ·{" "}
              {say("coverage-areas", { count: new Set(gaps.flatMap((gap) => gap.areas)).size })}
            </span>
          </summary>
          <ul className={classes.list}>
            {gaps.map((gap) => (
              <li key={`${gap.queue} ${gap.text}`}>
                <b>{say(`queue-${gap.queue}`)}</b>: {gap.text} {gap.areas.join(say("coverage-between"))} ·{" "}
                {say("coverage-since", { time: when(gap.since, now, language) })}
                {gap.told ? "" : ` · ${say("coverage-nobody-told")}`}
              </li>
            ))}
          </ul>
          <Anchor component={Link} to="/rota?tab=coverage" underline="always">
            {say("coverage-details")}
          </Anchor>
        </details>
      ) : null}
      {residents.map((each) => (
        <details key={each.text} className={classes.residents}>
          <summary>{each.text}</summary>
          {each.residents.map((one, place) => (
            <span key={one.id}>
              {place > 0 ? say("coverage-between") : ""}
              <Anchor component={Link} to={`/residents/${one.id}`}>
                {one.name}
              </Anchor>
            </span>
          ))}
          {each.more > 0 ? <Text span>{` ${say("coverage-more", { count: each.more })}`}</Text> : null}
        </details>
      ))}
    </>
  );
}

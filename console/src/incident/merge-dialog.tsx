import { Text } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Dialog } from "../layout/dialog";
import { useQueue } from "../queue/use-queue";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import classes from "./dialogs.module.css";
import type { Detail } from "./use-incident";

const ORDER = ["emergency", "care", "maintenance"];

interface Given {
  readonly incident: Detail;
  readonly close: () => void;
}

/** In which of the same person's more urgent incidents it goes on. */
export function MergeDialog({ incident, close }: Given) {
  const { say, sayOr } = useWording();
  const { step, busy } = useStep();
  const navigate = useNavigate();
  const [into, setInto] = useState<number | null>(null);
  const others = (useQueue().data ?? []).filter(
    (other) =>
      other.resident_id === incident.resident_id &&
      other.state !== "pending" &&
      ORDER.indexOf(other.queue) < ORDER.indexOf(incident.queue),
  );
  async function merge() {
    if (into !== null && (await step(incident.id, { kind: "merge", given: { into, note: "" } }))) {
      close();
      void navigate(`/incidents/${into}`);
    }
  }
  return (
    <Dialog
      title={say("merge-title")}
      close={close}
      action={others.length > 0 ? say("action-merge") : undefined}
      act={() => void merge()}
      busy={busy === "merge"}
      ready={into !== null}
    >
      <Text>{say(others.length > 0 ? "merge-text" : "merge-none", { name: incident.resident })}</Text>
      <div className={classes.choices} role="radiogroup" aria-label={say("merge-title")} hidden={others.length === 0}>
        {others.map((other, place) => (
          <label key={other.id} className={classes.choice} data-chosen={other.id === into || undefined}>
            <input
              type="radio"
              name="into"
              checked={other.id === into}
              onChange={() => setInto(other.id)}
              data-autofocus={place === 0 || undefined}
            />
            {sayOr(`kind-${other.kind}`, other.kind)} · {say(`queue-${other.queue}`)} · #{other.id}
          </label>
        ))}
      </div>
    </Dialog>
  );
}

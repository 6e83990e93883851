import { Button, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useQueue } from "../queue/use-queue";
import { useWording } from "../wording/use-wording";
import { useStep } from "../work/use-step";
import classes from "./dialogs.module.css";
import type { Detail } from "./use-incident";

const ORDER = ["emergency", "care", "maintenance"];

interface Given {
  readonly incident: Detail;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** In which of the same person's more urgent incidents it goes on. */
export function MergeDialog({ incident, opened, onClose }: Given) {
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
      onClose();
      void navigate(`/incidents/${into}`);
    }
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={say("merge-title")}
      closeButtonProps={{ "aria-label": say("close") }}
    >
      <Stack>
        <Text>{say(others.length > 0 ? "merge-text" : "merge-none", { name: incident.resident })}</Text>
        <div className={classes.choices} role="radiogroup" aria-label={say("merge-title")}>
          {others.map((other) => (
            <label key={other.id} className={classes.choice} data-chosen={other.id === into || undefined}>
              <input type="radio" name="into" checked={other.id === into} onChange={() => setInto(other.id)} />
              {sayOr(`kind-${other.kind}`, other.kind)} · {say(`queue-${other.queue}`)} · #{other.id}
            </label>
          ))}
        </div>
        {others.length > 0 ? (
          <Button onClick={() => void merge()} disabled={into === null} loading={busy === "merge"} size="md">
            {say("action-merge")}
          </Button>
        ) : null}
      </Stack>
    </Modal>
  );
}

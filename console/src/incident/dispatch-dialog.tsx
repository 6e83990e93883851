import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../layout/dialog";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import classes from "./dialogs.module.css";
import { NoteField } from "./note-field";
import type { Detail } from "./use-incident";

const USUAL = ["ambulance", "fire", "police", "community", "family"] as const;

interface Given {
  readonly incident: Detail;
  readonly close: () => void;
}

/** Who or what was sent: one tap for the usual ones, or in words. */
export function DispatchDialog({ incident, close }: Given) {
  const { say } = useWording();
  const { step, busy } = useStep();
  const [resource, setResource] = useState("");
  const [note, setNote] = useState("");
  async function send() {
    if (await step(incident.id, { kind: "dispatch", given: { resource: resource.trim(), note } })) close();
  }
  return (
    <Dialog
      title={say("dispatch-title", { name: incident.resident })}
      close={close}
      action={say("action-dispatch")}
      act={() => void send()}
      busy={busy === "dispatch"}
      ready={resource.trim() !== ""}
    >
      <div className={classes.choices}>
        {USUAL.map((each, place) => (
          <Button
            key={each}
            variant={resource === say(`resource-${each}`) ? "filled" : "default"}
            onClick={() => setResource(say(`resource-${each}`))}
            data-autofocus={place === 0 || undefined}
          >
            {say(`resource-${each}`)}
          </Button>
        ))}
      </div>
      <TextInput
        label={say("dispatch-resource")}
        value={resource}
        onChange={(event) => setResource(event.currentTarget.value)}
        maxLength={200}
        required
      />
      <NoteField value={note} change={setNote} />
    </Dialog>
  );
}

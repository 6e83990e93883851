import { Button, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useWording } from "../wording/use-wording";
import { useStep } from "../work/use-step";
import classes from "./dialogs.module.css";
import type { Detail } from "./use-incident";

const USUAL = ["ambulance", "fire", "police", "community", "family"] as const;

interface Given {
  readonly incident: Detail;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Who or what was sent: one tap for the usual ones, or in words. */
export function DispatchDialog({ incident, opened, onClose }: Given) {
  const { say } = useWording();
  const { step, busy } = useStep();
  const [resource, setResource] = useState("");
  const [note, setNote] = useState("");
  async function send() {
    const given = { resource: resource.trim(), note };
    if (given.resource && (await step(incident.id, { kind: "dispatch", given }))) onClose();
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={say("dispatch-title", { name: incident.resident })}
      closeButtonProps={{ "aria-label": say("close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Stack>
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
          <Textarea
            label={say("note-label")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={4000}
            autosize
            minRows={2}
          />
          <Button type="submit" disabled={resource.trim() === ""} loading={busy === "dispatch"} size="md">
            {say("action-dispatch")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

import { Button, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useWording } from "../wording/use-wording";
import type { Step } from "../work/steps";
import { useStep } from "../work/use-step";
import type { Detail } from "./use-incident";

type What = "note" | "reopen" | "release";

interface Given {
  readonly incident: Detail;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly what: What;
}

/** A note, or a step that asks only for a word and to be meant. */
export function NoteDialog({ incident, opened, onClose, what }: Given) {
  const { say } = useWording();
  const { step, busy } = useStep();
  const [text, setText] = useState("");
  const note = what === "note";
  async function send() {
    if (note && text.trim() === "") return;
    if (await step(incident.id, stepOf(what, text.trim()))) onClose();
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={say(`ask-title-${what}`, { name: incident.resident })}
      closeButtonProps={{ "aria-label": say("close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Stack>
          {note ? null : <Text>{say(`ask-text-${what}`)}</Text>}
          {what === "release" ? null : (
            <Textarea
              label={say("note-label")}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
              }}
              maxLength={4000}
              autosize
              minRows={3}
              required={note}
              data-autofocus
            />
          )}
          <Button
            type="submit"
            disabled={note && text.trim() === ""}
            loading={busy === what}
            size="md"
            data-autofocus={what === "release" || undefined}
          >
            {say(`action-${what}`)}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function stepOf(what: What, text: string): Step {
  if (what === "note") return { kind: "note", given: { text } };
  return what === "reopen" ? { kind: "reopen", given: { note: text } } : { kind: "release" };
}

import { Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../layout/dialog";
import type { Step } from "../steps/steps";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import type { Detail } from "./use-incident";

type What = "note" | "reopen" | "release";

interface Given {
  readonly incident: Detail;
  readonly close: () => void;
  readonly what: What;
}

/** A note, or a step that asks only for a word and to be meant. */
export function NoteDialog({ incident, close, what }: Given) {
  const { say } = useWording();
  const { step, busy } = useStep();
  const [text, setText] = useState("");
  const note = what === "note";
  async function send() {
    if (await step(incident.id, stepOf(what, text.trim()))) close();
  }
  return (
    <Dialog
      title={say(`ask-title-${what}`, { name: incident.resident })}
      close={close}
      action={say(`action-${what}`)}
      act={() => void send()}
      busy={busy === what}
      ready={!note || text.trim() !== ""}
    >
      {note ? null : <Text>{say(`ask-text-${what}`)}</Text>}
      {what === "release" ? null : (
        <Textarea
          label={say("note-label")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={4000}
          autosize
          minRows={3}
          required={note}
          data-autofocus
        />
      )}
    </Dialog>
  );
}

function stepOf(what: What, text: string): Step {
  if (what === "note") return { kind: "note", given: { text } };
  return what === "reopen" ? { kind: "reopen", given: { note: text } } : { kind: "release" };
}

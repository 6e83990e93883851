import { Title } from "@mantine/core";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { Dialog } from "../layout/dialog";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import classes from "./dialogs.module.css";
import { NoteField } from "./note-field";
import type { Detail } from "./use-incident";

type Code = Schemas["ClosureCode"];

/** In the groups that the figures make of them. */
const GROUPS: readonly { readonly wording: string; readonly codes: readonly Code[] }[] = [
  {
    wording: "close-true",
    codes: ["responder_attended", "family_attended", "reassured", "ambulance", "fire", "police"],
  },
  { wording: "close-false", codes: ["accidental", "detector_false"] },
  { wording: "close-other", codes: ["user_cancelled", "no_contact", "technical", "test", "duplicate"] },
];

interface Given {
  readonly incident: Detail;
  readonly close: () => void;
}

/** How it turned out: one code, and what is worth telling. */
export function CloseDialog({ incident, close }: Given) {
  const { say } = useWording();
  const { step, busy } = useStep();
  const [code, setCode] = useState<Code | null>(null);
  const [note, setNote] = useState("");
  async function end() {
    if (code !== null && (await step(incident.id, { kind: "close", given: { code, note } }))) close();
  }
  return (
    <Dialog
      title={say("close-title", { name: incident.resident })}
      close={close}
      action={say("action-close")}
      act={() => void end()}
      busy={busy === "close"}
      ready={code !== null}
      size="lg"
    >
      {GROUPS.map((group) => (
        <fieldset key={group.wording} className={classes.choices}>
          <legend>
            <Title order={3} size="h6" component="span">
              {say(group.wording)}
            </Title>
          </legend>
          {group.codes.map((each) => (
            <label key={each} className={classes.choice} data-chosen={each === code || undefined}>
              <input
                type="radio"
                name="code"
                value={each}
                checked={each === code}
                onChange={() => setCode(each)}
                data-autofocus={each === "responder_attended" || undefined}
              />
              {say(`closure-${each}`)}
            </label>
          ))}
        </fieldset>
      ))}
      <NoteField value={note} change={setNote} />
    </Dialog>
  );
}

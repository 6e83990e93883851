import { Text } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../layout/dialog";
import { Loaded, Nothing } from "../layout/loaded";
import { useStaff } from "../rota/use-rota";
import { useUser } from "../session/use-session";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import classes from "./dialogs.module.css";
import { NoteField } from "./note-field";
import type { Detail } from "./use-incident";

interface Given {
  readonly incident: Detail;
  readonly close: () => void;
}

/** To which colleague, with a word. Whoever can't be reached is said so before it is handed to them. */
export function HandOverDialog({ incident, close }: Given) {
  const { say } = useWording();
  const user = useUser();
  const { step, busy } = useStep();
  const [to, setTo] = useState<number | null>(null);
  const [note, setNote] = useState("");
  const staff = useStaff(incident.area);
  async function hand() {
    if (to !== null && (await step(incident.id, { kind: "hand-over", given: { user_id: to, note } }))) close();
  }
  return (
    <Dialog
      title={say("hand-over-title", { name: incident.resident })}
      close={close}
      action={say("action-hand-over")}
      act={() => void hand()}
      busy={busy === "hand-over"}
      ready={to !== null}
    >
      <Loaded query={staff}>
        {(all) => {
          const colleagues = all.filter((each) => each.id !== incident.claimed_by?.id && each.sees_all);
          if (colleagues.length === 0) return <Nothing>{say("hand-over-nobody")}</Nothing>;
          return (
            <div className={classes.choices} role="radiogroup" aria-label={say("hand-over-to")}>
              {colleagues.map((each) => (
                <label key={each.id} className={classes.choice} data-chosen={each.id === to || undefined}>
                  <input type="radio" name="to" checked={each.id === to} onChange={() => setTo(each.id)} />
                  <span>
                    {each.display_name}
                    {each.id === user.id ? ` (${say("hand-over-me")})` : ""}
                    <Text span display="block" size="sm" c="dimmed">
                      {say(`role-${each.role}`)}
                      {each.reachable ? "" : ` · ${say("hand-over-unreachable")}`}
                    </Text>
                  </span>
                </label>
              ))}
            </div>
          );
        }}
      </Loaded>
      <NoteField value={note} change={setNote} />
    </Dialog>
  );
}

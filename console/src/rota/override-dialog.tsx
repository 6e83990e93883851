import { NativeSelect, SimpleGrid, TextInput } from "@mantine/core";
import { now } from "../api/clock";
import { useAreas } from "../areas/use-areas";
import { Dialog } from "../layout/dialog";
import { Loaded } from "../layout/loaded";
import { useWording } from "../wording/use-wording";
import { type Shift, type StaffMember, useAddOverride, useStaff } from "./use-rota";
import { fieldOf } from "./week";

interface Given {
  area: string | undefined;
  /** whose place somebody takes; null: somebody besides the others */
  shift: Shift | null;
  close: () => void;
}

const HOUR = 3_600_000;

/** Somebody stands in for another, or works besides the others. */
export function OverrideDialog({ area, shift, close }: Given) {
  const { say } = useWording();
  const areas = useAreas();
  const at = shift?.area ?? area ?? areas.data?.[0]?.code;
  const staff = useStaff(at);
  const add = useAddOverride();
  function send(form: FormData) {
    if (at === undefined) return;
    const instead = String(form.get("instead_of"));
    add.mutate(
      {
        area: at,
        user_id: Number(form.get("user")),
        instead_of_id: instead === "" ? null : Number(instead),
        starts_at: new Date(String(form.get("starts"))).toISOString(),
        ends_at: new Date(String(form.get("ends"))).toISOString(),
        note: String(form.get("note")),
      },
      { onSuccess: close },
    );
  }
  return (
    <Dialog
      title={shift ? say("override-for", { name: shift.user.display_name }) : say("override-new")}
      close={close}
      action={say("save")}
      act={send}
      busy={add.isPending}
      ready={at !== undefined && staff.data !== undefined}
      failure={add.error}
    >
      <Loaded query={staff}>{(all) => <Fields shift={shift} staff={all} />}</Loaded>
    </Dialog>
  );
}

function Fields({ shift, staff }: { shift: Shift | null; staff: readonly StaffMember[] }) {
  const { say } = useWording();
  const begins = shift ? Math.max(now(), Date.parse(shift.starts_at)) : now();
  const ends = shift ? Date.parse(shift.ends_at) : now() + 8 * HOUR;
  // Who does not see the whole area can't answer for it.
  const able = staff.filter((person) => person.sees_all && person.id !== shift?.user.id);
  return (
    <>
      <NativeSelect
        name="user"
        label={say("override-user")}
        required
        data={able.map((person) => ({
          value: String(person.id),
          label: `${person.display_name} (${say(`role-${person.role}`)}${person.reachable ? "" : `, ${say("on-shift-unreachable")}`})`,
        }))}
        data-autofocus
      />
      <NativeSelect
        name="instead_of"
        label={say("override-instead-of")}
        defaultValue={shift ? String(shift.user.id) : ""}
        data={[
          { value: "", label: say("override-besides") },
          ...staff.map((person) => ({ value: String(person.id), label: person.display_name })),
        ]}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="md">
        <TextInput
          type="datetime-local"
          name="starts"
          label={say("override-starts")}
          defaultValue={fieldOf(begins)}
          required
        />
        <TextInput
          type="datetime-local"
          name="ends"
          label={say("override-ends")}
          defaultValue={fieldOf(ends)}
          required
        />
      </SimpleGrid>
      <TextInput name="note" label={say("override-note")} maxLength={500} />
    </>
  );
}

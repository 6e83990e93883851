import { NativeSelect, NumberInput, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRef, useState } from "react";
import { Dialog } from "../layout/dialog";
import type { StaffMember } from "../rota/use-rota";
import { useWording } from "../wording/use-wording";
import { type Kind, useAddChannel } from "./use-staff-channels";
import { placeAfter, wrongFields } from "./wrong-channel";

const KINDS: readonly Kind[] = ["sms", "apprise", "webhook", "log"];

/** One more way to reach somebody of the centre. */
export function AddChannelDialog({ person, close }: { person: StaffMember; close: () => void }) {
  const { say } = useWording();
  const add = useAddChannel(person.id);
  const [kind, setKind] = useState<Kind>("sms");
  const [place, setPlace] = useState(placeAfter(person.channels));
  const address = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  const wrong = wrongFields(add.error);
  function send(form: FormData) {
    add.mutate(
      {
        kind,
        address: String(form.get("address")).trim(),
        secret: kind === "webhook" ? String(form.get("secret")) || null : null,
        call_order: place,
      },
      {
        onSuccess: () => {
          notifications.show({ color: "green", message: say("channel-added", { name: person.display_name }) });
          close();
        },
        onError: (error) => {
          const fields = wrongFields(error);
          if (fields.has("address")) address.current?.focus();
          else if (fields.has("secret")) secret.current?.focus();
        },
      },
    );
  }
  return (
    <Dialog
      title={say("channel-add-title", { name: person.display_name })}
      close={close}
      action={say("channel-add")}
      act={send}
      busy={add.isPending}
      failure={wrong.size > 0 ? null : add.error}
    >
      <NativeSelect
        label={say("channel-kind")}
        value={kind}
        onChange={(event) => {
          setKind(event.currentTarget.value as Kind);
          // What was wrong with the address was so for the kind before.
          add.reset();
        }}
        data={KINDS.map((each) => ({ value: each, label: say(`channel-kind-${each}`) }))}
        data-autofocus
      />
      <Text size="sm" c="dimmed">
        {say(`channel-hint-${kind}`)}
      </Text>
      <TextInput
        ref={address}
        name="address"
        type={kind === "sms" ? "tel" : "text"}
        label={say(`channel-address-${kind}`)}
        error={wrong.has("address") ? say(`channel-wrong-${kind}`) : null}
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        required
      />
      {kind === "webhook" ? (
        <TextInput
          ref={secret}
          name="secret"
          label={say("channel-secret")}
          error={wrong.has("secret") ? say("channel-wrong-secret") : null}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
        />
      ) : null}
      <NumberInput
        label={say("channel-place")}
        description={say("channel-place-text")}
        min={1}
        max={99}
        value={place}
        onChange={(value) => setPlace(Number(value) || 1)}
      />
    </Dialog>
  );
}

import { Textarea } from "@mantine/core";
import { useWording } from "../wording/use-wording";

interface Given {
  readonly value: string;
  readonly change: (value: string) => void;
}

/** What is worth telling of a step; kept in the incident's trail. */
export function NoteField({ value, change }: Given) {
  const { say } = useWording();
  return (
    <Textarea
      label={say("note-label")}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      maxLength={4000}
      autosize
      minRows={2}
    />
  );
}

import { Alert, Button, Group, Text } from "@mantine/core";
import { Refusal, Unreachable } from "../api/problem";
import { useWording, type Wording } from "../wording/use-wording";

/** What a failed request says to a person. The API's own words are for those no message is known for. */
export function failureText(error: unknown, { say, sayOr }: Wording): string {
  if (error instanceof Refusal) {
    const text = sayOr(`problem-${error.slug}`, error.message);
    // What is wrong with a field only the API knows.
    const fields = error.problem.errors?.map((each) => each.detail) ?? [];
    return [text, ...new Set(fields)].join(" ");
  }
  if (error instanceof Unreachable || error instanceof TypeError) return say("problem-unreachable");
  return error instanceof Error ? error.message : String(error);
}

/** In place of what could not be loaded. */
export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const wording = useWording();
  const id = error instanceof Refusal ? error.problem.correlation_id : "";
  return (
    <Alert color="red" role="alert" title={wording.say("failure-title")}>
      <Text>{failureText(error, wording)}</Text>
      {id && error instanceof Refusal && error.status >= 500 ? (
        <Text size="sm">{wording.say("failure-id", { id })}</Text>
      ) : null}
      {again ? (
        <Group mt="sm">
          <Button onClick={again}>{wording.say("failure-again")}</Button>
        </Group>
      ) : null}
    </Alert>
  );
}

import { Group, Loader, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useWording } from "../wording/use-wording";
import { Failure, failureText } from "./failure";
import { Note } from "./note";

interface Given<Data> {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}

/** What was asked of the API: that it is on its way, that it failed, or the thing itself; old with a word about it. */
export function Loaded<Data>({ query, children }: Given<Data>) {
  const wording = useWording();
  if (query.data === undefined) {
    if (query.isError) return <Failure error={query.error} again={() => void query.refetch()} />;
    return (
      <Group gap="xs" role="status">
        <Loader size="sm" aria-hidden />
        <Text>{wording.say("loading")}</Text>
      </Group>
    );
  }
  return (
    <>
      {query.isError ? (
        <Note kind="warning" urgent title={wording.say("loaded-old")}>
          {failureText(query.error, wording)}
        </Note>
      ) : null}
      {children(query.data)}
    </>
  );
}

/** In place of a list that has nothing in it. */
export function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text c="dimmed" py="xs">
      {children}
    </Text>
  );
}

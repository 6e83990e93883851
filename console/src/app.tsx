import { Center, Loader, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { RouterProvider } from "react-router";
import { mayPass } from "./api/problem";
import { router } from "./routes";
import { onSession, session } from "./session/session";
import { SignInPage } from "./session/sign-in-page";
import { useSession } from "./session/use-session";
import { inWords } from "./theme";
import { speakUsers } from "./wording/language";
import { useWording } from "./wording/use-wording";

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && mayPass(error), staleTime: 10_000 },
  },
});

// What one user has seen is not the next one's.
let userBefore: number | null = null;
onSession(() => {
  const state = session();
  const user = state.kind === "signed-in" ? state.user.id : null;
  if (user !== userBefore) queries.clear();
  userBefore = user;
});

export function App() {
  const { say } = useWording();
  const spoken = useMemo(() => inWords(say), [say]);
  return (
    <MantineProvider theme={spoken} defaultColorScheme="auto">
      <Notifications position="bottom-right" autoClose={6000} />
      <QueryClientProvider client={queries}>
        <Pages />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Pages() {
  const state = useSession();
  const { language, say } = useWording();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (state.kind === "signed-in") speakUsers(state.user.language);
  }, [state]);
  if (state.kind === "starting") {
    return (
      <Center mih="100vh">
        <Loader role="status" aria-label={say("loading")} />
      </Center>
    );
  }
  if (state.kind === "signed-out") return <SignInPage expired={state.expired} />;
  return <RouterProvider router={router} />;
}

import { createBrowserRouter, type RouteObject } from "react-router";
import { Broken } from "./layout/broken";
import { NotFound } from "./layout/not-found";
import { Shell } from "./layout/shell";
import { FURTHER, NAVIGATION, type Screen } from "./navigation";

function route({ path, load }: Screen): RouteObject {
  return { path, lazy: async () => ({ Component: (await load()).Page }) };
}

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      { errorElement: <Broken />, children: [...NAVIGATION, ...FURTHER].map(route) },
      { path: "*", element: <NotFound /> },
    ],
    HydrateFallback: () => null,
  },
]);

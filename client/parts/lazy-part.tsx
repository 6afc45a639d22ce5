/** A page or another large part whose code is fetched when it is first shown. Where that fails it says so: thrown on, it would leave the whole console blank. */
import { Button } from "@mantine/core";
import { lazy, type ComponentType, type LazyExoticComponent, type ReactElement } from "react";
import { Blank } from "./blank.tsx";
import { loadPart } from "./load-part.ts";

export const lazyPart = <Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): LazyExoticComponent<ComponentType<Props>> =>
  lazy(() => loadPart(load).catch(() => ({ default: NotLoaded })));

const NotLoaded = (): ReactElement => (
  <Blank title="This part of the console could not be loaded" text="Serai did not answer, or was replaced by another version.">
    <Button onClick={() => location.reload()}>Load the page again</Button>
  </Blank>
);

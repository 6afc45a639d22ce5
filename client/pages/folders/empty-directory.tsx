/** A directory with nothing in it, or nothing that the filter lets through. */
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Blank } from "../../parts/blank.tsx";

type EmptyDirectoryProps = { readonly path: string; readonly nameContains: string; readonly onShowAll: () => void };

export function EmptyDirectory({ path, nameContains, onShowAll }: EmptyDirectoryProps): ReactElement {
  return (
    <div className="panel">
      {nameContains !== "" ? (
        <Blank title={`Nothing here has “${nameContains}” in its name`} text="Directories below are not searched.">
          <Button variant="default" onClick={onShowAll}>
            Show all
          </Button>
        </Blank>
      ) : (
        <Blank
          title={path === "" ? "This folder is empty" : "This directory is empty"}
          text="Drop files or whole directories anywhere on this page, or choose them with Upload."
        />
      )}
    </div>
  );
}

/** Enter goes to the next, Shift+Enter to the one before. */
import { ActionIcon, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import type { ReactElement } from "react";
import type { Search } from "./logs-search.ts";

export function LogsSearchField({ search }: { readonly search: Search }): ReactElement {
  const { text, found, at } = search;
  const none = found.length === 0;
  return (
    <div className="line" role="search" style={{ "--gap": "4px" }}>
      <TextInput
        size="xs"
        aria-label="Search the log"
        placeholder="Search"
        value={text}
        onChange={(event) => search.set(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          search.step(event.shiftKey ? -1 : 1);
        }}
      />
      <span className="soft numeric logs-count" role="status">
        {text === "" ? "" : none ? "none" : `${at === null ? "" : `${found.indexOf(at) + 1} of `}${found.length}`}
      </span>
      <ActionIcon variant="subtle" color="gray" aria-label="Previous line with it" title="Previous" disabled={none} onClick={() => search.step(-1)}>
        <IconChevronUp size={16} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Next line with it" title="Next" disabled={none} onClick={() => search.step(1)}>
        <IconChevronDown size={16} />
      </ActionIcon>
    </div>
  );
}

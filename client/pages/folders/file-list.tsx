/**
 * The entries of a directory, of which only those on the screen exist as elements: a hundred thousand scroll like ten. One
 * element has the focus and says which row is meant (aria-activedescendant), so a row that scrolls away takes no focus along.
 */
import "./file-list.css";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from "react";
import { FileRow } from "./file-row.tsx";
import { FilesHead, type FileSort } from "./files-head.tsx";
import type { Entries, FileItem, Listing } from "./listing.ts";
import { chooseAll, chooseNone, extendTo, indexAt, moveTo, toggle, type Selection } from "./selection.ts";

export type FileAction = "open" | "rename" | "delete" | "up" | "filter";
export type FileListProps = {
  readonly folderId: string;
  readonly label: string;
  readonly listing: Listing;
  readonly entries: Entries;
  readonly sort: FileSort;
  readonly onSort: (sort: FileSort) => void;
  readonly selection: Selection;
  readonly onSelection: (change: (before: Selection) => Selection) => void;
  readonly onVisible: (first: number, last: number) => void;
  readonly onAction: (action: FileAction, file: FileItem | null) => void;
  readonly onMenu: (file: FileItem, x: number, y: number) => void;
};

const rowHeight = 40;
const actionOf: Readonly<Record<string, FileAction>> = { Enter: "open", F2: "rename", Delete: "delete", Backspace: "up", "/": "filter" };

export function FileList(props: FileListProps): ReactElement {
  const { folderId, label, listing, entries, sort, onSort, selection, onSelection, onVisible, onAction, onMenu } = props;
  const { files, total } = entries;
  const id = useId();
  const rows = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  // oxlint-disable-next-line react/incompatible-library -- nothing of it is given to a memoized component
  const virtualizer = useWindowVirtualizer({
    count: total,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: margin,
    // The frame's bar and the head of the list stand above the rows, the rail of a phone or the uploads below.
    scrollPaddingStart: 100,
    scrollPaddingEnd: 72,
  });
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  const at = indexAt(selection, files);

  // What stands above may have become higher with any rendering; the same number again ends it.
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- without a list on purpose
  useLayoutEffect(() => {
    if (rows.current !== null) setMargin(rows.current.getBoundingClientRect().top + scrollY);
  });
  // In braces: in new browsers it returns a promise, which is no way to end an effect.
  useLayoutEffect(() => {
    scrollTo(0, listing.scrollTop);
  }, [listing]);
  const keepPlace = useEffectEvent(() => {
    listing.scrollTop = scrollY;
  });
  useEffect(() => {
    const keep = (): void => keepPlace();
    addEventListener("scroll", keep, { passive: true });
    return () => removeEventListener("scroll", keep);
  }, []);
  useEffect(() => onVisible(first, last), [onVisible, first, last, files]);

  const go = (index: number, extending: boolean): void => {
    const to = Math.max(0, Math.min(index, files.length - 1));
    onSelection((before) => (extending ? extendTo(before, files, to) : moveTo(before, files, to)));
    virtualizer.scrollToIndex(to);
  };
  const keys = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(innerHeight / rowHeight) - 4);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: files.length - 1,
    };
    const move = event.altKey ? undefined : moves[event.key];
    const action = actionOf[event.key];
    if (move !== undefined) go(move, event.shiftKey);
    else if (event.altKey && event.key === "ArrowUp") onAction("up", null);
    else if (event.key === " ") onSelection((before) => toggle(before, files, at));
    else if (event.key === "Escape") onSelection(chooseNone);
    else if ((event.ctrlKey || event.metaKey) && event.key === "a")
      void listing.want(total).then(() => onSelection((s) => chooseAll(s, listing.get().files)));
    else if (action !== undefined && !event.ctrlKey && !event.metaKey) onAction(action, files[at] ?? null);
    else return;
    event.preventDefault();
  };
  const click = (event: MouseEvent<HTMLElement>): void => {
    const target = event.target as HTMLElement;
    const index = Number(target.closest<HTMLElement>("[data-index]")?.dataset["index"] ?? -1);
    const file = files[index];
    if (file === undefined) return;
    const part = target.closest<HTMLElement>("[data-part]");
    onSelection((before) => moveTo(before, files, index));
    if (part?.dataset["part"] === "menu") {
      const { right, bottom } = part.getBoundingClientRect();
      return onMenu(file, right, bottom);
    }
    if (part?.dataset["part"] === "open" && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      event.currentTarget.focus({ preventScroll: true });
      return onAction("open", file);
    }
    if (part !== null && part.dataset["part"] !== "choose") return;
    event.currentTarget.focus({ preventScroll: true });
    onSelection((before) => (event.shiftKey ? extendTo(before, files, index) : toggle(before, files, index)));
  };
  const menu = (event: MouseEvent<HTMLElement>): void => {
    const index = Number((event.target as HTMLElement).closest<HTMLElement>("[data-index]")?.dataset["index"] ?? -1);
    const file = files[index];
    if (file === undefined) return;
    event.preventDefault();
    onSelection((before) => moveTo(before, files, index));
    onMenu(file, event.clientX, event.clientY);
  };

  return (
    <div
      role="grid"
      className="panel files"
      aria-label={label}
      aria-multiselectable
      aria-rowcount={total + 1}
      aria-activedescendant={at === -1 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={keys}
      onClick={click}
      onContextMenu={menu}
      onFocus={(event) => {
        if (event.target === event.currentTarget && at === -1) onSelection((before) => moveTo(before, files, 0));
      }}
    >
      <FilesHead
        sort={sort}
        onSort={onSort}
        all={entries.isComplete && files.length > 0 && files.every(({ name }) => selection.chosen.has(name))}
        some={selection.chosen.size > 0}
        onAll={(all) =>
          all ? void listing.want(total).then(() => onSelection((before) => chooseAll(before, listing.get().files))) : onSelection(chooseNone)
        }
      />
      <div role="rowgroup" ref={rows} style={{ position: "relative", height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const file = files[index];
          const top = start - margin;
          return file === undefined ? (
            <div key={`#${index}`} role="row" aria-rowindex={index + 2} className="file unread" style={{ transform: `translateY(${top}px)` }}>
              <span role="gridcell" aria-label="Not read yet" />
            </div>
          ) : (
            <FileRow
              key={file.name}
              file={file}
              folderId={folderId}
              index={index}
              id={`${id}-${index}`}
              top={top}
              chosen={selection.chosen.has(file.name)}
              isAt={index === at}
            />
          );
        })}
      </div>
    </div>
  );
}

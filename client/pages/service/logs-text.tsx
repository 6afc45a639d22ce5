/** The lines themselves. It stays at the end while it follows; scrolling up stops that, scrolling to the end begins it again. */
import { memo, useLayoutEffect, useRef, type ReactElement, type ReactNode } from "react";
import { shownOf, type LogBlock, type LogLines } from "./logs-lines.ts";
import type { Search } from "./logs-search.ts";

type LogsTextProps = {
  readonly lines: LogLines;
  readonly search: Search;
  readonly wrapped: boolean;
  readonly follows: boolean;
  readonly onFollow: (follows: boolean) => void;
};

const endPixels = 24;

export function LogsText({ lines, search, wrapped, follows, onFollow }: LogsTextProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  // After every rendering: what is new makes it longer, and so does wrapping.
  useLayoutEffect(() => {
    if (follows && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  });
  useLayoutEffect(() => {
    if (search.at !== null) box.current?.querySelector(`[data-line="${search.at}"]`)?.scrollIntoView({ block: "center" });
  }, [search.at]);
  const scrolled = (): void => {
    if (box.current === null) return;
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const isUp = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < endPixels;
    if (isAtEnd && !follows && !isUp && search.at === null) onFollow(true);
    else if (!isAtEnd && isUp && follows) onFollow(false);
  };
  return (
    <div ref={box} className="logs-text" data-wrapped={wrapped} role="log" aria-live="off" aria-label="Log" tabIndex={0} onScroll={scrolled}>
      {lines.blocks.map((block) => (
        <Block key={block.key} block={block} search={search.text} at={block.lines.some(({ key }) => key === search.at) ? search.at : null} />
      ))}
    </div>
  );
}

type BlockProps = { readonly block: LogBlock; readonly search: string; readonly at: number | null };

const Block = memo(function Block({ block, search, at }: BlockProps): ReactElement {
  return (
    <div>
      {block.lines.map(({ key, kind, text }) =>
        kind === "NOTE" ? (
          <div key={key} className="logs-note">
            {text}
          </div>
        ) : (
          <div key={key} data-line={key} aria-current={key === at ? "true" : undefined}>
            {marked(shownOf(text), search)}
            {"\n"}
          </div>
        ),
      )}
    </div>
  );
});

function marked(text: string, search: string): ReactNode {
  if (search === "") return text;
  const [lower, wanted] = [text.toLowerCase(), search.toLowerCase()];
  // A few letters are longer in lower case: then its places are not those of the text.
  if (lower.length !== text.length) return text;
  const parts: ReactNode[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}

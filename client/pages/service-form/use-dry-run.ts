/**
 * What the server says that what is typed would come to: asked when typing has paused, and again every few seconds while somebody looks,
 * because what is free changes. What it said last stays until there is another answer, so that nothing jumps while somebody types.
 */
import { useDebouncedValue } from "@mantine/hooks";
import { useCallback, useState } from "react";
import { useAnswer } from "../../connection/answer.ts";
import { useRepeating } from "../../connection/fresh.ts";
import type { TypedDocumentString } from "../../gql/graphql.ts";

const pauseMs = 400;
const everyMs = 5_000;

export type DryRun<Data, Input> = {
  /** The last answer, and what it was about. */
  readonly known: { readonly data: Data; readonly input: Input } | undefined;
  /** It is about just what is typed. */
  readonly isCurrent: boolean;
  /** Why there is no newer one. */
  readonly problem: string | null;
};

/**
 * @param input null: there is nothing to ask
 * @param since another text: what is there has changed
 */
export function useDryRun<Data, Input extends object>(
  document: TypedDocumentString<Data, { input: Input }>,
  input: Input | null,
  since = "",
): DryRun<Data, Input> {
  const now = JSON.stringify(input);
  const [settled] = useDebouncedValue(now, pauseMs);
  const [times, setTimes] = useState(0);
  useRepeating(
    useCallback(async () => setTimes((before) => before + 1), []),
    everyMs,
  );
  const asked = JSON.parse(settled) as Input | null;
  const { data, problem } = useAnswer(document, { input: asked ?? ({} as Input) }, `${since} ${times}`, { pause: asked === null });
  const [last, setLast] = useState<{ readonly data: Data; readonly input: Input; readonly about: string }>();
  if (data !== undefined && asked !== null && last?.data !== data) setLast({ data, input: asked, about: settled });
  return { known: last, isCurrent: input !== null && last?.about === now, problem };
}

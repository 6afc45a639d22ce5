/** What the server says a change would come to: asked when typing has paused, and only what can be asked at all. */
import { useDebouncedValue } from "@mantine/hooks";
import { useAnswer } from "../../connection/answer.ts";
import { CheckModificationDocument, type CheckModificationQuery, type ModifyServiceInput } from "../../gql/graphql.ts";

const pauseMs = 400;

export type ModificationCheck = CheckModificationQuery["checkModification"];

/** @param input null: there is nothing to ask. Undefined comes back while the answer for just this is not known. */
export function useModificationCheck(input: ModifyServiceInput | null, since: string): ModificationCheck | undefined {
  const now = JSON.stringify(input);
  const [settled] = useDebouncedValue(now, pauseMs);
  const asked = JSON.parse(settled) as ModifyServiceInput | null;
  const { data, isNewest } = useAnswer(CheckModificationDocument, { input: asked ?? { id: "" } }, since, { pause: asked === null });
  return input === null || settled !== now || !isNewest ? undefined : data?.checkModification;
}

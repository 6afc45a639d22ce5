/** Others are told that it is none of theirs. */
import type { ReactElement, ReactNode } from "react";
import { useReading } from "../../connection/operations.ts";
import { ViewerDocument } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";

export function ForAdministrators({ children }: { readonly children: ReactNode }): ReactNode {
  const { data } = useReading(ViewerDocument, {});
  if (data === undefined) return null;
  return data.viewer.role === "ADMIN" ? children : refused;
}

const refused: ReactElement = <Blank title="Only for administrators" text="These settings concern everybody’s services." />;

/** One subscription to the list for as long as one is signed in: the list is there at once on coming back to its page. */
import { createContext, useContext, useState, type ReactElement, type ReactNode } from "react";
import { explain, useWatching } from "../../connection/operations.ts";
import { ServiceListDocument } from "../../gql/graphql.ts";
import { applyChange, nothingYet, type ServiceList } from "./service-list.ts";

/** `problem`: why the list is not live at the moment, though the connection may be. */
type WatchedList = ServiceList & { readonly problem: string | null };

const Context = createContext<WatchedList>({ ...nothingYet, problem: null });

export function ServiceListProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [list, setList] = useState(nothingYet);
  const error = useWatching(ServiceListDocument, {}, ({ services }) => setList((before) => applyChange(before, services)));
  return <Context value={{ ...list, problem: error === undefined ? null : explain(error) }}>{children}</Context>;
}

export const useServiceList = (): WatchedList => useContext(Context);

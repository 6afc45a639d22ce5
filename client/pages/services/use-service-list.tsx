/** One subscription to the list for as long as one is signed in: the list is there at once on coming back to its page. */
import { createContext, useContext, useState, type ReactElement, type ReactNode } from "react";
import { useWatching } from "../../connection/operations.ts";
import { ServiceListDocument } from "../../gql/graphql.ts";
import { applyChange, nothingYet, type ServiceList } from "./service-list.ts";

const Context = createContext<ServiceList>(nothingYet);

export function ServiceListProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [list, setList] = useState(nothingYet);
  useWatching(ServiceListDocument, {}, ({ services }) => setList((before) => applyChange(before, services)));
  return <Context value={list}>{children}</Context>;
}

export const useServiceList = (): ServiceList => useContext(Context);

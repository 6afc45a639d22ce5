/** Routes that have ended, to be unfolded: when, what kept them from serving last, and what they wrote. */
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronRight } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { useAnswer } from "../../connection/answer.ts";
import { EndedRoutesDocument, type EndedRouteItemFragment } from "../../gql/graphql.ts";
import { Ago } from "../../parts/time.tsx";
import { LogsButton } from "./logs-button.tsx";
import { shortId } from "./short-id.ts";

type EndedRoutesProps = {
  readonly serviceId: string;
  /** Another text: something has happened. */
  readonly newestEvent: string;
  readonly onLogs: (route: { readonly id: string; readonly members: number }) => void;
};

/** Many events come together. */
const gatherMs = 200;

export function EndedRoutes({ serviceId, newestEvent, onLogs }: EndedRoutesProps): ReactElement {
  const [opened, setOpened] = useState(false);
  const [since] = useDebouncedValue(newestEvent, gatherMs);
  const { data } = useAnswer(EndedRoutesDocument, { id: serviceId }, since, { pause: !opened });
  return (
    <div className="ended">
      <button type="button" className="fold" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <IconChevronRight size={16} aria-hidden />
        Ended routes
      </button>
      {opened && <List routes={data?.service?.endedRoutes} onLogs={onLogs} />}
    </div>
  );
}

type ListProps = Pick<EndedRoutesProps, "onLogs"> & { readonly routes: readonly EndedRouteItemFragment[] | undefined };

function List({ routes, onLogs }: ListProps): ReactElement {
  if (routes === undefined) return <p className="soft">Not known yet.</p>;
  if (routes.length === 0) return <p className="soft">None has ended yet.</p>;
  return (
    <table className="table" aria-label="Ended routes">
      <thead>
        <tr>
          <th scope="col">Route</th>
          <th scope="col" className="middle">
            Last error
          </th>
          <th scope="col" className="number">
            Revision
          </th>
          <th scope="col" className="number">
            Ended
          </th>
        </tr>
      </thead>
      <tbody>
        {routes.map(({ id, failure, terminatedAt, revision }) => (
          <tr key={id}>
            <td>
              <span className="line" style={{ "--gap": "4px" }}>
                <code title={id}>{shortId(id)}</code>
                <LogsButton routeId={id} onOpen={() => onLogs({ id, members: revision.clusterSize })} />
              </span>
            </td>
            <td className="middle" style={{ overflowWrap: "anywhere" }}>
              {failure?.message}
            </td>
            <td className="number">{revision.number}</td>
            <td className="number">{terminatedAt !== null && <Ago at={terminatedAt} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

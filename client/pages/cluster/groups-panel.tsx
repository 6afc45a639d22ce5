/** Resource groups: how many machines each has, what of them is free, and, for administrators, making, changing and deleting them. */
import { Button, Menu } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import type { ClusterSubscription, NodeItemFragment, ResourceGroupItemFragment } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { Changed } from "../../parts/changed.tsx";
import { MoreMenu } from "../../parts/more-menu.tsx";
import { amount } from "./amount.ts";
import { DeleteGroupDialog } from "./delete-group-dialog.tsx";
import { GroupDialog, type EditedGroup } from "./group-dialog.tsx";
import { allowanceInWords, ruleInWords } from "./group-words.ts";

type Group = ClusterSubscription["cluster"]["groups"][number];

type GroupsPanelProps = { readonly groups: readonly Group[]; readonly nodes: readonly NodeItemFragment[]; readonly canChange: boolean };

export function GroupsPanel({ groups, nodes, canChange }: GroupsPanelProps): ReactElement {
  const [edited, setEdited] = useState<EditedGroup | null>(null);
  const [deleting, setDeleting] = useState<ResourceGroupItemFragment | null>(null);
  return (
    <section className="panel" aria-labelledby="groups">
      <header>
        <h2 id="groups">Resource groups</h2>
        {canChange && (
          <Button variant="default" size="compact-md" leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
            Add group
          </Button>
        )}
      </header>
      {groups.length === 0 ? (
        <Blank title="No resource group" text="A resource group says on which nodes services may run. Until there is one, none can be started." />
      ) : (
        <table className="table" aria-label="Resource groups">
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col" className="number middle">
                Nodes that take work
              </th>
              <th scope="col" className="number middle">
                Free CPU
              </th>
              <th scope="col" className="number middle">
                Free memory
              </th>
              <th scope="col" className="number middle">
                Free accelerators
              </th>
              {canChange && (
                <th scope="col" className="number">
                  <span className="unseen">Control</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {groups.map((group, place) => (
              <Row
                key={group.resourceGroup.id}
                group={group}
                isDefault={place === 0}
                menu={
                  canChange && (
                    <GroupMenu
                      name={group.resourceGroup.name}
                      onModify={() => setEdited(group.resourceGroup)}
                      onDelete={() => setDeleting(group.resourceGroup)}
                    />
                  )
                }
              />
            ))}
          </tbody>
        </table>
      )}
      <GroupDialog edited={edited} nodes={nodes} onClose={() => setEdited(null)} />
      <DeleteGroupDialog group={deleting} groups={groups.map(({ resourceGroup }) => resourceGroup)} onClose={() => setDeleting(null)} />
    </section>
  );
}

type RowProps = { readonly group: Group; readonly isDefault: boolean; readonly menu: ReactElement | false };

function Row({ group: { resourceGroup, usage }, isDefault, menu }: RowProps): ReactElement {
  const nodes = `${usage.eligibleNodes} of ${usage.nodes}`;
  const accelerators = usage.accelerators.map(({ name, count, free }) => `${free} of ${count} ${name}`);
  const cpu = `${amount(usage.cpu.free)} of ${amount(usage.cpu.total)}`;
  const memory = `${amount(usage.memoryGiB.free)} of ${amount(usage.memoryGiB.total)} GiB`;
  const allowance = allowanceInWords(resourceGroup);
  return (
    <tr>
      <td style={{ overflowWrap: "anywhere" }}>
        <span style={{ fontWeight: 500 }}>{resourceGroup.name}</span>
        <div className="soft group-small">{[ruleInWords(resourceGroup), ...(isDefault ? ["services get it that name none"] : [])].join(" · ")}</div>
        {allowance !== "" && <div className="soft group-small">{allowance}</div>}
        <div className="narrow soft numeric group-small">
          {usage.nodes === 0 ? "no nodes" : `free on ${nodes} nodes: ${[`${cpu} cores`, memory, ...accelerators].join(", ")}`}
        </div>
      </td>
      <td className="number middle">
        <Changed value={nodes}>{nodes}</Changed>
      </td>
      <td className="number middle unbroken">
        <Changed value={usage.cpu.free}>{cpu}</Changed>
      </td>
      <td className="number middle unbroken">
        <Changed value={usage.memoryGiB.free}>{memory}</Changed>
      </td>
      <td className="number middle">
        {accelerators.length === 0 ? (
          <span className="soft">None</span>
        ) : (
          accelerators.map((one) => (
            <div key={one} className="unbroken">
              {one}
            </div>
          ))
        )}
      </td>
      {menu !== false && <td className="number">{menu}</td>}
    </tr>
  );
}

const look = { size: 16, stroke: 1.5 };

type GroupMenuProps = { readonly name: string; readonly onModify: () => void; readonly onDelete: () => void };

const GroupMenu = ({ name, onModify, onDelete }: GroupMenuProps): ReactElement => (
  <MoreMenu name={name} width={160}>
    <Menu.Item leftSection={<IconPencil {...look} />} onClick={onModify}>
      Modify
    </Menu.Item>
    <Menu.Item leftSection={<IconTrash {...look} />} onClick={onDelete}>
      Delete
    </Menu.Item>
  </MoreMenu>
);

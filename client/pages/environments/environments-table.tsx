/** Versions of environments, those of a runtime together. */
import { Menu } from "@mantine/core";
import { IconCopy, IconPencil, IconStar, IconTrash } from "@tabler/icons-react";
import type { ReactElement } from "react";
import type { EnvironmentItemFragment } from "../../gql/graphql.ts";
import { allOf } from "../../parts/listed.ts";
import { MoreMenu } from "../../parts/more-menu.tsx";
import { resourcesInWords } from "../../parts/resources-in-words.ts";

type EnvironmentsTableProps = {
  readonly environments: readonly EnvironmentItemFragment[];
  readonly onModify: (environment: EnvironmentItemFragment) => void;
  readonly onCopy: (environment: EnvironmentItemFragment) => void;
  readonly onDefault: (environment: EnvironmentItemFragment) => void;
  readonly onDelete: (environment: EnvironmentItemFragment) => void;
};

export function EnvironmentsTable({ environments, ...actions }: EnvironmentsTableProps): ReactElement {
  return (
    <div className="panel">
      <table className="table environments" aria-label="Environments">
        <thead>
          <tr>
            <th scope="col">Environment</th>
            <th scope="col" className="middle">
              Needs at least
            </th>
            <th scope="col" className="wide">
              Usually gets
            </th>
            <th scope="col" className="wide">
              Start command
            </th>
            <th scope="col" className="number">
              Services
            </th>
            <th scope="col" className="number">
              <span className="unseen">Control</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {environments.map((environment) => (
            <Row key={environment.id} environment={environment} {...actions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = Omit<EnvironmentsTableProps, "environments"> & { readonly environment: EnvironmentItemFragment };

function Row({ environment, ...actions }: RowProps): ReactElement {
  const { name, image, isolated, runAs, readOnlyRoot, isDefault, needs, usualResources, defaultService, serviceCount } = environment;
  const needed = allOf(resourcesInWords(needs));
  return (
    <tr>
      <td>
        <b>{name}</b> {isDefault && <span className="soft">default</span>}
        <span className="soft image">{image === null ? "The machine’s own programs" : <code>{image}</code>}</span>
        {(isolated || runAs !== null || readOnlyRoot) && <span className="soft image">{confinementInWords(environment)}</span>}
        {needed !== "" && <span className="soft narrow">Needs {needed}</span>}
      </td>
      <td className="middle">{needed || <span className="soft">Nothing</span>}</td>
      <td className="wide">{allOf(resourcesInWords(usualResources))}</td>
      <td className="wide">
        {defaultService === null ? (
          <span className="soft">None: the folder has to say it</span>
        ) : (
          <>
            <code className="start-command" title={defaultService.startCommand}>
              {defaultService.startCommand}
            </code>
            <span className="soft">
              Port <span className="numeric">{defaultService.port}</span>
              {defaultService.healthPath !== null && (
                <>
                  , <code>{defaultService.healthPath}</code>
                </>
              )}
            </span>
          </>
        )}
      </td>
      <td className="number">{serviceCount}</td>
      <td className="number">
        <EnvironmentMenu environment={environment} {...actions} />
      </td>
    </tr>
  );
}

function confinementInWords({ isolated, runAs, readOnlyRoot }: EnvironmentItemFragment): string {
  const user = runAs === null ? [] : [`runs as ${runAs}`];
  const words = allOf([...(isolated ? ["isolated"] : []), ...(readOnlyRoot ? ["read-only root"] : []), ...user]);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const look = { size: 16, stroke: 1.5 };

function EnvironmentMenu({ environment, onModify, onCopy, onDefault, onDelete }: RowProps): ReactElement {
  return (
    <MoreMenu name={environment.name} width={240}>
      <Menu.Item leftSection={<IconPencil {...look} />} onClick={() => onModify(environment)}>
        Modify
      </Menu.Item>
      <Menu.Item leftSection={<IconCopy {...look} />} onClick={() => onCopy(environment)}>
        Add another version
      </Menu.Item>
      {!environment.isDefault && (
        <Menu.Item leftSection={<IconStar {...look} />} onClick={() => onDefault(environment)}>
          Make it the default
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconTrash {...look} />} onClick={() => onDelete(environment)}>
        Delete
      </Menu.Item>
    </MoreMenu>
  );
}

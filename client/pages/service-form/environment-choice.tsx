/** What it runs in: a version of the catalogue, with what that needs and usually gets; or an image of one's own, where the group allows it. */
import { Button, Select, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import type { EnvironmentChoiceFragment, ServiceChoicesQuery } from "../../gql/graphql.ts";
import { allOf } from "../../parts/listed.ts";
import { resourcesInWords } from "../../parts/resources-in-words.ts";
import { stayInField } from "./list.tsx";
import { allowedIn } from "./offered.ts";
import type { ServiceValues } from "./values.ts";

type EnvironmentChoiceProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  readonly choices: ServiceChoicesQuery | undefined;
  readonly environment: EnvironmentChoiceFragment | undefined;
  readonly group: ServiceChoicesQuery["resourceGroups"][number] | undefined;
};

export function EnvironmentChoice({ form, choices, environment, group }: EnvironmentChoiceProps): ReactElement {
  const { image } = form.values;
  const isOwn = image !== "";
  const all = choices?.environments ?? [];
  const allowed = allowedIn(group, all);
  // What is chosen already is shown also where it is refused.
  const offered = all.filter((one) => one === environment || allowed.includes(one));
  return (
    <>
      <Select
        label="Environment"
        data={byRuntime(offered)}
        searchable={offered.length > 7}
        {...form.getInputProps("environmentId")}
        value={environment?.id ?? null}
      />
      {environment !== undefined && <About environment={environment} isOwn={isOwn} form={form} />}
      {(group?.ownImages === true || isOwn) && (
        <TextInput
          label="Image of your own"
          description="In place of the environment’s; then only the resource group says what a route may have"
          placeholder={environment?.image ?? "registry.example.com/team/model:1"}
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } }}
          {...form.getInputProps("image")}
        />
      )}
    </>
  );
}

type AboutProps = { readonly environment: EnvironmentChoiceFragment; readonly isOwn: boolean; readonly form: UseFormReturnType<ServiceValues> };

function About({ environment, isOwn, form }: AboutProps): ReactElement {
  const { image, needs, usualResources: usual } = environment;
  const needed = resourcesInWords(needs);
  const take = () => {
    const { cpu, memoryGiB, sharedMemoryGiB, accelerators } = usual;
    form.setValues({ cpu, memoryGiB, sharedMemoryGiB, accelerators: accelerators.map(({ name, count }) => ({ name, count })) });
  };
  return (
    <div className="soft" style={{ overflowWrap: "anywhere" }}>
      {image !== null && !isOwn && (
        <p>
          <code>{image}</code>
        </p>
      )}
      <p>
        {needed.length > 0 && !isOwn && `Each route needs at least ${allOf(needed)}. `}
        Usually it gets {allOf(resourcesInWords(usual))}.{" "}
        {!isSame(form.values, usual) && (
          <Button variant="transparent" size="compact-xs" px={0} onMouseDown={stayInField} onClick={take}>
            Take what is usual
          </Button>
        )}
      </p>
    </div>
  );
}

/** Also where nothing is typed: then it is what is usual. */
const isSame = ({ cpu, memoryGiB, sharedMemoryGiB, accelerators }: ServiceValues, usual: EnvironmentChoiceFragment["usualResources"]): boolean =>
  [
    [cpu, usual.cpu],
    [memoryGiB, usual.memoryGiB],
    [sharedMemoryGiB, usual.sharedMemoryGiB],
  ].every(([typed, amount]) => typed === "" || typed === amount) &&
  (accelerators.length === 0 || JSON.stringify(accelerators) === JSON.stringify(usual.accelerators.map(({ name, count }) => ({ name, count }))));

/** Versions of a runtime stand together. One that is there only once stands alone. */
function byRuntime(all: readonly EnvironmentChoiceFragment[]) {
  return [...Map.groupBy(all, ({ runtime }) => runtime)].map(([group, same]) => ({
    group,
    items: same.map(({ id, name }) => ({ value: id, label: name })),
  }));
}

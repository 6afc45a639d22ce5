/** Which machines a resource group takes in: chosen from what there is, or typed for what will come. */
import { Autocomplete, Select, TagsInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { FormItem, FormList } from "../service-form/list.tsx";
import { hasValue, operators, type GroupValues } from "./group-form.ts";
import type { GroupOffers } from "./group-offers.ts";

type GroupRuleFieldsProps = { readonly form: UseFormReturnType<GroupValues>; readonly offers: GroupOffers };

const mono = { input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } };
const atOnce = { transitionProps: { duration: 0 } };
/** Others can be typed: these are what is mostly asked of machines. */
const attributes = ["${attr.cpu.arch}", "${attr.kernel.name}", "${attr.os.name}", "${node.unique.name}", "${meta.rack}"];

export function GroupRuleFields({ form, offers }: GroupRuleFieldsProps): ReactElement {
  return (
    <>
      <div className="pair">
        <Autocomplete
          label="Node pool"
          description="Nomad’s; all is every one"
          data={[...offers.nodePools]}
          filter={({ options }) => options}
          comboboxProps={atOnce}
          spellCheck={false}
          {...form.getInputProps("nodePool")}
        />
        <Autocomplete
          label="Node class"
          description="Empty: any"
          placeholder={offers.nodeClasses.length === 0 ? "No node has one" : "Any"}
          data={[...offers.nodeClasses]}
          filter={({ options }) => options}
          comboboxProps={atOnce}
          spellCheck={false}
          {...form.getInputProps("nodeClass")}
        />
      </div>
      <TagsInput
        label="Datacenters"
        description="None: all. * stands for anything, as in eu-*"
        placeholder={form.values.datacenters.length === 0 ? "All" : ""}
        data={[...offers.datacenters]}
        splitChars={[",", " "]}
        comboboxProps={atOnce}
        {...form.getInputProps("datacenters")}
      />
      <FormList
        title="Further constraints"
        about="What must be so of a node besides, in Nomad’s words."
        error={form.errors["constraints"]}
        addLabel="Add a constraint"
        onAdd={() => form.insertListItem("constraints", { attribute: "", operator: "=", value: "" })}
      >
        {form.values.constraints.map(({ attribute, operator }, index) => (
          <FormItem
            key={index}
            name={`constraint ${attribute === "" ? index + 1 : attribute}`}
            onRemove={() => form.removeListItem("constraints", index)}
          >
            <Autocomplete
              aria-label={`Attribute of constraint ${index + 1}`}
              placeholder="${attr.cpu.arch}"
              data={attributes}
              filter={({ options }) => options}
              comboboxProps={atOnce}
              spellCheck={false}
              styles={mono}
              {...form.getInputProps(`constraints.${index}.attribute`)}
            />
            {/* It brings a hidden field along, which is no cell of the row. */}
            <div>
              <Select
                aria-label={`Operator of constraint ${index + 1}`}
                data={operators}
                styles={mono}
                {...form.getInputProps(`constraints.${index}.operator`)}
              />
            </div>
            <TextInput
              aria-label={`Value of constraint ${index + 1}`}
              placeholder={hasValue(operator) ? "amd64" : "None"}
              disabled={!hasValue(operator)}
              autoComplete="off"
              spellCheck={false}
              styles={mono}
              {...form.getInputProps(`constraints.${index}.value`)}
            />
          </FormItem>
        ))}
      </FormList>
    </>
  );
}

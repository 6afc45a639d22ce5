/** Makes a version of an environment, or changes one. Another version of the same begins as a copy of it. */
import { Button, Modal, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange, useReading } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { AcceleratorKindsDocument, CreateEnvironmentDocument, ModifyEnvironmentDocument, type EnvironmentItemFragment } from "../../gql/graphql.ts";
import { acceleratorNames } from "../../parts/accelerator-names.ts";
import { Notice } from "../../parts/notice.tsx";
import { AmountFields } from "./amount-fields.tsx";
import { ConfinementFields } from "./confinement-fields.tsx";
import { changesOf, fieldsOf, inputOf, untouched, valuesOf, type EnvironmentValues } from "./environment-form.ts";

/** `from`: what a new one is like. */
export type Edited =
  | { readonly kind: "new"; readonly from: EnvironmentItemFragment | null }
  | { readonly kind: "old"; readonly one: EnvironmentItemFragment };

type EnvironmentDialogProps = { readonly edited: Edited | null; readonly onClose: () => void; readonly onChanged: () => void };

export function EnvironmentDialog({ edited, onClose, onChanged }: EnvironmentDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  const title = edited?.kind === "old" ? `Modify ${edited.one.name}` : "Add an environment";
  return (
    <Modal opened={edited !== null} onClose={onClose} title={<b>{title}</b>} size={680} fullScreen={narrow} closeOnClickOutside={false}>
      {edited !== null && <Content edited={edited} onClose={onClose} onChanged={onChanged} />}
    </Modal>
  );
}

const mono = { input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } };

type ContentProps = EnvironmentDialogProps & { readonly edited: Edited };

function Content({ edited, onClose, onChanged }: ContentProps): ReactElement {
  const change = useChange();
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<EnvironmentValues>({ initialValues: initial(edited) });
  const there = useReading(AcceleratorKindsDocument, {}).data;
  const machines = there?.resourceGroups.flatMap(({ nodes }) => nodes ?? []) ?? [];
  const kinds = acceleratorNames(machines.flatMap(({ accelerators }) => accelerators.map(({ name }) => name)));

  const save = async (values: EnvironmentValues) => {
    setBusy(true);
    const fields = fieldsOf(values);
    const known = Object.keys(fields);
    const outcome = await (
      edited.kind === "old"
        ? change(ModifyEnvironmentDocument, { input: { id: edited.one.id, ...changesOf(valuesOf(edited.one), values) } }).then((data) =>
            outcomeOf(data.modifyEnvironment, "ModifyEnvironmentSuccess", known),
          )
        : change(CreateEnvironmentDocument, { input: inputOf(values) }).then((data) =>
            outcomeOf(data.createEnvironment, "CreateEnvironmentSuccess", known),
          )
    ).catch(unreachable);
    setBusy(false);
    if (outcome.ok) {
      notifications.show({ message: `${outcome.value.environment.name} was saved.` });
      onChanged();
      return onClose();
    }
    const errors = Object.fromEntries(Object.entries(outcome.fields).map(([path, text]) => [fields[path] ?? path, text]));
    form.setErrors(errors);
    form.getInputNode(Object.keys(errors)[0] ?? "")?.focus();
    setMessage(outcome.message);
  };

  return (
    <form className="stack environment-form" noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      <Notice tone="red">{message}</Notice>
      <div className="pair">
        <TextInput label="Runtime" placeholder="vLLM" autoComplete="off" data-autofocus {...form.getInputProps("runtime")} />
        <TextInput label="Version" placeholder="Empty where there is only one" autoComplete="off" {...form.getInputProps("version")} />
      </div>
      <TextInput
        label="Image"
        description="Empty: the programs of the machine itself. Another image than services run is another version."
        placeholder="registry.example.com/team/model:1"
        autoComplete="off"
        spellCheck={false}
        styles={mono}
        {...form.getInputProps("image")}
      />
      <ConfinementFields form={form} />
      <Textarea
        label="Start command"
        description="How a folder is served that does not say it itself; empty: not at all. For the image’s shell, with $MODEL_PATH, $MODEL_NAME, $PORT and $SERAI_ACCELERATOR_COUNT."
        placeholder='exec serve "$MODEL_PATH" --port "$PORT"'
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        styles={mono}
        {...form.getInputProps("startCommand")}
      />
      {form.values.startCommand.trim() !== "" && (
        <div className="pair">
          <NumberInput label="Port" min={1} max={65_535} allowDecimal={false} {...form.getInputProps("port")} />
          <TextInput
            label="Health check path"
            placeholder="Empty: an accepted connection is enough"
            spellCheck={false}
            styles={mono}
            {...form.getInputProps("healthPath")}
          />
        </div>
      )}
      <AmountFields
        form={form}
        of="needs"
        title="Needs at least"
        about="A route with less is refused."
        acceleratorNames={kinds}
        unset={{ cpu: "Nothing", memoryGiB: "Nothing" }}
      />
      <AmountFields
        form={form}
        of="usual"
        title="Usually gets"
        about="What a route is given where nothing is said."
        acceleratorNames={kinds}
        unset={{ cpu: "0.1", memoryGiB: "0.125" }}
      />
      {edited.kind === "old" && (edited.one.serviceCount ?? 0) > 0 && (
        <p className="soft">Services that are in it keep what they were made with, until they are modified.</p>
      )}
      <div className="form-foot">
        <div className="line" style={{ justifyContent: "flex-end" }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            {edited.kind === "old" ? "Save" : "Add"}
          </Button>
        </div>
      </div>
    </form>
  );
}

const initial = (edited: Edited): EnvironmentValues =>
  edited.kind === "old" ? valuesOf(edited.one) : edited.from === null ? untouched : { ...valuesOf(edited.from), version: "" };

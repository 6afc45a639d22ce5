/** Makes a resource group, or changes one, and says meanwhile which machines it would have. */
import "../service-form/service-form.css";
import { Button, Modal, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange, useReading } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import {
  CreateResourceGroupDocument,
  EnvironmentNamesDocument,
  ModifyResourceGroupDocument,
  type NodeItemFragment,
  type ResourceGroupItemFragment,
} from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { useRefusedName } from "../../parts/refused-name.ts";
import { GroupAllowanceFields } from "./group-allowance-fields.tsx";
import { askedOf, changesOf, fieldsOf, inputOf, untouched, validateGroup, valuesOf, type GroupValues } from "./group-form.ts";
import { GroupMatch } from "./group-match.tsx";
import { offersOf } from "./group-offers.ts";
import { GroupRuleFields } from "./group-rule-fields.tsx";

/** "new": one that is not there yet. */
export type EditedGroup = ResourceGroupItemFragment | "new";

type GroupDialogProps = { readonly edited: EditedGroup | null; readonly nodes: readonly NodeItemFragment[]; readonly onClose: () => void };

export function GroupDialog({ edited, nodes, onClose }: GroupDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  const title = edited === null || edited === "new" ? "Add a resource group" : `Modify ${edited.name}`;
  return (
    <Modal opened={edited !== null} onClose={onClose} title={<b>{title}</b>} size={680} fullScreen={narrow} closeOnClickOutside={false}>
      {edited !== null && <Content before={edited === "new" ? null : edited} nodes={nodes} onClose={onClose} />}
    </Modal>
  );
}

type ContentProps = Omit<GroupDialogProps, "edited"> & { readonly before: ResourceGroupItemFragment | null };

function Content({ before, nodes, onClose }: ContentProps): ReactElement {
  const change = useChange();
  const { data } = useReading(EnvironmentNamesDocument, {});
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // As it was when the dialog was opened: what somebody else changes meanwhile is not undone by saving this.
  const [was] = useState(before === null ? untouched : valuesOf(before));
  const form = useForm<GroupValues>({ initialValues: was, validate: validateGroup, validateInputOnBlur: true });
  const refusedName = useRefusedName(form);
  const offers = offersOf(nodes);
  const known = data?.environments ?? [];
  // Deleted ones that the group still names.
  const gone = (before?.environments ?? []).filter(({ id }) => data !== undefined && known.every((one) => one.id !== id));

  const save = async (values: GroupValues) => {
    setBusy(true);
    const fields = fieldsOf(values);
    const paths = Object.keys(fields);
    const outcome = await (
      before === null
        ? change(CreateResourceGroupDocument, { input: inputOf(values) }).then((answer) =>
            outcomeOf(answer.createResourceGroup, "CreateResourceGroupSuccess", paths),
          )
        : change(ModifyResourceGroupDocument, { input: { id: before.id, ...changesOf(was, values) } }).then((answer) =>
            outcomeOf(answer.modifyResourceGroup, "ModifyResourceGroupSuccess", paths),
          )
    ).catch(unreachable);
    setBusy(false);
    if (!outcome.ok) return setMessage(refusedName.show(outcome, fields));
    const { name } = outcome.value.resourceGroup;
    notifications.show({ message: before === null ? `${name} was added.` : `${name} was saved. It counts from the next start of each session on.` });
    onClose();
  };

  return (
    <form className="stack group-form" noValidate onSubmit={form.onSubmit((values) => void save(values), refusedName.goToFirst)}>
      <Notice tone="red">{message}</Notice>
      <TextInput label="Name" description="As whoever starts a service chooses it" autoComplete="off" data-autofocus {...refusedName.input} />
      <GroupRuleFields form={form} offers={offers} />
      <GroupAllowanceFields form={form} environments={[...known, ...gone]} acceleratorNames={offers.acceleratorNames} />
      <div className="form-foot">
        <GroupMatch rule={askedOf(form.values)} />
        <div className="line" style={{ justifyContent: "flex-end" }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            {before === null ? "Add" : "Save"}
          </Button>
        </div>
      </div>
    </form>
  );
}

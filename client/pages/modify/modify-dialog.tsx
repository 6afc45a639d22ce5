/** "Modify": the form of a service with what it has now, and what will change before it is done. Closing loses nothing. */
import { Button, Modal } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMediaQuery } from "@mantine/hooks";
import { useState, type ReactElement } from "react";
import { useChange, useReading } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CheckModificationDocument, ModifyServiceDocument, ServiceChoicesDocument } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { useRefusedName } from "../../parts/refused-name.ts";
import { ServiceFields } from "../service-form/fields.tsx";
import { FormFoot } from "../service-form/form-foot.tsx";
import { stayInField } from "../service-form/list.tsx";
import { isReadyToTry } from "../service-form/ready-to-try.ts";
import { sessionOf, TrialRun } from "../service-form/trial-run.tsx";
import { useCheck } from "../service-form/use-check.ts";
import { unfinished, validate } from "../service-form/validate.ts";
import { fieldsOf, type ServiceValues } from "../service-form/values.ts";
import type { ServiceDetail } from "../service/service-detail.ts";
import { dropDraft, keepDraft, readDraft } from "./draft.ts";
import { changedKeys, changesOf, inputOf, makesRevision, valuesOf, withPresent } from "./modification.ts";
import { WhatWillChange } from "./what-will-change.tsx";

type ModifyDialogProps = { readonly opened: boolean; readonly service: ServiceDetail; readonly onClose: () => void };

export function ModifyDialog({ opened, service, onClose }: ModifyDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Modify {service.name}</b>} size={820} fullScreen={narrow} closeOnClickOutside={false}>
      {opened && <ModifyForm service={service} onClose={onClose} />}
    </Modal>
  );
}

function ModifyForm({ service, onClose }: Omit<ModifyDialogProps, "opened">): ReactElement {
  const change = useChange();
  const { data, error, again } = useReading(ServiceChoicesDocument, {});
  const choices = withPresent(data, service);
  // As it was when the form was opened: what somebody else changes meanwhile is none of what was changed here.
  const [before] = useState(() => valuesOf(service));
  const form = useForm<ServiceValues>({
    initialValues: readDraft(service.id, before),
    validate,
    validateInputOnBlur: true,
    onValuesChange: (values) => keepDraft(service.id, before, values),
  });
  const { values } = form;
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const name = useRefusedName(form);
  const isChanged = changedKeys(before, values).length > 0;
  const input = { id: service.id, ...inputOf(before, values) };
  const isAsked = isChanged && form.isValid();
  const checked = useCheck({
    document: CheckModificationDocument,
    checkOf: (answer) => answer.checkModification,
    form,
    input,
    isAsked,
    since: service.revision.id,
  });
  const fields = fieldsOf(values);
  const isOutdated = changedKeys(before, valuesOf(service)).length > 0;

  const modify = async () => {
    setBusy(true);
    const outcome = await change(ModifyServiceDocument, { input })
      .then((answer) => outcomeOf(answer.modifyService, "ModifyServiceSuccess", Object.keys(fields)))
      .catch(unreachable);
    setBusy(false);
    if (!outcome.ok) return setMessage(name.show(outcome, fields));
    dropDraft(service.id);
    onClose();
  };

  return (
    <form onSubmit={form.onSubmit(() => void modify(), name.goToFirst)} noValidate>
      <div className="service-form">
        <div className="stack">
          <Notice tone="red">{message ?? (error === undefined ? null : "Folders and resource groups could not be read.")}</Notice>
          <Notice tone="amber">{isOutdated ? "The service was modified meanwhile. Only what you change here is changed." : null}</Notice>
          <ServiceFields form={checked.form} values={values} name={name.input} choices={choices} definitionOf={null} onFolderCreated={again} />
        </div>
        <WhatWillChange
          changes={changesOf(before, values, choices)}
          makesRevision={makesRevision(before, values)}
          checked={checked}
          folderId={values.folderId ?? service.revision.folder.id}
        />
      </div>
      <TrialRun
        input={{ ...sessionOf(input), serviceId: service.id }}
        about="What serves is not touched."
        isReady={() => isReadyToTry(form, name.goToFirst)}
        show={(refused) => name.show(refused, fields)}
      />
      <FormFoot
        checked={checked}
        isInPlace={checked.check?.way === "IN_PLACE"}
        unasked={isAsked ? null : isChanged ? unfinished : "Nothing is changed yet."}
      >
        <div className="line apart" style={{ flexWrap: "wrap" }}>
          <Button variant="subtle" color="gray" disabled={!isChanged} onClick={() => form.setValues(structuredClone(before))}>
            Discard changes
          </Button>
          <div className="line" style={{ marginInlineStart: "auto" }}>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={busy} disabled={!isChanged} onMouseDown={stayInField}>
              Modify
            </Button>
          </div>
        </div>
      </FormFoot>
    </form>
  );
}

/** "Start service": name and folder are enough. Closing loses nothing; after success the page of the new service opens. */
import { Button, Modal } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useEffectEvent, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { useChange, useReading } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CheckServiceDocument, CreateServiceDocument, ServiceChoicesDocument } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { useRefusedName } from "../../parts/refused-name.ts";
import { ServiceFields } from "../service-form/fields.tsx";
import { FormFoot } from "../service-form/form-foot.tsx";
import { stayInField } from "../service-form/list.tsx";
import { isReadyToTry } from "../service-form/ready-to-try.ts";
import { sessionOf, TrialRun } from "../service-form/trial-run.tsx";
import { useCheck } from "../service-form/use-check.ts";
import { unfinished, validate } from "../service-form/validate.ts";
import { fieldsOf, untouched, withDefaults, type ServiceValues } from "../service-form/values.ts";
import { toInput } from "./create-input.ts";
import { forecast } from "./forecast.ts";
import { dropDraft, keepDraft, readDraft, serviceNameFor } from "./draft.ts";
import { WhatWillHappen } from "./what-will-happen.tsx";

type StartDialogProps = {
  readonly opened: boolean;
  /** Chosen at once; null: the one that was chosen before, or none. */
  readonly folderId: string | null;
  readonly onClose: () => void;
};

export function StartDialog({ opened, folderId, onClose }: StartDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Start service</b>} size={820} fullScreen={narrow} closeOnClickOutside={false}>
      {opened && <StartForm key={folderId} folderId={folderId} onClose={onClose} />}
    </Modal>
  );
}

const unchosen = "Choose a model folder, and it is said here whether there is room for it.";

function StartForm({ folderId, onClose }: Omit<StartDialogProps, "opened">): ReactElement {
  const [, navigate] = useLocation();
  const change = useChange();
  const { data: choices, error, again } = useReading(ServiceChoicesDocument, {});
  const [draft] = useState(() => ({ ...readDraft(), ...(folderId !== null && { folderId }) }));
  const form = useForm<ServiceValues>({
    initialValues: draft,
    validate,
    validateInputOnBlur: true,
    onValuesChange: keepDraft,
  });
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const values = withDefaults(form.values, choices);
  const name = useRefusedName(form);
  const folderName = choices?.folders.edges.find(({ node }) => node.id === values.folderId)?.node.name;
  const suggestName = useEffectEvent((suggested: string) => {
    if (!form.values.isNameTyped) form.setFieldValue("name", suggested);
  });
  useEffect(() => {
    if (folderName !== undefined) suggestName(serviceNameFor(folderName));
  }, [folderName]);

  const input = toInput(values);
  const isAsked = values.folderId !== null && form.isValid();
  const checked = useCheck({ document: CheckServiceDocument, checkOf: (data) => data.checkService, form, input, isAsked });
  const { steps, lack } = forecast(values, choices);
  const fields = fieldsOf(values);

  const start = async () => {
    setBusy(true);
    const outcome = await change(CreateServiceDocument, { input })
      .then((data) => outcomeOf(data.createService, "CreateServiceSuccess", Object.keys(fields)))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) {
      dropDraft();
      navigate(`/services/${outcome.value.service.id}`);
      return;
    }
    setMessage(name.show(outcome, fields));
  };

  return (
    <form onSubmit={form.onSubmit(() => void start(), name.goToFirst)} noValidate>
      <div className="service-form">
        <div className="stack">
          <Notice tone="red">{message ?? (error === undefined ? null : "Folders and resource groups could not be read.")}</Notice>
          <ServiceFields
            form={checked.form}
            values={values}
            name={name.input}
            choices={choices}
            definitionOf={values.folderId}
            onFolderCreated={again}
          />
        </div>
        <WhatWillHappen steps={steps} />
      </div>
      <TrialRun
        input={sessionOf(input)}
        about="No service is made."
        isReady={() => isReadyToTry(form, name.goToFirst)}
        show={(refused) => name.show(refused, fields)}
      />
      <FormFoot checked={checked} unasked={isAsked ? null : values.folderId === null ? unchosen : unfinished} lack={lack}>
        <div className="line apart" style={{ flexWrap: "wrap" }}>
          <Button variant="subtle" color="gray" onClick={() => form.setValues(untouched)}>
            Clear what I typed
          </Button>
          <div className="line" style={{ marginInlineStart: "auto" }}>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={busy} onMouseDown={stayInField}>
              Start
            </Button>
          </div>
        </div>
      </FormFoot>
    </form>
  );
}

/** The fields that a folder is made with and changed by. */
import { Input, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";

type FieldProps = { readonly value?: unknown; readonly onChange: (value: unknown) => void; readonly error?: ReactNode };
type FolderFieldsProps = {
  readonly name: FieldProps;
  readonly permission: FieldProps;
  readonly quotaGiB: FieldProps;
  /** What stands after the name. */
  readonly between?: ReactNode;
};

export function FolderFields({ name, permission, quotaGiB, between }: FolderFieldsProps): ReactElement {
  return (
    <>
      <TextInput
        label="Folder name"
        description="Letters, digits, dots, hyphens and underscores"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...(name as object)}
      />
      {between}
      <Input.Wrapper
        label="Permission"
        description="What sessions that mount it may do with its files; a host environment cannot hold them to it"
        labelElement="div"
      >
        <SegmentedControl
          fullWidth
          mt={4}
          aria-label="Permission"
          data={[
            { value: "READ_WRITE", label: "Read and write" },
            { value: "READ_ONLY", label: "Read only" },
          ]}
          {...(permission as object)}
        />
      </Input.Wrapper>
      <NumberInput
        label="Quota"
        description="GiB that may be put into it; empty for no limit"
        placeholder="No quota"
        min={0}
        {...(quotaGiB as object)}
      />
    </>
  );
}

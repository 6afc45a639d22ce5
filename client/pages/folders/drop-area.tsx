/** The whole page takes files and directories that are dropped on it, and says where they will go while they hover. */
import { useEffect, useEffectEvent, useState, type ReactElement, type ReactNode } from "react";
import type { UploadTarget } from "../../uploads/job.ts";
import { addUploads } from "../../uploads/queue.ts";
import { dropped } from "../../uploads/dropped.ts";

export function DropArea({ target, children }: { readonly target: UploadTarget; readonly children: ReactNode }): ReactElement {
  const [over, setOver] = useState(false);
  const take = useEffectEvent((transfer: DataTransfer) => addUploads(target, dropped(transfer)));
  useEffect(() => {
    // Every element on the way tells that it is entered and left: the page is left when as many left as entered.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const stay = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "copy";
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      take(event.dataTransfer);
    };
    addEventListener("dragenter", enter);
    addEventListener("dragleave", leave);
    addEventListener("dragover", stay);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("dragover", stay);
      removeEventListener("drop", drop);
    };
  }, []);
  return (
    <>
      {children}
      {over && (
        <div className="dropping" aria-hidden>
          <div>
            Drop to upload into <b>{target.directory === "" ? target.folderName : target.directory}</b>
          </div>
        </div>
      )}
    </>
  );
}

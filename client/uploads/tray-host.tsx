/** Stands above the pages, the sign-in page as well: uploads are shown wherever one is. What shows them is loaded with the first. */
import { Suspense, useEffect, type ReactElement } from "react";
import { lazyPart } from "../parts/lazy-part.tsx";
import { useHasUploads } from "./use-uploads.ts";

const UploadTray = lazyPart(() => import("./tray.tsx"));

export function TrayHost(): ReactElement | null {
  const hasUploads = useHasUploads();
  useEffect(() => {
    // A file that is dropped where nothing takes it would be opened in place of the console.
    const refuse = (event: DragEvent): void => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    };
    addEventListener("dragover", refuse);
    addEventListener("drop", refuse);
    return () => {
      removeEventListener("dragover", refuse);
      removeEventListener("drop", refuse);
    };
  }, []);
  return hasUploads ? (
    <Suspense fallback={null}>
      <UploadTray />
    </Suspense>
  ) : null;
}

/** The uploads, for components: all of them, or only what changes rarely. */
import { useSyncExternalStore } from "react";
import { finishedIn, getOwnIds, getUploads, subscribe, type Uploads } from "./ledger.ts";

export const useUploads = (): Uploads => useSyncExternalStore(subscribe, getUploads);
export const useOwnUploadIds = (): ReadonlySet<string> => useSyncExternalStore(subscribe, getOwnIds);
export const useFinishedUploads = (folderId: string): number => useSyncExternalStore(subscribe, () => finishedIn(folderId));
export const useHasUploads = (): boolean => useSyncExternalStore(subscribe, () => getUploads().files > 0);

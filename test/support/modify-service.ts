/** A wish for a service as it is written without a user who asks: what control is to notice. */
import type { ProjectId, ServiceId } from "../../server/model/ids.ts";
import { inTransaction, type Database } from "../../server/store/database.ts";
import { writeWish } from "../../server/store/modify-service.ts";
import { lockService, type ServiceRow } from "../../server/store/services.ts";

export async function modifyService(
  database: Database,
  projectId: ProjectId,
  id: ServiceId,
  change: Partial<Pick<ServiceRow, "name" | "openToPublic" | "desiredRouteCount" | "terminationGraceSeconds" | "rolloutPolicy">>,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockService(tx, projectId, id);
    await writeWish(tx, id, change);
  });
}

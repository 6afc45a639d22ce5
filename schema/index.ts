/** The schema: every noun's file adds itself to the builder. */
import { builder } from "./builder.ts";
import "./environment.ts";
import "./file-wish.ts";
import "./file.ts";
import "./folder-use.ts";
import "./folder-wish.ts";
import "./folder.ts";
import "./installation.ts";
import "./launch.ts";
import "./log.ts";
import "./model-definition.ts";
import "./resource-group-wish.ts";
import "./resource-group.ts";
import "./revision-difference.ts";
import "./rollout-wish.ts";
import "./route-event.ts";
import "./service-check.ts";
import "./service-live.ts";
import "./service-wish.ts";
import "./service.ts";
import "./token.ts";
import "./upload.ts";
import "./validation-wish.ts";
import "./validation.ts";
import "./viewer.ts";
import "./why.ts";

export const schema = builder.toSchema();

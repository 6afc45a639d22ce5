CREATE TABLE "controllers" (
	"holder" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollouts" (
	"id" text PRIMARY KEY NOT NULL,
	"service_id" text NOT NULL,
	"kind" text NOT NULL,
	"from_revision_id" text NOT NULL,
	"from_restarted_at" timestamp (3) with time zone,
	"to_revision_id" text NOT NULL,
	"policy" jsonb NOT NULL,
	"mode" text DEFAULT 'SURGE' NOT NULL,
	"status" text DEFAULT 'ROLLING' NOT NULL,
	"step" integer DEFAULT 0 NOT NULL,
	"step_at" timestamp (3) with time zone,
	"promoted" boolean DEFAULT false NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"failure" jsonb,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "rollouts_kind" CHECK ("rollouts"."kind" in ('MODIFY', 'ROLLBACK', 'RESTART')),
	CONSTRAINT "rollouts_mode" CHECK ("rollouts"."mode" in ('SURGE', 'IN_PLACE')),
	CONSTRAINT "rollouts_status" CHECK ("rollouts"."status" in ('ROLLING', 'REVERTING', 'COMPLETED', 'REVERTED', 'SUPERSEDED')),
	CONSTRAINT "rollouts_ended" CHECK (("rollouts"."status" in ('ROLLING', 'REVERTING')) = ("rollouts"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "validations" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"created_by" text NOT NULL,
	"name" text,
	"service_id" text,
	"shard" integer NOT NULL,
	"folder_id" text NOT NULL,
	"environment_id" text NOT NULL,
	"resource_group_id" text NOT NULL,
	"resources" jsonb NOT NULL,
	"mounts" jsonb NOT NULL,
	"model_read_only" boolean NOT NULL,
	"variables" jsonb NOT NULL,
	"definition" jsonb,
	"definition_problems" jsonb NOT NULL,
	"definition_hash" text,
	"time_limit_seconds" integer NOT NULL,
	"session_id" text NOT NULL,
	"status" text NOT NULL,
	"verdict" text,
	"status_reason" text NOT NULL,
	"cancelling_at" timestamp (3) with time zone,
	"node" text,
	"attempt" text,
	"launch_events" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"failure" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "validations_session_id_unique" UNIQUE("session_id"),
	CONSTRAINT "validations_shard" CHECK ("validations"."shard" between 0 and 63),
	CONSTRAINT "validations_time_limit" CHECK ("validations"."time_limit_seconds" between 1 and 86400),
	CONSTRAINT "validations_status" CHECK ("validations"."status" in ('PENDING', 'RUNNING', 'CLEANING_UP', 'PASSED', 'FAILED', 'CANCELLED')),
	CONSTRAINT "validations_verdict" CHECK (("validations"."verdict" is null) = ("validations"."status" in ('PENDING', 'RUNNING'))),
	CONSTRAINT "validations_final" CHECK ("validations"."status" in ('PENDING', 'RUNNING', 'CLEANING_UP') or "validations"."status" = "validations"."verdict"),
	CONSTRAINT "validations_ended" CHECK (("validations"."status" in ('PENDING', 'RUNNING', 'CLEANING_UP')) = ("validations"."ended_at" is null)),
	CONSTRAINT "validations_failure" CHECK (("validations"."failure" is not null) = (coalesce("validations"."verdict", '') = 'FAILED'))
);
--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "database_identity" text;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "orphans_waiting" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "orphans_confirmed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "route_events" ADD COLUMN "failure" jsonb;--> statement-breakpoint
ALTER TABLE "routes" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "routes" ADD COLUMN "predecessor_id" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "stable_revision_id" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "restarted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "rollout_policy" jsonb DEFAULT '{"maxSurge":1,"maxUnavailable":0,"steps":[],"promote":"AUTO"}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "notice" text;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "hold_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_from_revision_id_revisions_id_fk" FOREIGN KEY ("from_revision_id") REFERENCES "public"."revisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_to_revision_id_revisions_id_fk" FOREIGN KEY ("to_revision_id") REFERENCES "public"."revisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_folder_id_folders_id_fk" FOREIGN KEY ("folder_id") REFERENCES "public"."folders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_resource_group_id_resource_groups_id_fk" FOREIGN KEY ("resource_group_id") REFERENCES "public"."resource_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "rollouts_live" ON "rollouts" USING btree ("service_id") WHERE "rollouts"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "rollouts_service" ON "rollouts" USING btree ("service_id","created_at");--> statement-breakpoint
CREATE INDEX "validations_live" ON "validations" USING btree ("shard") WHERE "validations"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "validations_ended" ON "validations" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "validations_project_created" ON "validations" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "route_events_errors" ON "route_events" USING btree ("service_id","id") WHERE "route_events"."kind" in ('FAILURE', 'CLEARED');
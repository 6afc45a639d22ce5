CREATE SEQUENCE "public"."change_version" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "environments" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"image" text,
	"default_service" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "environments_name_unique" UNIQUE("name"),
	CONSTRAINT "environments_image" CHECK (("environments"."kind" = 'CONTAINER') = ("environments"."image" is not null))
);
--> statement-breakpoint
CREATE TABLE "folders" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"created_by" text NOT NULL,
	"name" text NOT NULL,
	"usage" text NOT NULL,
	"permission" text DEFAULT 'READ_WRITE' NOT NULL,
	"quota_bytes" bigint,
	"definition_hash" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"purged_at" timestamp (3) with time zone,
	CONSTRAINT "folders_permission" CHECK ("folders"."permission" in ('READ_WRITE', 'READ_ONLY')),
	CONSTRAINT "folders_quota" CHECK ("folders"."quota_bytes" >= 0),
	CONSTRAINT "folders_purged" CHECK ("folders"."purged_at" is null or "folders"."deleted_at" is not null),
	CONSTRAINT "folders_usage" CHECK ("folders"."usage" in ('GENERAL', 'MODEL'))
);
--> statement-breakpoint
CREATE TABLE "gateways" (
	"id" text PRIMARY KEY NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"idle_draining_routes" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"seeded_at" timestamp (3) with time zone,
	CONSTRAINT "installation_only_one" CHECK ("installation"."only")
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"shard" integer PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"epoch" bigint NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "projects_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "resource_groups" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"node_pool" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "resource_groups_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "revisions" (
	"id" text PRIMARY KEY NOT NULL,
	"service_id" text NOT NULL,
	"number" integer NOT NULL,
	"folder_id" text NOT NULL,
	"environment_id" text NOT NULL,
	"resource_group_id" text NOT NULL,
	"resources" jsonb NOT NULL,
	"mounts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"model_read_only" boolean DEFAULT false NOT NULL,
	"variables" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"definition" jsonb,
	"definition_problems" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"definition_hash" text,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "revisions_definition" CHECK (("revisions"."definition" is null) = (jsonb_array_length("revisions"."definition_problems") > 0))
);
--> statement-breakpoint
CREATE TABLE "route_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"service_id" text NOT NULL,
	"route_id" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"status" text,
	"message" text NOT NULL,
	"key" text,
	"repeats" integer DEFAULT 0 NOT NULL,
	"last_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"action" jsonb,
	"user_id" text
);
--> statement-breakpoint
CREATE TABLE "routes" (
	"id" text PRIMARY KEY NOT NULL,
	"service_id" text NOT NULL,
	"revision_id" text NOT NULL,
	"session_id" text NOT NULL,
	"status" text NOT NULL,
	"status_reason" text DEFAULT '' NOT NULL,
	"status_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"node" text,
	"host" text,
	"port" integer,
	"attempt" text,
	"probe_failures" integer DEFAULT 0 NOT NULL,
	"restarts" integer DEFAULT 0 NOT NULL,
	"restarting" boolean DEFAULT false NOT NULL,
	"retry_at" timestamp (3) with time zone,
	"retry_now" boolean DEFAULT false NOT NULL,
	"failure" jsonb,
	"judged_exit_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"terminated_at" timestamp (3) with time zone,
	CONSTRAINT "routes_session_id_unique" UNIQUE("session_id"),
	CONSTRAINT "routes_status" CHECK ("routes"."status" in ('PENDING', 'SCHEDULING', 'PREPARING', 'WARMING_UP', 'HEALTHY', 'UNHEALTHY', 'BACKING_OFF', 'DRAINING', 'TERMINATED')),
	CONSTRAINT "routes_terminated" CHECK (("routes"."status" = 'TERMINATED') = ("routes"."terminated_at" is not null)),
	CONSTRAINT "routes_healthy_address" CHECK ("routes"."status" <> 'HEALTHY' or ("routes"."host" is not null and "routes"."port" is not null))
);
--> statement-breakpoint
CREATE TABLE "services" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"created_by" text NOT NULL,
	"name" text NOT NULL,
	"shard" integer NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"open_to_public" boolean NOT NULL,
	"desired_route_count" integer NOT NULL,
	"termination_grace_seconds" integer DEFAULT 30 NOT NULL,
	"revision_id" text,
	"endpoint_port" integer,
	"endpoint_host" text,
	"endpoint" text NOT NULL,
	"status" text NOT NULL,
	"status_reason" text NOT NULL,
	"failure" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"terminating_at" timestamp (3) with time zone,
	"terminated_at" timestamp (3) with time zone,
	CONSTRAINT "services_one_address" CHECK (("services"."endpoint_port" is null) <> ("services"."endpoint_host" is null)),
	CONSTRAINT "services_count" CHECK ("services"."desired_route_count" between 0 and 1000),
	CONSTRAINT "services_grace" CHECK ("services"."termination_grace_seconds" between 0 and 86400),
	CONSTRAINT "services_shard" CHECK ("services"."shard" between 0 and 63),
	CONSTRAINT "services_status" CHECK ("services"."status" in ('PROVISIONING', 'HEALTHY', 'DEGRADED', 'UNHEALTHY', 'STOPPED', 'TERMINATING', 'TERMINATED'))
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" text NOT NULL,
	"private_key_encrypted" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"service_id" text NOT NULL,
	"project_id" text NOT NULL,
	"created_by" text NOT NULL,
	"name" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"created_by" text NOT NULL,
	"folder_id" text NOT NULL,
	"path" text NOT NULL,
	"size" bigint NOT NULL,
	"metadata" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"lock_holder" text,
	"lock_until" timestamp (3) with time zone,
	"lock_wanted" boolean DEFAULT false NOT NULL,
	CONSTRAINT "uploads_size" CHECK ("uploads"."size" >= 0)
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"project_id" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_name_unique" UNIQUE("name"),
	CONSTRAINT "users_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "users_role" CHECK ("users"."role" in ('ADMIN', 'MEMBER'))
);
--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_folder_id_folders_id_fk" FOREIGN KEY ("folder_id") REFERENCES "public"."folders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_resource_group_id_resource_groups_id_fk" FOREIGN KEY ("resource_group_id") REFERENCES "public"."resource_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_events" ADD CONSTRAINT "route_events_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_events" ADD CONSTRAINT "route_events_route_id_routes_id_fk" FOREIGN KEY ("route_id") REFERENCES "public"."routes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_events" ADD CONSTRAINT "route_events_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_revision_id_revisions_id_fk" FOREIGN KEY ("revision_id") REFERENCES "public"."revisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_folder_id_folders_id_fk" FOREIGN KEY ("folder_id") REFERENCES "public"."folders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "folders_name" ON "folders" USING btree ("project_id","name") WHERE "folders"."deleted_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "revisions_number" ON "revisions" USING btree ("service_id","number");--> statement-breakpoint
CREATE INDEX "route_events_service" ON "route_events" USING btree ("service_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "route_events_key" ON "route_events" USING btree ("route_id","key");--> statement-breakpoint
CREATE INDEX "routes_live" ON "routes" USING btree ("service_id") WHERE "routes"."terminated_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "services_name" ON "services" USING btree ("project_id","name") WHERE "services"."terminated_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "services_endpoint_port" ON "services" USING btree ("endpoint_port") WHERE "services"."terminated_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "services_endpoint_host" ON "services" USING btree ("endpoint_host") WHERE "services"."terminated_at" is null;--> statement-breakpoint
CREATE INDEX "services_live_shard" ON "services" USING btree ("shard") WHERE "services"."terminated_at" is null;--> statement-breakpoint
CREATE INDEX "services_project_created" ON "services" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "tokens_service" ON "tokens" USING btree ("service_id");--> statement-breakpoint
CREATE INDEX "uploads_folder" ON "uploads" USING btree ("folder_id");--> statement-breakpoint
CREATE INDEX "uploads_expiry" ON "uploads" USING btree ("expires_at");
ALTER TABLE "resource_groups" DROP CONSTRAINT "resource_groups_name_unique";--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "datacenters" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "node_class" text;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "constraints" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "whole_cores" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "environment_ids" jsonb;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "limits" jsonb DEFAULT '{"cpu":null,"memoryGiB":null,"accelerators":null}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "accelerator_names" jsonb;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "resource_groups_name" ON "resource_groups" USING btree ("name") WHERE "resource_groups"."deleted_at" is null;
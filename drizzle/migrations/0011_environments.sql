ALTER TABLE "environments" DROP CONSTRAINT "environments_name_unique";--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "runtime" text;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "version" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "seed" text;--> statement-breakpoint
-- `Python 3.13` is version 3.13 of Python; what Serai has made is not made again.
UPDATE "environments" SET
  "runtime" = regexp_replace("name", ' [0-9][^ ]*$', ''),
  "version" = coalesce(substring("name" from ' ([0-9][^ ]*)$'), ''),
  "seed" = CASE "name" WHEN 'Python 3.13' THEN 'python-3.13' WHEN 'Host' THEN 'host' END;--> statement-breakpoint
ALTER TABLE "environments" ALTER COLUMN "runtime" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" drop column "name";--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "name" text GENERATED ALWAYS AS (trim(runtime || ' ' || version)) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "needs" jsonb DEFAULT '{"cpu":0,"memoryGiB":0,"sharedMemoryGiB":0,"accelerators":[]}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "usual_resources" jsonb DEFAULT '{"cpu":0.1,"memoryGiB":0.125,"sharedMemoryGiB":0,"accelerators":[]}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "is_default" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "resource_groups" ADD COLUMN "own_images" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "revisions" ADD COLUMN "image" text;--> statement-breakpoint
ALTER TABLE "validations" ADD COLUMN "image" text;--> statement-breakpoint
CREATE UNIQUE INDEX "environments_name" ON "environments" USING btree ("name") WHERE "environments"."deleted_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "environments_default" ON "environments" USING btree ("is_default") WHERE "environments"."is_default";--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_seed_unique" UNIQUE("seed");
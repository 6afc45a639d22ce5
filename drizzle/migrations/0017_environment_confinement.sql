ALTER TABLE "environments" ADD COLUMN "isolated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "run_as" text;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "read_only_root" boolean DEFAULT false NOT NULL;
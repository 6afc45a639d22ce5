ALTER TABLE "installation" ADD COLUMN "seeded_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "routes" ADD COLUMN "judged_exit_at" timestamp (3) with time zone;
ALTER TABLE "installation" ADD COLUMN "orphans" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "installation" DROP COLUMN "orphans_waiting";
CREATE TABLE "controllers" (
	"holder" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "database_identity" text;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "orphans_waiting" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "orphans_confirmed_at" timestamp (3) with time zone;
ALTER TABLE "revisions" ADD COLUMN "cluster_mode" text DEFAULT 'SINGLE_NODE' NOT NULL;--> statement-breakpoint
ALTER TABLE "revisions" ADD COLUMN "cluster_size" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "validations" ADD COLUMN "cluster_mode" text DEFAULT 'SINGLE_NODE' NOT NULL;--> statement-breakpoint
ALTER TABLE "validations" ADD COLUMN "cluster_size" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_cluster_mode" CHECK ("revisions"."cluster_mode" in ('SINGLE_NODE', 'MULTI_NODE'));--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_cluster_size" CHECK ("revisions"."cluster_size" >= 1);
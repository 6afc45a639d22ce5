ALTER TABLE "gateways" ADD COLUMN "taken_ports" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "endpoint_problem" text;
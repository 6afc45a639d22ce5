CREATE TABLE "traffic" (
	"service_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"subject" text NOT NULL,
	"gateway_id" text NOT NULL,
	"counts" bigint[] NOT NULL,
	"in_flight" integer NOT NULL,
	"written_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"turn" integer NOT NULL,
	CONSTRAINT "traffic_service_id_at_subject_gateway_id_pk" PRIMARY KEY("service_id","at","subject","gateway_id")
);
--> statement-breakpoint
CREATE INDEX "traffic_at" ON "traffic" USING brin ("at");
CREATE TABLE "image_registries" (
	"id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"username" text NOT NULL,
	"password" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "image_registries_host_unique" UNIQUE("host")
);

CREATE TABLE "node_wishes" (
	"node_id" text PRIMARY KEY NOT NULL,
	"node_name" text NOT NULL,
	"wish" text NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"applied_at" timestamp (3) with time zone,
	"problem" text,
	CONSTRAINT "node_wishes_wish" CHECK ("node_wishes"."wish" in ('ELIGIBLE', 'INELIGIBLE', 'DRAINED'))
);
--> statement-breakpoint
ALTER TABLE "routes" ADD COLUMN "node_id" text;--> statement-breakpoint
ALTER TABLE "node_wishes" ADD CONSTRAINT "node_wishes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Who keeps machines has something to do, and so have the services whose routes are on this one.
create function notify_node_wish() returns trigger language plpgsql as $$
declare
  machine text := coalesce(new.node_id, old.node_id);
  subject text;
begin
  for subject in
    select 'nodes' union select 'service:' || service_id from routes where node_id = machine and terminated_at is null
  loop
    perform pg_notify('serai', nextval('change_version') || ' ' || subject);
  end loop;
  return null;
end $$;
--> statement-breakpoint
create trigger node_wishes_notify after insert or update or delete on node_wishes for each row execute function notify_node_wish();

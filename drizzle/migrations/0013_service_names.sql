CREATE TABLE "service_names" (
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"service_id" text NOT NULL,
	CONSTRAINT "service_names_name" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "aliases" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "allowed_origins" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "service_names" ADD CONSTRAINT "service_names_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "service_names_service" ON "service_names" USING btree ("service_id");--> statement-breakpoint
-- Whoever writes a service, it is called by its names from then on, until it has ended.
create function keep_service_names() returns trigger language plpgsql as $$
begin
  delete from service_names where service_id = new.id;
  if new.terminated_at is null then
    insert into service_names (project_id, name, service_id)
    select distinct new.project_id, name, new.id from (select new.name union all select jsonb_array_elements_text(new.aliases)) as called (name);
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger services_names_kept after insert or update of name, aliases, terminated_at on services for each row execute function keep_service_names();
--> statement-breakpoint
insert into service_names (project_id, name, service_id) select project_id, name, id from services where terminated_at is null;

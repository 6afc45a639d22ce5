create trigger rollouts_notify after insert or update or delete on rollouts for each row execute function notify_change();
--> statement-breakpoint
create function notify_validation() returns trigger language plpgsql as $$
begin
  perform pg_notify('serai', nextval('change_version') || ' validation:' || new.id);
  return null;
end $$;
--> statement-breakpoint
-- That old ones are swept away nobody need know.
create trigger validations_notify after insert or update on validations for each row execute function notify_validation();

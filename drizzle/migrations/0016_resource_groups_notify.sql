-- Whoever looks at the cluster sees a group that was made, changed or deleted at once, and not only when the machines are read the next time.
create function notify_resource_group() returns trigger language plpgsql as $$
begin
  perform pg_notify('serai', nextval('change_version') || ' resource-groups');
  return null;
end $$;
--> statement-breakpoint
create trigger resource_groups_notify after insert or update or delete on resource_groups for each statement execute function notify_resource_group();

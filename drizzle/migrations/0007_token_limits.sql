ALTER TABLE "signing_keys" ADD COLUMN "retires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "concurrent_requests" integer;--> statement-breakpoint
ALTER TABLE "gateways" ADD COLUMN "token_use" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_limits" CHECK ("tokens"."requests_per_minute" > 0 and "tokens"."concurrent_requests" > 0);--> statement-breakpoint
-- Gateways verify by what they have read: a key that is new or retires is news for them.
create function notify_keys() returns trigger language plpgsql as $$
begin
  perform pg_notify('serai', nextval('change_version') || ' keys');
  return null;
end $$;--> statement-breakpoint
create trigger signing_keys_notify after insert or update or delete on signing_keys for each statement execute function notify_keys();

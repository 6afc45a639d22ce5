/** Its name, for the API, which sets it, and the gateway, which keeps it from models. */
export const consoleCookie = "serai_session";
